"""Attempts by seat: a moving window in place of a fixed one. What was counted counts for an hour at
most, so nothing is carried over."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _replace(sa.Column("seat", sa.Integer(), nullable=False), in_key=True)


def downgrade() -> None:
    _replace(sa.Column("count", sa.Integer(), nullable=False), in_key=False)


def _replace(column: sa.Column[int], *, in_key: bool) -> None:
    op.drop_index(op.f("ix_attempts_until"), table_name="attempts")
    op.drop_table("attempts")
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False),
        column,
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", *(["seat"] * in_key), name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_until"), "attempts", ["until"], unique=False)
