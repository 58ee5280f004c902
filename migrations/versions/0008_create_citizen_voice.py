"""Create the tables of citizen voice, and the role of those who answer"""

import re

from sqlalchemy.dialects import postgresql
import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = "0007"
branch_labels = None
depends_on = None

ROLE = 'caseworker'
RULE = 'ck_user_account_role_is_known'


def _roles() -> list[str]:
    # Read from the table: a migration between this one and the first may have added roles too.
    definition = op.get_bind().scalar(sa.text('SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name'), {'name': RULE})
    return re.findall("'([a-z_]+)'", definition)


def _allow(roles: list[str]) -> None:
    op.drop_constraint(op.f(RULE), 'user_account', type_='check')
    known = ', '.join(repr(role) for role in dict.fromkeys(roles))
    op.create_check_constraint(op.f(RULE), 'user_account', f'role IN ({known})')


def upgrade() -> None:
    _allow([*_roles(), ROLE])
    op.create_table('voice_draft',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('fields', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='what each field held, as typed'),
    sa.Column('notices', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='what the page has to say, once'),
    sa.Column('told', sa.Boolean(), nullable=False, comment='whether the page shows what is wrong'),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('(longitude IS NULL) = (latitude IS NULL)', name=op.f('ck_voice_draft_place_is_whole')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voice_draft'))
    )
    op.create_index(op.f('ix_voice_draft_saved_at'), 'voice_draft', ['saved_at'], unique=False)
    op.create_table('voice_submission',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('form_key', sa.String(length=64), nullable=False, comment='which sending of which form'),
    sa.Column('code_hash', sa.String(length=64), nullable=False, comment='keyed hash; the code is not kept'),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False, comment='code of fields.yaml'),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False, comment='as sent; never shown in public'),
    sa.Column('text_hash', sa.String(length=64), nullable=False, comment='keyed; finds the same words again'),
    sa.Column('language', sa.String(length=10), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('screening', sa.String(length=10), nullable=False),
    sa.Column('suspicions', postgresql.JSON(astext_type=sa.Text()), nullable=False, comment='codes of what the guards noticed'),
    sa.Column('address_hash', sa.String(length=64), nullable=True, comment='keyed, of the day; deleted soon'),
    sa.Column('office', sa.String(length=40), nullable=True, comment='code of offices.yaml'),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('duplicate_of_id', sa.Integer(), nullable=True),
    sa.Column('public_text', sa.Text(), nullable=True, comment='what staff chose to publish, redacted'),
    sa.Column('public_answer', sa.Text(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('satisfaction', sa.Integer(), nullable=True, comment="the sender's rating of the answer"),
    sa.Column('is_synthetic', sa.Boolean(), nullable=False, comment='made for the demonstration'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True, comment='first answer'),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('touched_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False, comment='two people cannot overwrite each other'),
    sa.CheckConstraint("(kind = 'rating') = (rating IS NOT NULL)", name=op.f('ck_voice_submission_rating_has_number')),
    sa.CheckConstraint("kind IN ('suggestion', 'complaint', 'rating')", name=op.f('ck_voice_submission_kind_is_known')),
    sa.CheckConstraint("screening IN ('clear', 'suspected', 'spam')", name=op.f('ck_voice_submission_screening_is_known')),
    sa.CheckConstraint("status <> 'withdrawn' OR (text = '' AND public_text IS NULL)", name=op.f('ck_voice_submission_withdrawn_is_empty')),
    sa.CheckConstraint("status IN ('new', 'accepted', 'in_progress', 'referred', 'answered', 'closed', 'withdrawn')", name=op.f('ck_voice_submission_status_is_known')),
    sa.CheckConstraint('(longitude IS NULL) = (latitude IS NULL)', name=op.f('ck_voice_submission_place_is_whole')),
    sa.CheckConstraint('(published_at IS NULL) = (public_text IS NULL)', name=op.f('ck_voice_submission_published_has_text')),
    sa.CheckConstraint('duplicate_of_id <> id', name=op.f('ck_voice_submission_not_its_own_duplicate')),
    sa.CheckConstraint('rating BETWEEN 1 AND 5 AND satisfaction BETWEEN 1 AND 5', name=op.f('ck_voice_submission_ratings_in_range')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_voice_submission_area_id_area')),
    sa.ForeignKeyConstraint(['assignee_id'], ['user_account.id'], name=op.f('fk_voice_submission_assignee_id_user_account')),
    sa.ForeignKeyConstraint(['duplicate_of_id'], ['voice_submission.id'], name=op.f('fk_voice_submission_duplicate_of_id_voice_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voice_submission')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_voice_submission_code_hash')),
    sa.UniqueConstraint('form_key', name=op.f('uq_voice_submission_form_key'))
    )
    op.create_index(op.f('ix_voice_submission_created_at'), 'voice_submission', ['created_at'], unique=False)
    op.create_index(op.f('ix_voice_submission_text_hash'), 'voice_submission', ['text_hash'], unique=False)
    op.create_table('voice_contact',
    sa.Column('submission_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.ForeignKeyConstraint(['submission_id'], ['voice_submission.id'], name=op.f('fk_voice_contact_submission_id_voice_submission'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('submission_id', name=op.f('pk_voice_contact'))
    )
    op.create_table('voice_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('submission_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True, comment='empty: sender or system'),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('detail', postgresql.JSON(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint("kind IN ('received', 'screened', 'assigned', 'status', 'note', 'answer', 'reply', 'satisfaction', 'merged', 'unmerged', 'published', 'unpublished', 'withdrawn', 'contact_deleted')", name=op.f('ck_voice_event_kind_is_known')),
    sa.ForeignKeyConstraint(['submission_id'], ['voice_submission.id'], name=op.f('fk_voice_event_submission_id_voice_submission'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_voice_event_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voice_event'))
    )
    op.create_index(op.f('ix_voice_event_submission_id'), 'voice_event', ['submission_id'], unique=False)
    op.create_table('voice_photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draft_id', sa.Uuid(), nullable=True),
    sa.Column('submission_id', sa.Integer(), nullable=True),
    sa.Column('media_type', sa.String(length=20), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("media_type = 'image/jpeg'", name=op.f('ck_voice_photo_is_jpeg')),
    sa.CheckConstraint('(draft_id IS NULL) <> (submission_id IS NULL)', name=op.f('ck_voice_photo_belongs_to_one')),
    sa.ForeignKeyConstraint(['draft_id'], ['voice_draft.id'], name=op.f('fk_voice_photo_draft_id_voice_draft'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['submission_id'], ['voice_submission.id'], name=op.f('fk_voice_photo_submission_id_voice_submission'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voice_photo'))
    )
    op.create_index(op.f('ix_voice_photo_draft_id'), 'voice_photo', ['draft_id'], unique=False)
    op.create_index(op.f('ix_voice_photo_submission_id'), 'voice_photo', ['submission_id'], unique=False)


def downgrade() -> None:
    op.execute("UPDATE user_account SET role = 'enumerator', active = false WHERE role = 'caseworker'")
    _allow([role for role in _roles() if role != ROLE])
    op.drop_index(op.f('ix_voice_photo_submission_id'), table_name='voice_photo')
    op.drop_index(op.f('ix_voice_photo_draft_id'), table_name='voice_photo')
    op.drop_table('voice_photo')
    op.drop_index(op.f('ix_voice_event_submission_id'), table_name='voice_event')
    op.drop_table('voice_event')
    op.drop_table('voice_contact')
    op.drop_index(op.f('ix_voice_submission_text_hash'), table_name='voice_submission')
    op.drop_index(op.f('ix_voice_submission_created_at'), table_name='voice_submission')
    op.drop_table('voice_submission')
    op.drop_index(op.f('ix_voice_draft_saved_at'), table_name='voice_draft')
    op.drop_table('voice_draft')
