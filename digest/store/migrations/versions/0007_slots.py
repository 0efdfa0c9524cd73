"""Which slot of an issue a paper stands in, and which near-twins share its card.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("issue_papers", sa.Column("slot", sa.Text(), nullable=True))
    op.add_column(
        "issue_papers", sa.Column("also", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )


def downgrade() -> None:
    op.drop_column("issue_papers", "also")
    op.drop_column("issue_papers", "slot")
