"""Release anonymised microdata by two signatures, version by version, each file with its checksum"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

RULES = {
    "status_is_known": "status IN ('draft', 'checked', 'approved', 'published', 'withdrawn')",
    "draft_has_no_signature": "(status = 'draft') = (proposed_by_id IS NULL)"
    " AND (proposed_by_id IS NULL) = (proposed_at IS NULL)",
    "approved_has_signature": "(status IN ('approved', 'published', 'withdrawn')) = (approved_by_id IS NOT NULL)"
    " AND (approved_by_id IS NULL) = (approved_at IS NULL)",
    "four_eyes": "approved_by_id <> proposed_by_id",
    "published_has_time": "(status IN ('published', 'withdrawn')) = (published_at IS NOT NULL)",
    "embargo_is_kept": "embargo_until IS NULL OR (approved_by_id IS NOT NULL"
    " AND (published_at IS NULL OR published_at >= embargo_until))",
    "withdrawn_says_why": "(status = 'withdrawn') = (withdrawn_by_id IS NOT NULL)"
    " AND (withdrawn_by_id IS NULL) = (withdrawn_at IS NULL)"
    " AND (status <> 'withdrawn' OR (reason <> '' AND public_note <> ''))",
    "version_counts_from_one": "version > 0",
    "access_is_known": "access IN ('public', 'terms')",
}


def upgrade() -> None:
    op.create_table(
        "microdata_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False, comment="published run whose weights it has"),
        sa.Column("level", sa.String(64), nullable=False, comment="of design.yaml"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "access", sa.String(10), nullable=False, comment="public: at once; terms: after agreeing to them"
        ),
        _json("plan", "variables with roles and recodes, thresholds"),
        _json("report", "disclosure report: risk before and after"),
        _json("facts", "rows, columns, replicates, figures reproduced"),
        sa.Column("folder", sa.String(500), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        *_sign_off(),
        *(
            sa.CheckConstraint(rule, op.f(f"ck_microdata_release_{name}")) for name, rule in RULES.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], ["user_account.id"], name=op.f(f"fk_microdata_release_{name}_user_account")
            )
            for name in ("made_by_id", "proposed_by_id", "approved_by_id", "withdrawn_by_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_microdata_release_round_id_round")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_microdata_release_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_microdata_release")),
        sa.UniqueConstraint("round_id", "level", "version", name=op.f("uq_microdata_release_round_id_level_version")),
    )
    op.create_table(
        "microdata_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["microdata_release.id"],
            name=op.f("fk_microdata_file_release_id_microdata_release"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_microdata_file")),
        sa.UniqueConstraint("release_id", "name", name=op.f("uq_microdata_file_release_id_name")),
    )


def downgrade() -> None:
    op.drop_table("microdata_file")
    op.drop_table("microdata_release")


def _json(name: str, comment: str) -> sa.Column:
    return sa.Column(name, sa.JSON(), nullable=False, comment=comment)


def _sign_off() -> list[sa.Column]:
    times = ("proposed_at", "approved_at", "published_at", "withdrawn_at")
    people = ("proposed_by_id", "approved_by_id", "withdrawn_by_id")
    return [
        sa.Column("status", sa.String(10), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in times),
        *(sa.Column(name, sa.Integer()) for name in people),
        sa.Column("embargo_until", sa.DateTime(timezone=True), comment="public from then on; empty: at once"),
        sa.Column(
            "reason",
            sa.String(1000),
            nullable=False,
            comment="of what was sent back, put off or withdrawn; for the office only",
        ),
        sa.Column("public_note", sa.String(1000), nullable=False, comment="of a withdrawal, as all may read"),
    ]
