"""Keep the plan of a self-assessment with the instrument version"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column(
        "assessment",
        postgresql.JSON(astext_type=sa.Text()),
        nullable=False,
        server_default="{}",
        comment="assessment.yaml",
    )
    op.add_column("instrument_version", column)
    op.alter_column("instrument_version", "assessment", server_default=None)


def downgrade() -> None:
    op.drop_column("instrument_version", "assessment")
