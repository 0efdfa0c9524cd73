"""Remember since when papers count again, after a backup was restored.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("subscribers", sa.Column("fresh_from", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("subscribers", "fresh_from")
