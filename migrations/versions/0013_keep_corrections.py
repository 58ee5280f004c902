"""Keep corrections, the batches they were made in and proposals beside what was collected"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "run",
        sa.Column(
            "editing",
            postgresql.JSON(),
            server_default="{}",
            nullable=False,
            comment="how many values were corrected and imputed",
        ),
    )
    _create_corrections()
    _create_proposals()


def _create_corrections() -> None:
    op.create_table(
        "correction_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("rule", sa.String(length=100), comment="code of the edit rule that led to it"),
        sa.Column(
            "expression",
            sa.String(length=2000),
            nullable=False,
            comment="of a correction by rule: variable := expression",
        ),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", TIME, server_default=sa.text("now()"), nullable=False),
        _one_of("kind", ("manual", "rule", "proposal", "imputation"), "correction_batch"),
        _one_of(
            "reason",
            ("recontact", "document", "typing", "unit", "consistency", "unusable", "other"),
            "correction_batch",
        ),
        sa.CheckConstraint("reason <> 'other' OR note <> ''", name=op.f("ck_correction_batch_other_has_note")),
        _key("correction_batch", "round_id", "round"),
        _key("correction_batch", "made_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_batch")),
    )
    op.create_index(op.f("ix_correction_batch_round_id"), "correction_batch", ["round_id"])
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level", sa.String(length=200), nullable=False, comment="table: root, or the name of a repeat"
        ),
        sa.Column("instance", sa.Integer(), nullable=False, comment="of a repeat, from 1; 0 at the root"),
        sa.Column("variable", sa.String(length=200), nullable=False),
        sa.Column("old_value", postgresql.JSONB(), comment="as collected; empty: no answer"),
        sa.Column("new_value", postgresql.JSONB(), comment="as used; empty: no answer"),
        sa.Column(
            "follows",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="the questionnaire changed it with another correction",
        ),
        sa.Column("reverted_at", TIME),
        sa.Column("reverted_by_id", sa.Integer()),
        sa.CheckConstraint(
            "reverted_by_id IS NULL OR reverted_at IS NOT NULL", name=op.f("ck_correction_reverted_has_time")
        ),
        sa.CheckConstraint("instance >= 0", name=op.f("ck_correction_instance_counts_from_one")),
        _key("correction", "batch_id", "correction_batch"),
        _key("correction", "round_id", "round"),
        _key("correction", "response_id", "response", "CASCADE"),
        _key("correction", "reverted_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    for column in ("batch_id", "round_id"):
        op.create_index(op.f(f"ix_correction_{column}"), "correction", [column])
    op.create_index(
        "uq_correction_active",
        "correction",
        ["response_id", "level", "instance", "variable"],
        unique=True,
        postgresql_where=sa.text("reverted_at IS NULL"),
    )


def _create_proposals() -> None:
    op.create_table(
        "proposal_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", TIME),
        _one_of("status", ("queued", "running", "done", "failed", "cancelled"), "proposal_search"),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_proposal_search_done_is_a_part")),
        _key("proposal_search", "round_id", "round"),
        _key("proposal_search", "requested_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_search")),
    )
    op.create_index(op.f("ix_proposal_search_round_id"), "proposal_search", ["round_id"])
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("search_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=200), nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("rules", postgresql.JSON(), nullable=False, comment="codes of the rules that the record broke"),
        sa.Column("variables", postgresql.JSON(), nullable=False, comment="what has to change"),
        sa.Column(
            "cost", sa.Float(), nullable=False, comment="sum of the reliabilities of the variables"
        ),
        _one_of("outcome", ("found", "none", "timeout", "unreadable"), "proposal"),
        _key("proposal", "search_id", "proposal_search", "CASCADE"),
        _key("proposal", "response_id", "response", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_search_id"), "proposal", ["search_id"])
    op.create_index("ix_proposal_record", "proposal", ["response_id", "level", "instance"])


def _one_of(column: str, values: tuple[str, ...], table: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}_is_known"))


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    for table in ("proposal", "proposal_search", "correction", "correction_batch"):
        op.drop_table(table)
    op.drop_column("run", "editing")
