"""Sign what goes to the public by two people, also for a later hour; withdraw it; revise it with a public note"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
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
}
BEFORE = {
    "status_is_known": "status IN ('checked', 'published', 'withdrawn')",
    "four_eyes": "published_by_id IS NULL OR published_by_id <> proposed_by_id",
    "published_has_signature": "(status = 'checked') = (published_at IS NULL)"
    " AND (published_at IS NULL) = (published_by_id IS NULL)",
}
# Each figure follows the last one of the same survey, period, indicator and group that was published before it.
FOLLOW = """
UPDATE observation SET replaces_id = followed.before,
    revised = followed.before IS NOT NULL AND observation.obs_value IS DISTINCT FROM followed.value
FROM (SELECT id, lag(id) OVER same AS before, lag(obs_value) OVER same AS value FROM observation
      WINDOW same AS (PARTITION BY survey, time_period, indicator, dimension, level ORDER BY id)) AS followed
WHERE followed.id = observation.id
"""
PEOPLE = ("approved_by_id", "withdrawn_by_id")


def upgrade() -> None:
    _drop_rules(BEFORE)
    op.drop_constraint(op.f("fk_release_published_by_id_user_account"), "release", type_="foreignkey")
    op.alter_column("release", "published_by_id", new_column_name="approved_by_id")
    op.alter_column("release", "proposed_by_id", nullable=True)
    op.alter_column("release", "proposed_at", nullable=True, server_default=None)
    op.alter_column(
        "release", "reason",
        comment="of what was sent back, put off or withdrawn; for the office only",
        existing_comment="of a withdrawal or revision",
    )
    for column in (
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("embargo_until", sa.DateTime(timezone=True), comment="public from then on; empty: at once"),
        sa.Column("withdrawn_by_id", sa.Integer()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        _text("public_note", "of a withdrawal, as all may read"),
        _text("revision_note", "what changed in published figures and why, as all may read"),
        _flag("supersede_newer", "the signer wants it also in place of a newer run's figures"),
    ):
        op.add_column("release", column)
    for name in ("public_note", "revision_note", "supersede_newer"):
        op.alter_column("release", name, server_default=None)
    op.execute("UPDATE release SET approved_at = published_at")
    # Nothing could be withdrawn until now but by hand, which kept neither person nor time.
    op.execute(
        "UPDATE release SET withdrawn_by_id = approved_by_id, withdrawn_at = published_at,"
        " reason = coalesce(nullif(reason, ''), '–'), public_note = coalesce(nullif(reason, ''), '–')"
        " WHERE status = 'withdrawn'"
    )
    for name in PEOPLE:
        op.create_foreign_key(op.f(f"fk_release_{name}_user_account"), "release", "user_account", [name], ["id"])
    for name, rule in RULES.items():
        op.create_check_constraint(op.f(f"ck_release_{name}"), "release", rule)
    _follow()
    op.create_table(
        "reproduction",
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column(
            "difference", sa.Double(), nullable=True,
            comment="greatest relative one of its numbers; empty where the figure did not come out at all",
        ),
        sa.Column("code_version", sa.String(length=64), nullable=False, comment="that computed it again"),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observation.id"], name=op.f("fk_reproduction_observation_id_observation")
        ),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_reproduction")),
    )
    op.create_index(op.f("ix_reproduction_checked_at"), "reproduction", ["checked_at"])


def _follow() -> None:
    op.add_column(
        "observation",
        sa.Column("replaces_id", sa.Integer(), comment="the same figure as it was published before"),
    )
    op.add_column("observation", _flag("revised", "it says something else than what it replaces"))
    op.alter_column("observation", "revised", server_default=None)
    op.alter_column(
        "observation", "current",
        comment="false once a later release supersedes it, or it is withdrawn",
        existing_comment="false once a later release supersedes it",
    )
    op.create_foreign_key(
        op.f("fk_observation_replaces_id_observation"), "observation", "observation", ["replaces_id"], ["id"]
    )
    op.create_index(op.f("ix_observation_replaces_id"), "observation", ["replaces_id"])
    op.execute(FOLLOW)


def downgrade() -> None:
    op.drop_table("reproduction")
    op.drop_index(op.f("ix_observation_replaces_id"), "observation")
    op.drop_constraint(op.f("fk_observation_replaces_id_observation"), "observation", type_="foreignkey")
    op.alter_column("observation", "current", comment="false once a later release supersedes it")
    op.drop_column("observation", "revised")
    op.drop_column("observation", "replaces_id")
    _drop_rules(RULES)
    for name in PEOPLE:
        op.drop_constraint(op.f(f"fk_release_{name}_user_account"), "release", type_="foreignkey")
    op.execute("DELETE FROM release WHERE status = 'draft'")
    op.execute("UPDATE release SET status = 'checked', approved_by_id = NULL WHERE status = 'approved'")
    for name in (
        "supersede_newer", "revision_note", "public_note", "withdrawn_at", "withdrawn_by_id", "embargo_until",
        "approved_at",
    ):
        op.drop_column("release", name)
    op.alter_column("release", "approved_by_id", new_column_name="published_by_id")
    op.alter_column("release", "proposed_by_id", nullable=False)
    op.alter_column("release", "proposed_at", nullable=False, server_default=sa.text("now()"))
    op.alter_column("release", "reason", comment="of a withdrawal or revision")
    op.create_foreign_key(
        op.f("fk_release_published_by_id_user_account"), "release", "user_account", ["published_by_id"], ["id"]
    )
    for name, rule in BEFORE.items():
        op.create_check_constraint(op.f(f"ck_release_{name}"), "release", rule)


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(1000), nullable=False, server_default="", comment=comment)


def _flag(name: str, comment: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false(), comment=comment)


def _drop_rules(rules: dict[str, str]) -> None:
    for name in rules:
        op.drop_constraint(op.f(f"ck_release_{name}"), "release", type_="check")
