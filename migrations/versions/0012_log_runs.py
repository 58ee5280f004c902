"""Keep what happens to a run, and when it was last queued"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = ("requested", "started", "step", "resumed", "cancelled", "retried", "failed", "done")


def upgrade() -> None:
    op.add_column(
        "run",
        sa.Column(
            "queued_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="when it was asked for, or asked for again",
        ),
    )
    op.execute("UPDATE run SET queued_at = requested_at")
    op.add_column(
        "run",
        sa.Column(
            "attempts",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="how often a worker has begun it since then",
        ),
    )
    op.create_table(
        "run_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("step", sa.String(length=200), nullable=False),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="of a step; empty: it goes on, or was cut off",
        ),
        sa.Column("rows", sa.BigInteger(), nullable=True, comment="records that the step worked on"),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True, comment="who did it; empty: the system"),
        sa.CheckConstraint(
            f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name=op.f("ck_run_event_kind_is_known")
        ),
        sa.CheckConstraint(
            "(kind = 'step') = (step <> '')", name=op.f("ck_run_event_step_has_name")
        ),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_run_event_ends_after_it_began")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_run_event_run_id_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_run_event_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_event")),
    )
    op.create_index(op.f("ix_run_event_run_id"), "run_event", ["run_id"])


def downgrade() -> None:
    op.drop_table("run_event")
    op.drop_column("run", "attempts")
    op.drop_column("run", "queued_at")
