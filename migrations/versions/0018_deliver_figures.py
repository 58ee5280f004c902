"""Deliver figures to agencies: packages, outbox, answers, tokens, reminders"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('deadline_reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('obligation', sa.String(length=100), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('days_before', sa.Integer(), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_reminder')),
    sa.UniqueConstraint('obligation', 'due', 'days_before', name=op.f('uq_deadline_reminder_obligation_due_days_before'))
    )
    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agency_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False, comment='made of its content: the same figures, the same'),
    sa.Column('is_synthetic', sa.Boolean(), nullable=False, comment='a package holds generated figures or real ones, never both'),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('package', sa.LargeBinary(), nullable=False, comment='the ZIP'),
    sa.Column('size', sa.Integer(), nullable=False, comment='bytes of the package'),
    sa.Column('sha256', sa.String(length=64), nullable=False, comment='of the package'),
    sa.Column('key_id', sa.String(length=16), nullable=False, comment='which key signed the manifest'),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=True, comment="first download by the agency's client"),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_way', sa.String(length=10), nullable=True),
    sa.Column('acknowledged_by', sa.String(length=200), nullable=False, comment='who received it, or which client'),
    sa.Column('acknowledged_reference', sa.String(length=100), nullable=False, comment='number of the letter'),
    sa.Column('acknowledged_note', sa.String(length=2000), nullable=False),
    sa.CheckConstraint("acknowledged_way IS NULL OR acknowledged_way IN ('api', 'letter')", name=op.f('ck_delivery_acknowledged_way_is_known')),
    sa.CheckConstraint('(acknowledged_at IS NULL) = (acknowledged_way IS NULL)', name=op.f('ck_delivery_acknowledgement_has_its_way')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_delivery_agency_id_agency')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_delivery_made_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('agency_id', 'number', name=op.f('uq_delivery_agency_id_number'))
    )
    op.create_table('delivery_endpoint',
    sa.Column('agency_id', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('form', sa.String(length=4), nullable=False),
    sa.Column('allow_private', sa.Boolean(), nullable=False, comment="it may lie in the agencies' own network"),
    sa.Column('takes_synthetic', sa.Boolean(), nullable=False, comment='a test system: generated figures may go there'),
    sa.Column('paused', sa.Boolean(), nullable=False),
    sa.CheckConstraint("form IN ('zip', 'json')", name=op.f('ck_delivery_endpoint_form_is_known')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_delivery_endpoint_agency_id_agency')),
    sa.PrimaryKeyConstraint('agency_id', name=op.f('pk_delivery_endpoint'))
    )
    op.create_table('delivery_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agency_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False, comment='which client it was given to'),
    sa.Column('secret_hash', sa.String(length=64), nullable=False),
    sa.Column('scopes', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='see survey.delivery.tokens.SCOPES'),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_delivery_token_agency_id_agency')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user_account.id'], name=op.f('fk_delivery_token_made_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_token')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_delivery_token_secret_hash'))
    )
    op.create_table('delivery_push',
    sa.Column('delivery_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=36), nullable=False, comment='Idempotency-Key of every attempt'),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('last_attempt_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_status', sa.Integer(), nullable=True, comment='HTTP status of the last answer; empty: none came'),
    sa.Column('last_answer', sa.String(length=500), nullable=False, comment='its first characters, as text'),
    sa.Column('reason', sa.String(length=500), nullable=False, comment='why it waits or stopped'),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f('ck_delivery_push_sent_has_time')),
    sa.CheckConstraint("state IN ('queued', 'sent', 'stopped')", name=op.f('ck_delivery_push_state_is_known')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_delivery_push_delivery_id_delivery')),
    sa.PrimaryKeyConstraint('delivery_id', name=op.f('pk_delivery_push')),
    sa.UniqueConstraint('key', name=op.f('uq_delivery_push_key'))
    )
    op.create_index(op.f('ix_delivery_push_due_at'), 'delivery_push', ['due_at'], unique=False)
    op.create_table('delivery_correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('delivery_id', sa.Integer(), nullable=False),
    sa.Column('observation_id', sa.Integer(), nullable=True, comment='empty: about the delivery as a whole'),
    sa.Column('text', sa.String(length=4000), nullable=False, comment='what the agency says is wrong'),
    sa.Column('reference', sa.String(length=100), nullable=False, comment="number of the agency's letter"),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('requested_by', sa.String(length=200), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('answer', sa.String(length=4000), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(status = 'open') = (answered_at IS NULL) AND (answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f('ck_delivery_correction_answer_has_its_signature')),
    sa.CheckConstraint("status = 'open' OR answer <> ''", name=op.f('ck_delivery_correction_answer_has_its_reason')),
    sa.CheckConstraint("status IN ('open', 'accepted', 'rejected')", name=op.f('ck_delivery_correction_status_is_known')),
    sa.CheckConstraint("way IN ('api', 'letter')", name=op.f('ck_delivery_correction_way_is_known')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user_account.id'], name=op.f('fk_delivery_correction_answered_by_id_user_account')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_delivery_correction_delivery_id_delivery')),
    sa.ForeignKeyConstraint(['observation_id'], ['observation.id'], name=op.f('fk_delivery_correction_observation_id_observation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_correction'))
    )
    op.create_index(op.f('ix_delivery_correction_delivery_id'), 'delivery_correction', ['delivery_id'], unique=False)
    op.create_table('delivery_line',
    sa.Column('delivery_id', sa.Integer(), nullable=False),
    sa.Column('observation_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('change', sa.String(length=10), nullable=False),
    sa.Column('replaces_id', sa.Integer(), nullable=True, comment='figure delivered before, which this one replaces'),
    sa.CheckConstraint("change IN ('new', 'revised', 'withdrawn')", name=op.f('ck_delivery_line_change_is_known')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_delivery_line_delivery_id_delivery')),
    sa.ForeignKeyConstraint(['observation_id'], ['observation.id'], name=op.f('fk_delivery_line_observation_id_observation')),
    sa.ForeignKeyConstraint(['replaces_id'], ['observation.id'], name=op.f('fk_delivery_line_replaces_id_observation')),
    sa.PrimaryKeyConstraint('delivery_id', 'observation_id', name=op.f('pk_delivery_line')),
    sa.UniqueConstraint('delivery_id', 'position', name=op.f('uq_delivery_line_delivery_id_position'))
    )
    op.create_index(op.f('ix_delivery_line_observation_id'), 'delivery_line', ['observation_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_delivery_line_observation_id'), table_name='delivery_line')
    op.drop_table('delivery_line')
    op.drop_index(op.f('ix_delivery_correction_delivery_id'), table_name='delivery_correction')
    op.drop_table('delivery_correction')
    op.drop_index(op.f('ix_delivery_push_due_at'), table_name='delivery_push')
    op.drop_table('delivery_push')
    op.drop_table('delivery_token')
    op.drop_table('delivery_endpoint')
    op.drop_table('delivery')
    op.drop_table('deadline_reminder')
