"""Create the job queue's tables in a schema of their own"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    connection.execute("CREATE SCHEMA procrastinate")
    connection.execute("SET LOCAL search_path TO procrastinate")
    connection.execute(SchemaManager.get_schema())
    connection.execute("SET LOCAL search_path TO public")


def downgrade() -> None:
    op.execute("DROP SCHEMA procrastinate CASCADE")
