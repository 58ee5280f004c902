"""Plan a round's invitations; revoked links, contacts, an outbox, files of letters; digests against duplicates"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = postgresql.JSON(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "invitation_plan",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "links_end",
            sa.Date(),
            nullable=True,
            comment="last day on which links work; empty: the round's end",
        ),
        sa.Column("telephone", sa.String(length=60), nullable=False, comment="for questions"),
        sa.Column("privacy_address", sa.String(length=300), nullable=False, comment="of the privacy notice"),
        sa.Column(
            "reminder_gap", sa.Integer(), nullable=False, comment="days between two messages to one case"
        ),
        sa.Column(
            "texts",
            JSON,
            nullable=False,
            comment="own texts by kind.channel.language; others are the house's",
        ),
        sa.CheckConstraint("reminder_gap BETWEEN 1 AND 60", name=op.f("ck_invitation_plan_gap_in_days")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_invitation_plan_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_invitation_plan")),
    )
    op.create_table(
        "letter_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("scope", JSON, nullable=False, comment="which cases: stratum, commune, unanswered"),
        sa.Column(
            "site",
            sa.String(length=300),
            nullable=False,
            comment="address of the service that links begin with",
        ),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'deleted')",
            name=op.f("ck_letter_batch_status_is_known"),
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_letter_batch_progress_is_a_share")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"],
            ["user_account.id"],
            name=op.f("fk_letter_batch_requested_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_letter_batch_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_batch")),
    )
    op.create_index(op.f("ix_letter_batch_round_id"), "letter_batch", ["round_id"], unique=False)
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column(
            "text", sa.String(length=5000), nullable=False, comment="{link} stands for the case's link"
        ),
        sa.Column(
            "site",
            sa.String(length=300),
            nullable=False,
            comment="address of the service that links begin with",
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=False),
        sa.Column("provider_id", sa.String(length=200), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_outbox_message_sent_has_time")
        ),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_outbox_message_channel_is_known")),
        sa.CheckConstraint(
            "kind IN ('invitation', 'reminder')", name=op.f("ck_outbox_message_kind_is_known")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'failed', 'bounced', 'skipped')",
            name=op.f("ck_outbox_message_state_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["survey_case.id"], name=op.f("fk_outbox_message_case_id_survey_case")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_outbox_message_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    op.create_index(op.f("ix_outbox_message_case_id"), "outbox_message", ["case_id"], unique=False)
    op.create_index("ix_outbox_message_due", "outbox_message", ["channel", "state", "due_at"], unique=False)
    op.create_index("ix_outbox_message_sent", "outbox_message", ["channel", "sent_at"], unique=False)
    op.create_index(op.f("ix_outbox_message_round_id"), "outbox_message", ["round_id"], unique=False)
    op.create_index(
        "uq_outbox_message_waiting",
        "outbox_message",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "revoked_link",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["survey_case.id"], name=op.f("fk_revoked_link_case_id_survey_case")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_revoked_link")),
    )
    op.create_index(op.f("ix_revoked_link_case_id"), "revoked_link", ["case_id"], unique=False)
    op.create_table(
        "survey_contact",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=12), nullable=True, comment="+84 and nine digits"),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "stopped_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="asked for no more messages; outlives the rest",
        ),
        sa.CheckConstraint("phone ~ '^\\+84[0-9]{9}$'", name=op.f("ck_survey_contact_phone_is_normal")),
        sa.CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL OR stopped_at IS NOT NULL",
            name=op.f("ck_survey_contact_something_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["survey_case.id"], name=op.f("fk_survey_contact_case_id_survey_case")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_survey_contact")),
    )
    op.create_table(
        "response_trace",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_response_trace_response_id_response"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_response_trace_round_id_round")),
        sa.PrimaryKeyConstraint("response_id", "kind", name=op.f("pk_response_trace")),
    )
    op.create_index(
        "ix_response_trace_digest", "response_trace", ["round_id", "kind", "digest"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_response_trace_digest", table_name="response_trace")
    op.drop_table("response_trace")
    op.drop_table("survey_contact")
    op.drop_index(op.f("ix_revoked_link_case_id"), table_name="revoked_link")
    op.drop_table("revoked_link")
    op.drop_index(
        "uq_outbox_message_waiting", table_name="outbox_message", postgresql_where=sa.text("state = 'queued'")
    )
    op.drop_index("ix_outbox_message_sent", table_name="outbox_message")
    op.drop_index(op.f("ix_outbox_message_round_id"), table_name="outbox_message")
    op.drop_index("ix_outbox_message_due", table_name="outbox_message")
    op.drop_index(op.f("ix_outbox_message_case_id"), table_name="outbox_message")
    op.drop_table("outbox_message")
    op.drop_index(op.f("ix_letter_batch_round_id"), table_name="letter_batch")
    op.drop_table("letter_batch")
    op.drop_table("invitation_plan")
