"""Keep what named methods make of an indicator apart from its direct estimates"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KINDS = ("change", "small_area", "opt_in")


def upgrade() -> None:
    op.create_table(
        "method_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("indicator", sa.String(64), nullable=False, comment="code in indicators.yaml"),
        sa.Column("method", sa.String(64), nullable=False, comment="name of the method in the recipe"),
        sa.Column("reason", sa.String(1000), nullable=False, comment="why there is no figure"),
        sa.Column("lines", JSON(), nullable=False, comment="a record per domain"),
        sa.Column("summary", JSON(), nullable=False, comment="diagnostics of the whole"),
        sa.CheckConstraint(
            f"kind IN ({', '.join(map(repr, KINDS))})", name=op.f("ck_method_result_kind_is_known")
        ),
        sa.CheckConstraint(
            "reason = '' OR lines::text = '[]'", name=op.f("ck_method_result_refused_has_no_lines")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_method_result_run_id_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method_result")),
        sa.UniqueConstraint(
            "run_id", "kind", "indicator", name=op.f("uq_method_result_run_id_kind_indicator")
        ),
    )


def downgrade() -> None:
    op.drop_table("method_result")
