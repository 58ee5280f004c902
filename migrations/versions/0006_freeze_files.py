"""Keep the files of a questionnaire with its version, each content once"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "md5", sa.String(length=32), nullable=False, comment="as OpenRosa's manifest names it; protects nothing"
        ),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "instrument_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instrument_version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False, comment="as the form names it"),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["instrument_version_id"],
            ["instrument_version.id"],
            name=op.f("fk_instrument_file_instrument_version_id_instrument_version"),
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_file.sha256"], name=op.f("fk_instrument_file_sha256_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument_file")),
        sa.UniqueConstraint(
            "instrument_version_id", "name", name=op.f("uq_instrument_file_instrument_version_id_name")
        ),
    )
    op.alter_column(
        "instrument_version",
        "hash",
        existing_type=sa.String(length=64),
        comment="SHA-256 of the XForm's bytes and of its files",
        existing_comment="SHA-256 of the XForm's bytes",
        existing_nullable=False,
    )


def downgrade() -> None:
    op.alter_column(
        "instrument_version",
        "hash",
        existing_type=sa.String(length=64),
        comment="SHA-256 of the XForm's bytes",
        existing_comment="SHA-256 of the XForm's bytes and of its files",
        existing_nullable=False,
    )
    op.drop_table("instrument_file")
    op.drop_table("stored_file")
