"""Keep versions of weighting recipes, and the population totals that they weight to"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    _recipe_version()
    _control_set()
    _control_total()
    op.add_column(
        "run",
        sa.Column(
            "recipe_number", sa.Integer(), server_default="0", nullable=False,
            comment="the survey's recipe version; 0: the questionnaire's own plan",
        ),
    )  # fmt: skip


def _recipe_version() -> None:
    op.create_table(
        "recipe_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("instrument_version_id", sa.Integer(), nullable=False, comment="against whose variables it was checked"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, … within the survey"),
        sa.Column("text", sa.Text(), nullable=False, comment="YAML as it was written, with its comments"),
        sa.Column("document", postgresql.JSON(), nullable=False, comment="what the text says"),
        sa.Column("hash", sa.String(64), nullable=False, comment="SHA-256 of the document"),
        sa.Column("note", sa.String(500), nullable=False, comment="what it changes and why"),
        sa.Column("based_on", sa.Integer(), nullable=False, comment="number of the version that it was written from"),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", STAMP, server_default=NOW, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_recipe_version_number_zero_is_the_questionnaires")),
        sa.CheckConstraint("based_on >= 0 AND based_on < number", name=op.f("ck_recipe_version_based_on_is_earlier")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_recipe_version_survey_id_survey")),
        sa.ForeignKeyConstraint(
            ["instrument_version_id"], ["instrument_version.id"],
            name=op.f("fk_recipe_version_instrument_version_id_instrument_version"),
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["user_account.id"], name=op.f("fk_recipe_version_saved_by_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe_version")),
        sa.UniqueConstraint("survey_id", "number", name=op.f("uq_recipe_version_survey_id_number")),
    )  # fmt: skip


def _control_set() -> None:
    op.create_table(
        "control_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, … within the survey"),
        sa.Column("file", sa.String(100), nullable=False, comment="the questionnaire's file it stands for, as controls.csv"),
        sa.Column("source", sa.String(500), nullable=False, comment="who published the totals, and where"),
        sa.Column("reference_date", sa.Date(), nullable=False, comment="the day that they hold for"),
        sa.Column("population_base", sa.String(20), nullable=False),
        sa.Column("population", sa.String(300), nullable=False, comment="who is counted, as persons aged 15+"),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, comment="SHA-256 of the totals"),
        sa.Column("imported_by_id", sa.Integer(), nullable=False),
        sa.Column("imported_at", STAMP, server_default=NOW, nullable=False),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "accepted_at", STAMP, nullable=True,
            comment="when somebody had seen the differences and kept it; recipes use no other",
        ),
        sa.CheckConstraint("status IN ('official', 'test')", name=op.f("ck_control_set_status_is_known")),
        sa.CheckConstraint(
            "population_base IN ('census', 'resident', 'registered', 'economic_census', 'business_register')",
            name=op.f("ck_control_set_population_base_is_known"),
        ),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by_id IS NULL)", name=op.f("ck_control_set_accepted_by_somebody")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_control_set_survey_id_survey")),
        sa.ForeignKeyConstraint(["imported_by_id"], ["user_account.id"], name=op.f("fk_control_set_imported_by_id_user_account")),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["user_account.id"], name=op.f("fk_control_set_accepted_by_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_set")),
        sa.UniqueConstraint("survey_id", "number", name=op.f("uq_control_set_survey_id_number")),
    )  # fmt: skip


def _control_total() -> None:
    op.create_table(
        "control_total",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("control_set_id", sa.Integer(), nullable=False),
        sa.Column("margin", sa.String(200), nullable=False, comment="a variable, or several as sex:area_type"),
        sa.Column("level", sa.String(200), nullable=False, comment="code; empty for the total of a number"),
        sa.Column("total", sa.Float(), nullable=False),
        sa.CheckConstraint("total >= 0 AND total < 'Infinity'::float8", name=op.f("ck_control_total_total_is_a_count")),
        sa.ForeignKeyConstraint(
            ["control_set_id"], ["control_set.id"], ondelete="CASCADE",
            name=op.f("fk_control_total_control_set_id_control_set"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_total")),
        sa.UniqueConstraint("control_set_id", "margin", "level", name=op.f("uq_control_total_control_set_id_margin_level")),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_column("run", "recipe_number")
    op.drop_table("control_total")
    op.drop_table("control_set")
    op.drop_table("recipe_version")
