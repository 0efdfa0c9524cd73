"""Find what was lately handed over, for whoever limits how much that may be.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index(op.f("ix_deliveries_settled_at"), "deliveries", ["settled_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_settled_at"), table_name="deliveries")
