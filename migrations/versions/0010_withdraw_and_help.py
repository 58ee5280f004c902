"""Let people take answers back, keep what they read before they agreed, and who helped them"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATUSES = "status IN ('draft', 'complete', 'replaced', 'late'"


def upgrade() -> None:
    op.add_column(
        "round",
        sa.Column(
            "deidentify_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="what came before it cannot be withdrawn from then on; empty: from the next signing of figures",
        ),
    )
    _keep_consent()
    _allow_withdrawal()
    _keep_help()


def _keep_consent() -> None:
    op.create_table(
        "consent_text",
        sa.Column("instrument_version_id", sa.Integer(), nullable=False),
        sa.Column(
            "language", sa.String(length=10), nullable=False, comment="und: as the device showed it"
        ),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="SHA-256 of the text"),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["instrument_version_id"],
            ["instrument_version.id"],
            name=op.f("fk_consent_text_instrument_version_id_instrument_version"),
        ),
        sa.PrimaryKeyConstraint("instrument_version_id", "language", "hash", name=op.f("pk_consent_text")),
    )
    for column in (
        sa.Column("consent_hash", sa.String(length=64), comment="of the consent text that was read"),
        sa.Column("consent_language", sa.String(length=10), comment="in which it was read; und: unknown"),
        sa.Column("consent_given", sa.Boolean()),
        sa.Column("consented_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("response", column)
    op.create_check_constraint(
        op.f("ck_response_consent_has_time"), "response", "(consent_hash IS NULL) = (consented_at IS NULL)"
    )


def _allow_withdrawal() -> None:
    _replace_check("status_is_known", f"{STATUSES}, 'withdrawn')")
    _replace_check("submitted_has_time", "(status = 'draft') = (submitted_at IS NULL) OR status = 'withdrawn'")
    op.create_check_constraint(
        op.f("ck_response_withdrawn_has_no_answers"),
        "response",
        "status <> 'withdrawn' OR (answers = '{}' AND content_hash IS NULL AND page IS NULL)",
    )
    op.alter_column(
        "response",
        "resume_code",
        existing_type=sa.String(length=12),
        comment="opens a draft, then is the receipt; gone once the round is de-identified",
    )


def _keep_help() -> None:
    op.create_table(
        "helper_team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["user_account.id"], name=op.f("fk_helper_team_issued_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper_team")),
        sa.UniqueConstraint("code", name=op.f("uq_helper_team_code")),
    )
    op.create_table(
        "help_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column(
            "helper_name", sa.String(length=100), nullable=False, comment="as the helper gave it"
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="last sign of life",
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "response_id", sa.Uuid(), nullable=True, comment="the person being helped; empty between two"
        ),
        sa.Column(
            "parting_code",
            sa.String(length=12),
            nullable=True,
            comment="to be written down, then forgotten",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["helper_team.id"], name=op.f("fk_help_session_team_id_helper_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_session")),
    )
    op.create_index(op.f("ix_help_session_team_id"), "help_session", ["team_id"])
    op.add_column(
        "response",
        sa.Column(
            "assisted",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="somebody of a community digital team helped",
        ),
    )
    op.add_column(
        "response",
        sa.Column("help_id", sa.Uuid(), comment="who helped; empty also if the person wished so"),
    )
    op.create_foreign_key(
        op.f("fk_response_help_id_help_session"), "response", "help_session", ["help_id"], ["id"]
    )
    op.create_index(op.f("ix_response_help_id"), "response", ["help_id"])
    op.create_check_constraint(
        op.f("ck_response_helper_has_helped"), "response", "help_id IS NULL OR assisted"
    )


def _replace_check(name: str, rule: str) -> None:
    op.drop_constraint(op.f(f"ck_response_{name}"), "response", type_="check")
    op.create_check_constraint(op.f(f"ck_response_{name}"), "response", rule)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_response_helper_has_helped"), "response", type_="check")
    op.drop_column("response", "help_id")
    op.drop_column("response", "assisted")
    op.drop_table("help_session")
    op.drop_table("helper_team")
    op.alter_column(
        "response",
        "resume_code",
        existing_type=sa.String(length=12),
        comment=None,
        existing_comment="opens a draft, then is the receipt; gone once the round is de-identified",
    )
    op.drop_constraint(op.f("ck_response_withdrawn_has_no_answers"), "response", type_="check")
    # In no figure, as before; what was erased stays erased.
    op.execute(
        "UPDATE response SET status = 'replaced', submitted_at = coalesce(submitted_at, now())"
        " WHERE status = 'withdrawn'"
    )
    _replace_check("status_is_known", f"{STATUSES})")
    _replace_check("submitted_has_time", "(status = 'draft') = (submitted_at IS NULL)")
    op.drop_constraint(op.f("ck_response_consent_has_time"), "response", type_="check")
    for column in ("consented_at", "consent_given", "consent_language", "consent_hash"):
        op.drop_column("response", column)
    op.drop_table("consent_text")
    op.drop_column("round", "deidentify_at")
