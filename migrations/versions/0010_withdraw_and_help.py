"""Let people take answers back, keep what they read before they agreed, and who helped them"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0005"
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


def _replace_check(name: str, rule: str) -> None:
    op.drop_constraint(op.f(f"ck_response_{name}"), "response", type_="check")
    op.create_check_constraint(op.f(f"ck_response_{name}"), "response", rule)


def downgrade() -> None:
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
