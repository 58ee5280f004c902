"""Create the tables of every room"""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agency',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('successor_id', sa.Integer(), nullable=True),
    sa.Column('basis', sa.String(length=500), nullable=False, comment='where the dates come from, with its mark'),
    sa.ForeignKeyConstraint(['successor_id'], ['agency.id'], name=op.f('fk_agency_successor_id_agency')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agency')),
    sa.UniqueConstraint('code', name=op.f('uq_agency_code'))
    )
    op.create_table('area',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False, comment="GSO code, or that of the survey's own areas"),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('full_name', sa.String(length=200), nullable=False),
    sa.Column('search_name', sa.String(length=200), nullable=False, comment='lower case, no diacritics'),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='first day on which it no longer exists'),
    sa.Column('facts', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='size, census figures, legal clause'),
    sa.CheckConstraint("kind IN ('province', 'province_old', 'district_old', 'commune', 'commune_old', 'agglomerate')", name=op.f('ck_area_kind_is_known')),
    sa.CheckConstraint('valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to', name=op.f('ck_area_dates_in_order')),
    sa.ForeignKeyConstraint(['parent_id'], ['area.id'], name=op.f('fk_area_parent_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area')),
    sa.UniqueConstraint('kind', 'code', name=op.f('uq_area_kind_code'))
    )
    op.create_index(op.f('ix_area_search_name'), 'area', ['search_name'], unique=False)
    op.create_table('indicator',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False, comment='registry id such as KH54-37'),
    sa.Column('position', sa.Integer(), nullable=False, comment='order in the registry file'),
    sa.Column('parent_row', sa.String(length=64), nullable=False),
    sa.Column('name', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment="by language; the document's exact words in vi"),
    sa.Column('search_name', sa.String(length=2000), nullable=False, comment='lower case, no diacritics'),
    sa.Column('topic', sa.String(length=100), nullable=False),
    sa.Column('province', sa.String(length=100), nullable=False),
    sa.Column('unit', sa.String(length=100), nullable=False),
    sa.Column('target_op', sa.String(length=20), nullable=True, comment='>=, >, =, <=, range, tăng'),
    sa.Column('target_value', sa.Double(), nullable=True),
    sa.Column('target_text', sa.String(length=500), nullable=False, comment='as the document writes it'),
    sa.Column('target_year', sa.String(length=100), nullable=False),
    sa.Column('legal_basis', sa.String(length=1000), nullable=False),
    sa.Column('document', sa.String(length=1000), nullable=False),
    sa.Column('measured_by', sa.String(length=100), nullable=False),
    sa.Column('facts', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='numerator, denominator, standards, source line, notes'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator')),
    sa.UniqueConstraint('code', name=op.f('uq_indicator_code'))
    )
    op.create_table('survey',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('title', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='by language'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey')),
    sa.UniqueConstraint('code', name=op.f('uq_survey_code'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('full_name', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False, comment='argon2id'),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('failed_sign_ins', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("role IN ('enumerator', 'supervisor', 'manager', 'statistician', 'admin')", name=op.f('ck_user_account_role_is_known')),
    sa.CheckConstraint('username = lower(username)', name=op.f('ck_user_account_username_is_lower_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('username', name=op.f('uq_user_account_username'))
    )
    op.create_table('area_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('predecessor_id', sa.Integer(), nullable=False),
    sa.Column('successor_id', sa.Integer(), nullable=False),
    sa.Column('relation', sa.String(length=5), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('basis', sa.String(length=200), nullable=False, comment='legal clause'),
    sa.CheckConstraint("relation IN ('whole', 'part')", name=op.f('ck_area_link_relation_is_known')),
    sa.ForeignKeyConstraint(['predecessor_id'], ['area.id'], name=op.f('fk_area_link_predecessor_id_area')),
    sa.ForeignKeyConstraint(['successor_id'], ['area.id'], name=op.f('fk_area_link_successor_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area_link')),
    sa.UniqueConstraint('predecessor_id', 'successor_id', name=op.f('uq_area_link_predecessor_id_successor_id'))
    )
    op.create_table('audit_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True, comment='empty: the system'),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False, comment='kind:key of what was acted on'),
    sa.Column('detail', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='never answers or contact data'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_audit_event_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event'))
    )
    op.create_index(op.f('ix_audit_event_at'), 'audit_event', ['at'], unique=False)
    op.create_table('indicator_owner',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator_id', sa.Integer(), nullable=False),
    sa.Column('agency_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('basis', sa.String(length=500), nullable=False, comment='document that names the owner'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_indicator_owner_agency_id_agency')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_indicator_owner_indicator_id_indicator')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator_owner')),
    sa.UniqueConstraint('indicator_id', 'agency_id', 'valid_from', name=op.f('uq_indicator_owner_indicator_id_agency_id_valid_from'))
    )
    op.create_table('instrument_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('form_id', sa.String(length=128), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False, comment="SHA-256 of the XForm's bytes"),
    sa.Column('sheets', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='the XLSForm, sheet by sheet'),
    sa.Column('xml', sa.LargeBinary(), nullable=False, comment='the XForm as served to ODK Collect'),
    sa.Column('indicators', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='indicators.yaml'),
    sa.Column('design', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='design.yaml'),
    sa.Column('controls', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='controls.csv, a dict per row'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['survey_id'], ['survey.id'], name=op.f('fk_instrument_version_survey_id_survey')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instrument_version')),
    sa.UniqueConstraint('survey_id', 'hash', name=op.f('uq_instrument_version_survey_id_hash')),
    sa.UniqueConstraint('survey_id', 'version', name=op.f('uq_instrument_version_survey_id_version'))
    )
    op.create_table('round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('instrument_version_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('title', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='by language'),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('time_period', sa.String(length=20), nullable=False, comment='SDMX TIME_PERIOD, such as 2026 or 2018-Q4'),
    sa.Column('decision_number', sa.String(length=100), nullable=True),
    sa.Column('survey_plan', sa.String(length=500), nullable=True, comment='phương án điều tra: file or address'),
    sa.Column('project_token', sa.String(length=64), nullable=False, comment='OpenRosa project address'),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_round_closed_has_time')),
    sa.CheckConstraint("purpose IN ('production', 'demonstration', 'verification', 'test')", name=op.f('ck_round_purpose_is_known')),
    sa.CheckConstraint("status = 'draft' OR purpose <> 'production' OR (decision_number IS NOT NULL AND survey_plan IS NOT NULL)", name=op.f('ck_round_production_needs_decision_and_plan')),
    sa.CheckConstraint("status IN ('draft', 'open', 'closed')", name=op.f('ck_round_status_is_known')),
    sa.ForeignKeyConstraint(['instrument_version_id'], ['instrument_version.id'], name=op.f('fk_round_instrument_version_id_instrument_version')),
    sa.ForeignKeyConstraint(['survey_id'], ['survey.id'], name=op.f('fk_round_survey_id_survey')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round')),
    sa.UniqueConstraint('project_token', name=op.f('uq_round_project_token')),
    sa.UniqueConstraint('survey_id', 'code', name=op.f('uq_round_survey_id_code'))
    )
    op.create_table('sample',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('method', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='stages, allocation, sizes, seed, frame and its hash'),
    sa.Column('drawn_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_sample_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample')),
    sa.UniqueConstraint('round_id', name=op.f('uq_sample_round_id'))
    )
    op.create_table('snapshot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False, comment="SHA-256 over the tables' contents"),
    sa.Column('folder', sa.String(length=500), nullable=False),
    sa.Column('rows', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='number of rows by level'),
    sa.Column('taken_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_snapshot_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snapshot')),
    sa.UniqueConstraint('hash', name=op.f('uq_snapshot_hash'))
    )
    op.create_table('survey_case',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False, comment='short code a person can type'),
    sa.Column('token', sa.String(length=64), nullable=False, comment='secret of the invitation link'),
    sa.Column('unit', sa.String(length=64), nullable=False, comment='key of the unit in the frame'),
    sa.Column('stratum', sa.String(length=64), nullable=False),
    sa.Column('psu', sa.String(length=64), nullable=False),
    sa.Column('probability', sa.Double(), nullable=False, comment='inclusion probability over all stages'),
    sa.Column('frame_data', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='what the frame knows: district, area_type, …'),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('disposition', sa.String(length=5), nullable=False),
    sa.Column('disposition_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("disposition IN ('0.0', '1.1', '1.2', '2.11', '2.2', '3.1', '4.7')", name=op.f('ck_survey_case_disposition_is_known')),
    sa.CheckConstraint('probability > 0 AND probability <= 1', name=op.f('ck_survey_case_probability_in_range')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_survey_case_area_id_area')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_survey_case_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_case')),
    sa.UniqueConstraint('code', name=op.f('uq_survey_case_code')),
    sa.UniqueConstraint('round_id', 'unit', name=op.f('uq_survey_case_round_id_unit')),
    sa.UniqueConstraint('token', name=op.f('uq_survey_case_token'))
    )
    op.create_index(op.f('ix_survey_case_round_id'), 'survey_case', ['round_id'], unique=False)
    op.create_table('response',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('instrument_version_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('instance_id', sa.String(length=128), nullable=False, comment='OpenRosa instanceID, or our own for web'),
    sa.Column('mode', sa.String(length=10), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('answers', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='answer document: codes, not labels'),
    sa.Column('content_hash', sa.String(length=64), nullable=True, comment='SHA-256 of what was submitted'),
    sa.Column('resume_code', sa.String(length=12), nullable=True),
    sa.Column('language', sa.String(length=10), nullable=False),
    sa.Column('page', sa.String(length=200), nullable=True, comment='last page saved, to come back to'),
    sa.Column('revision', sa.Integer(), nullable=False, comment='two tabs cannot overwrite each other'),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(source = 'opt_in') = (case_id IS NULL) OR mode = 'import'", name=op.f('ck_response_sample_has_case')),
    sa.CheckConstraint("(status = 'draft') = (submitted_at IS NULL)", name=op.f('ck_response_submitted_has_time')),
    sa.CheckConstraint("mode IN ('web', 'openrosa', 'import')", name=op.f('ck_response_mode_is_known')),
    sa.CheckConstraint("source IN ('sample', 'opt_in')", name=op.f('ck_response_source_is_known')),
    sa.CheckConstraint("status IN ('draft', 'complete', 'replaced')", name=op.f('ck_response_status_is_known')),
    sa.ForeignKeyConstraint(['case_id'], ['survey_case.id'], name=op.f('fk_response_case_id_survey_case')),
    sa.ForeignKeyConstraint(['instrument_version_id'], ['instrument_version.id'], name=op.f('fk_response_instrument_version_id_instrument_version')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_response_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_response')),
    sa.UniqueConstraint('resume_code', name=op.f('uq_response_resume_code')),
    sa.UniqueConstraint('round_id', 'instance_id', name=op.f('uq_response_round_id_instance_id'))
    )
    op.create_index('ix_response_round_status', 'response', ['round_id', 'status'], unique=False)
    op.create_index('uq_response_complete_case', 'response', ['case_id'], unique=True, postgresql_where=sa.text("status = 'complete'"))
    op.create_table('run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('snapshot_id', sa.Integer(), nullable=True),
    sa.Column('recipe', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='indicators, design and controls as used'),
    sa.Column('recipe_hash', sa.String(length=64), nullable=False),
    sa.Column('code_version', sa.String(length=64), nullable=False, comment='git commit or package version'),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('progress', sa.Double(), nullable=False),
    sa.Column('message', sa.String(length=1000), nullable=False),
    sa.Column('log', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='a record per weighting step'),
    sa.Column('requested_by_id', sa.Integer(), nullable=True),
    sa.Column('requested_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status <> 'done' OR (finished_at IS NOT NULL AND snapshot_id IS NOT NULL)", name=op.f('ck_run_done_has_result')),
    sa.CheckConstraint("status IN ('queued', 'running', 'weighted', 'done', 'failed', 'cancelled')", name=op.f('ck_run_status_is_known')),
    sa.CheckConstraint('progress BETWEEN 0 AND 1', name=op.f('ck_run_progress_is_a_share')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['user_account.id'], name=op.f('fk_run_requested_by_id_user_account')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_run_round_id_round')),
    sa.ForeignKeyConstraint(['snapshot_id'], ['snapshot.id'], name=op.f('fk_run_snapshot_id_snapshot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run'))
    )
    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_attachment_response_id_response'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('response_id', 'file_name', name=op.f('uq_attachment_response_id_file_name'))
    )
    op.create_table('estimate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('indicator', sa.String(length=64), nullable=False, comment='code in indicators.yaml'),
    sa.Column('dimension', sa.String(length=64), nullable=True, comment='breakdown variable; empty: total'),
    sa.Column('level', sa.String(length=64), nullable=True, comment="code of the breakdown's level"),
    sa.Column('value', sa.Float(), nullable=False),
    sa.Column('std_error', sa.Double(), nullable=False),
    sa.Column('ci_low', sa.Double(), nullable=False),
    sa.Column('ci_high', sa.Double(), nullable=False),
    sa.Column('cv', sa.Double(), nullable=True, comment='standard error over estimate, as a share'),
    sa.Column('df', sa.Double(), nullable=False),
    sa.Column('deff', sa.Double(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('n_psu', sa.Integer(), nullable=False),
    sa.Column('quality', sa.String(length=20), nullable=False, comment='good, caution or unpublishable, by design.yaml'),
    sa.Column('notes', postgresql.ARRAY(sa.String(length=200)), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_estimate_run_id_run'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_estimate'))
    )
    op.create_index(op.f('ix_estimate_run_id'), 'estimate', ['run_id'], unique=False)
    op.create_table('release',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('published_by_id', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=1000), nullable=False, comment='of a withdrawal or revision'),
    sa.CheckConstraint("(status = 'checked') = (published_at IS NULL) AND (published_at IS NULL) = (published_by_id IS NULL)", name=op.f('ck_release_published_has_signature')),
    sa.CheckConstraint("status IN ('checked', 'published', 'withdrawn')", name=op.f('ck_release_status_is_known')),
    sa.CheckConstraint('published_by_id IS NULL OR published_by_id <> proposed_by_id', name=op.f('ck_release_four_eyes')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['user_account.id'], name=op.f('fk_release_proposed_by_id_user_account')),
    sa.ForeignKeyConstraint(['published_by_id'], ['user_account.id'], name=op.f('fk_release_published_by_id_user_account')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_release_run_id_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_release')),
    sa.UniqueConstraint('run_id', name=op.f('uq_release_run_id'))
    )
    op.create_table('response_event',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('detail', postgresql.JSON(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['response_id'], ['response.id'], name=op.f('fk_response_event_response_id_response'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_response_event'))
    )
    op.create_index(op.f('ix_response_event_response_id'), 'response_event', ['response_id'], unique=False)
    op.create_table('observation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('release_id', sa.Integer(), nullable=False),
    sa.Column('survey', sa.String(length=64), nullable=False, comment='survey code; with it the SDMX dataflow'),
    sa.Column('indicator', sa.String(length=64), nullable=False, comment='code in indicators.yaml'),
    sa.Column('registry_code', sa.String(length=64), nullable=True, comment='registry line it measures'),
    sa.Column('ref_area', sa.String(length=20), nullable=False),
    sa.Column('time_period', sa.String(length=20), nullable=False),
    sa.Column('dimension', sa.String(length=64), nullable=True, comment='breakdown; empty: total'),
    sa.Column('level', sa.String(length=64), nullable=True),
    sa.Column('unit_measure', sa.String(length=20), nullable=False, comment='PT: percent'),
    sa.Column('obs_value', sa.Double(), nullable=True),
    sa.Column('std_error', sa.Double(), nullable=True),
    sa.Column('ci_low', sa.Double(), nullable=True),
    sa.Column('ci_high', sa.Double(), nullable=True),
    sa.Column('cv', sa.Double(), nullable=True),
    sa.Column('df', sa.Double(), nullable=True),
    sa.Column('deff', sa.Double(), nullable=True),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('obs_status', sa.String(length=2), nullable=False, comment='SDMX CL_OBS_STATUS: A normal, U low reliability, L not published'),
    sa.Column('conf_status', sa.String(length=2), nullable=False, comment='SDMX CL_CONF_STATUS: F free, C confidential'),
    sa.Column('target', sa.Double(), nullable=True),
    sa.Column('target_op', sa.String(length=20), nullable=True),
    sa.Column('verdict', sa.String(length=10), nullable=True),
    sa.Column('is_synthetic', sa.Boolean(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False, comment='of the round'),
    sa.Column('current', sa.Boolean(), nullable=False, comment='false once a later release supersedes it'),
    sa.Column('definition', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='indicator as defined for this figure'),
    sa.Column('lineage', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='instrument, snapshot and recipe hashes, code version, run, people'),
    sa.Column('published_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(obs_value IS NULL) = (obs_status = 'L')", name=op.f('ck_observation_missing_has_no_value')),
    sa.CheckConstraint("verdict IS NULL OR verdict IN ('met', 'not_met', 'undecided')", name=op.f('ck_observation_verdict_is_known')),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], name=op.f('fk_observation_release_id_release')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_observation'))
    )
    op.create_index('ix_observation_indicator', 'observation', ['indicator', 'time_period'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_observation_indicator', table_name='observation')
    op.drop_table('observation')
    op.drop_index(op.f('ix_response_event_response_id'), table_name='response_event')
    op.drop_table('response_event')
    op.drop_table('release')
    op.drop_index(op.f('ix_estimate_run_id'), table_name='estimate')
    op.drop_table('estimate')
    op.drop_table('attachment')
    op.drop_table('run')
    op.drop_index('uq_response_complete_case', table_name='response', postgresql_where=sa.text("status = 'complete'"))
    op.drop_index('ix_response_round_status', table_name='response')
    op.drop_table('response')
    op.drop_index(op.f('ix_survey_case_round_id'), table_name='survey_case')
    op.drop_table('survey_case')
    op.drop_table('snapshot')
    op.drop_table('sample')
    op.drop_table('round')
    op.drop_table('instrument_version')
    op.drop_table('indicator_owner')
    op.drop_index(op.f('ix_audit_event_at'), table_name='audit_event')
    op.drop_table('audit_event')
    op.drop_table('area_link')
    op.drop_table('user_account')
    op.drop_table('survey')
    op.drop_table('indicator')
    op.drop_index(op.f('ix_area_search_name'), table_name='area')
    op.drop_table('area')
    op.drop_table('agency')
