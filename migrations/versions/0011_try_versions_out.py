"""Let a version be tried out in a round of its own purpose, which is no data"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "purpose_is_known"
BEFORE = ("production", "demonstration", "verification", "test")


def upgrade() -> None:
    _known((*BEFORE, "preview"))


def downgrade() -> None:
    op.execute("DELETE FROM response WHERE round_id IN (SELECT id FROM round WHERE purpose = 'preview')")
    op.execute("DELETE FROM round WHERE purpose = 'preview'")
    _known(BEFORE)


def _known(purposes: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_round_{NAME}"), "round", type_="check")
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.create_check_constraint(op.f(f"ck_round_{NAME}"), "round", f"purpose IN ({listed})")
