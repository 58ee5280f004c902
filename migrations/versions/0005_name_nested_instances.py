"""Name the instance of every repeat around a page that was kept as typed, not of one repeat only"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column(
        "unsaved_page",
        "number",
        new_column_name="numbers",
        type_=sa.String(length=60),
        postgresql_using="CASE number WHEN 0 THEN '' ELSE number::text END",
        comment="instance of each repeat around it, from 1: 2.1; empty outside",
        existing_comment="repeat instance from 1; 0 outside repeats",
        existing_nullable=False,
    )


def downgrade() -> None:
    op.execute("DELETE FROM unsaved_page WHERE numbers LIKE '%.%'")  # no form could hold them before
    op.alter_column(
        "unsaved_page",
        "numbers",
        new_column_name="number",
        type_=sa.Integer(),
        postgresql_using="CASE numbers WHEN '' THEN 0 ELSE numbers::integer END",
        comment="repeat instance from 1; 0 outside repeats",
        existing_comment="instance of each repeat around it, from 1: 2.1; empty outside",
        existing_nullable=False,
    )
