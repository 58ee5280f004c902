"""Keep what was typed on a page until it is right, and answers that come after a round closed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unsaved_page",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.String(length=200), nullable=False),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="repeat instance from 1; 0 outside repeats"
        ),
        sa.Column(
            "fields",
            postgresql.JSON(astext_type=sa.Text()),
            nullable=False,
            comment="what each field held, as a list of texts",
        ),
        sa.Column("told", sa.Boolean(), nullable=False, comment="whether the page shows what is wrong"),
        sa.Column(
            "notice",
            sa.String(length=20),
            nullable=False,
            comment="other_tab: another tab saved first",
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_unsaved_page_response_id_response"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("response_id", "page", "number", name=op.f("pk_unsaved_page")),
    )
    op.drop_constraint(op.f("ck_response_status_is_known"), "response", type_="check")
    op.create_check_constraint(
        op.f("ck_response_status_is_known"),
        "response",
        "status IN ('draft', 'complete', 'replaced', 'late')",
    )


def downgrade() -> None:
    op.execute("UPDATE response SET status = 'replaced' WHERE status = 'late'")  # in no figure, as before
    op.drop_constraint(op.f("ck_response_status_is_known"), "response", type_="check")
    op.create_check_constraint(
        op.f("ck_response_status_is_known"), "response", "status IN ('draft', 'complete', 'replaced')"
    )
    op.drop_table("unsaved_page")
