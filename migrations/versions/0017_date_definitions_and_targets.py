"""Date the definitions and targets of the registry, and name the documents they come from"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0011'
branch_labels = None
depends_on = None

def upgrade() -> None:
    # 
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
    op.add_column('indicator', sa.Column('document_id', sa.Integer(), nullable=True))
    op.add_column('indicator', sa.Column('basis_id', sa.Integer(), nullable=True))
    op.create_foreign_key(op.f('fk_indicator_document_id_legal_document'), 'indicator', 'legal_document', ['document_id'], ['id'])
    op.create_foreign_key(op.f('fk_indicator_basis_id_legal_document'), 'indicator', 'legal_document', ['basis_id'], ['id'])
    # 

def downgrade() -> None:
    # 
    op.drop_constraint(op.f('fk_indicator_basis_id_legal_document'), 'indicator', type_='foreignkey')
    op.drop_constraint(op.f('fk_indicator_document_id_legal_document'), 'indicator', type_='foreignkey')
    op.drop_column('indicator', 'basis_id')
    op.drop_column('indicator', 'document_id')
    op.drop_table('indicator_target')
    op.drop_table('indicator_definition')
    op.drop_table('legal_document')
    # 
