"""Date the definitions and targets of the registry, and keep administrative values with two signatures"""

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('legal_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=50), nullable=False),
    sa.Column('number', sa.String(length=100), nullable=False),
    sa.Column('dated', sa.Date(), nullable=True),
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('title', sa.String(length=500), nullable=False),
    sa.Column('mark', sa.String(length=1), nullable=False, comment='R: read at the source, M: from memory'),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_document')),
    sa.UniqueConstraint('code', name=op.f('uq_legal_document_code'))
    )
    op.create_table('source_paper',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False, comment='SHA-256 of the content'),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('attached_by_id', sa.Integer(), nullable=True),
    sa.Column('attached_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['attached_by_id'], ['user_account.id'], name=op.f('fk_source_paper_attached_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_paper')),
    sa.UniqueConstraint('hash', name=op.f('uq_source_paper_hash'))
    )
    op.create_table('indicator_definition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='first day on which it no longer holds'),
    sa.Column('text', sa.String(length=2000), nullable=False, comment='in words, where somebody wrote it down'),
    sa.Column('population', sa.String(length=500), nullable=False),
    sa.Column('age', sa.String(length=50), nullable=False),
    sa.Column('reference_period', sa.String(length=20), nullable=False, comment='P3M, P12M, P1Y, interview'),
    sa.Column('numerator', sa.String(length=500), nullable=False),
    sa.Column('denominator', sa.String(length=500), nullable=False),
    sa.Column('missing', sa.String(length=20), nullable=False, comment='keep or drop: in the denominator or not'),
    sa.Column('unit', sa.String(length=100), nullable=False),
    sa.Column('periodicity', sa.String(length=20), nullable=False, comment='yearly, half-yearly, quarterly'),
    sa.Column('measured_with', sa.String(length=200), nullable=False, comment='survey/indicator; empty: no questionnaire'),
    sa.Column('source', sa.String(length=500), nullable=False),
    sa.Column('mark', sa.String(length=1), nullable=False, comment='R: read at the source, M: from memory'),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.CheckConstraint("mark IN ('R', 'M')", name=op.f('ck_indicator_definition_mark_is_known')),
    sa.CheckConstraint('valid_to IS NULL OR valid_from < valid_to', name=op.f('ck_indicator_definition_dates_in_order')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_indicator_definition_indicator_id_indicator')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator_definition')),
    sa.UniqueConstraint('indicator_id', 'valid_from', name=op.f('uq_indicator_definition_indicator_id_valid_from'))
    )
    op.create_table('indicator_target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator_id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.String(length=100), nullable=False, comment='as the document writes it'),
    sa.Column('due_year', sa.Integer(), nullable=True, comment='last year named; empty where none is'),
    sa.Column('operator', sa.String(length=20), nullable=True, comment='>=, >, =, <=, range, tăng'),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('low', sa.Double(), nullable=True),
    sa.Column('high', sa.Double(), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False, comment='as the document writes it'),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('superseded_by_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.CheckConstraint('(low IS NULL) = (high IS NULL) AND low <= high', name=op.f('ck_indicator_target_range_in_order')),
    sa.CheckConstraint('value IS NULL OR low IS NULL AND high IS NULL', name=op.f('ck_indicator_target_one_value_or_a_range')),
    sa.ForeignKeyConstraint(['document_id'], ['legal_document.id'], name=op.f('fk_indicator_target_document_id_legal_document')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_indicator_target_indicator_id_indicator')),
    sa.ForeignKeyConstraint(['superseded_by_id'], ['indicator_target.id'], name=op.f('fk_indicator_target_superseded_by_id_indicator_target')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indicator_target')),
    sa.UniqueConstraint('indicator_id', 'year', 'document_id', name=op.f('uq_indicator_target_indicator_id_year_document_id'))
    )
    op.create_table('value_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('notice', sa.String(length=500), nullable=False, comment="of the file's code page"),
    sa.Column('rows', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='pairs of row number and cells by column'),
    sa.Column('paper_id', sa.Integer(), nullable=True),
    sa.Column('uploaded_by_id', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('seen', 'taken', 'dropped')", name=op.f('ck_value_import_status_is_known')),
    sa.ForeignKeyConstraint(['paper_id'], ['source_paper.id'], name=op.f('fk_value_import_paper_id_source_paper')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['user_account.id'], name=op.f('fk_value_import_uploaded_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_value_import'))
    )
    op.create_table('administrative_value',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('indicator_id', sa.Integer(), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=False),
    sa.Column('agency_id', sa.Integer(), nullable=False, comment='led the line on source_date'),
    sa.Column('time_period', sa.String(length=20), nullable=False, comment='2026, 2026-S1, 2026-Q3, 2026-09'),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('numerator', sa.Double(), nullable=True),
    sa.Column('denominator', sa.Double(), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False, comment='where the report gives words'),
    sa.Column('decimals', sa.Integer(), nullable=False, comment='with which the value was reported'),
    sa.Column('unit', sa.String(length=100), nullable=False),
    sa.Column('source_number', sa.String(length=100), nullable=False),
    sa.Column('source_date', sa.Date(), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False, comment='for all to read'),
    sa.Column('paper_id', sa.Integer(), nullable=True),
    sa.Column('import_id', sa.Integer(), nullable=True),
    sa.Column('revises_id', sa.Integer(), nullable=True),
    sa.Column('revision_note', sa.String(length=1000), nullable=False, comment='why the published value is changed, for all to read'),
    sa.Column('current', sa.Boolean(), nullable=False, comment='public and not replaced or withdrawn'),
    sa.Column('is_synthetic', sa.Boolean(), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False, comment='two windows cannot overwrite each other'),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=True),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('embargo_until', sa.DateTime(timezone=True), nullable=True, comment='public from then on; empty: at once'),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=1000), nullable=False, comment='of what was sent back, put off or withdrawn; for the office only'),
    sa.Column('public_note', sa.String(length=1000), nullable=False, comment='of a withdrawal, as all may read'),
    sa.CheckConstraint("(status = 'draft') = (proposed_by_id IS NULL) AND (proposed_by_id IS NULL) = (proposed_at IS NULL)", name=op.f('ck_administrative_value_draft_has_no_signature')),
    sa.CheckConstraint("(status = 'withdrawn') = (withdrawn_by_id IS NOT NULL) AND (withdrawn_by_id IS NULL) = (withdrawn_at IS NULL) AND (status <> 'withdrawn' OR (reason <> '' AND public_note <> ''))", name=op.f('ck_administrative_value_withdrawn_says_why')),
    sa.CheckConstraint("(status IN ('approved', 'published', 'withdrawn')) = (approved_by_id IS NOT NULL) AND (approved_by_id IS NULL) = (approved_at IS NULL)", name=op.f('ck_administrative_value_approved_has_signature')),
    sa.CheckConstraint("(status IN ('published', 'withdrawn')) = (published_at IS NOT NULL)", name=op.f('ck_administrative_value_published_has_time')),
    sa.CheckConstraint("NOT current OR status = 'published'", name=op.f('ck_administrative_value_current_is_public')),
    sa.CheckConstraint("status IN ('draft', 'checked', 'approved', 'published', 'withdrawn')", name=op.f('ck_administrative_value_status_is_known')),
    sa.CheckConstraint("value IS NOT NULL OR text <> ''", name=op.f('ck_administrative_value_says_something')),
    sa.CheckConstraint('(numerator IS NULL) = (denominator IS NULL)', name=op.f('ck_administrative_value_pair_is_whole')),
    sa.CheckConstraint('approved_by_id <> proposed_by_id', name=op.f('ck_administrative_value_four_eyes')),
    sa.CheckConstraint('embargo_until IS NULL OR (approved_by_id IS NOT NULL AND (published_at IS NULL OR published_at >= embargo_until))', name=op.f('ck_administrative_value_embargo_is_kept')),
    sa.CheckConstraint('numerator >= 0 AND denominator > 0 AND numerator <= denominator', name=op.f('ck_administrative_value_part_of_whole')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_administrative_value_agency_id_agency')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['user_account.id'], name=op.f('fk_administrative_value_approved_by_id_user_account')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_administrative_value_area_id_area')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user_account.id'], name=op.f('fk_administrative_value_entered_by_id_user_account')),
    sa.ForeignKeyConstraint(['import_id'], ['value_import.id'], name=op.f('fk_administrative_value_import_id_value_import')),
    sa.ForeignKeyConstraint(['indicator_id'], ['indicator.id'], name=op.f('fk_administrative_value_indicator_id_indicator')),
    sa.ForeignKeyConstraint(['paper_id'], ['source_paper.id'], name=op.f('fk_administrative_value_paper_id_source_paper')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['user_account.id'], name=op.f('fk_administrative_value_proposed_by_id_user_account')),
    sa.ForeignKeyConstraint(['revises_id'], ['administrative_value.id'], name=op.f('fk_administrative_value_revises_id_administrative_value')),
    sa.ForeignKeyConstraint(['withdrawn_by_id'], ['user_account.id'], name=op.f('fk_administrative_value_withdrawn_by_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_administrative_value'))
    )
    op.create_index('uq_administrative_value_public', 'administrative_value', ['indicator_id', 'area_id', 'time_period'], unique=True, postgresql_where='current')
    op.create_index('uq_administrative_value_waiting', 'administrative_value', ['indicator_id', 'area_id', 'time_period'], unique=True, postgresql_where="status IN ('draft', 'checked', 'approved')")
    op.add_column('indicator', sa.Column('document_id', sa.Integer(), nullable=True))
    op.add_column('indicator', sa.Column('basis_id', sa.Integer(), nullable=True))
    op.create_foreign_key(op.f('fk_indicator_basis_id_legal_document'), 'indicator', 'legal_document', ['basis_id'], ['id'])
    op.create_foreign_key(op.f('fk_indicator_document_id_legal_document'), 'indicator', 'legal_document', ['document_id'], ['id'])


def downgrade() -> None:
    op.drop_constraint(op.f('fk_indicator_document_id_legal_document'), 'indicator', type_='foreignkey')
    op.drop_constraint(op.f('fk_indicator_basis_id_legal_document'), 'indicator', type_='foreignkey')
    op.drop_column('indicator', 'basis_id')
    op.drop_column('indicator', 'document_id')
    op.drop_index('uq_administrative_value_waiting', table_name='administrative_value', postgresql_where="status IN ('draft', 'checked', 'approved')")
    op.drop_index('uq_administrative_value_public', table_name='administrative_value', postgresql_where='current')
    op.drop_table('administrative_value')
    op.drop_table('value_import')
    op.drop_table('indicator_target')
    op.drop_table('indicator_definition')
    op.drop_table('source_paper')
    op.drop_table('legal_document')
