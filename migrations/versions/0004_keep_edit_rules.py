"""Keep edit rules with the instrument version, and what they found and why it failed with the run"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = postgresql.JSON(astext_type=sa.Text())
COLUMNS = (
    ("instrument_version", "edits", JSON, "{}", "edits.yaml"),
    ("run", "edits", JSON, "[]", "a record per edit rule: what it found"),
    ("run", "detail", sa.String(length=1000), "", "technical text behind a failure"),
)


def upgrade() -> None:
    for table, name, kind, empty, comment in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=empty, comment=comment))
        op.alter_column(table, name, server_default=None)


def downgrade() -> None:
    for table, name, *_ in COLUMNS:
        op.drop_column(table, name)
