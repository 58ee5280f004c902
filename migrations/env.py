"""Alembic's environment: runs within the application, on its engine, against its tables."""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db


def is_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
    """Leave the job queue's own schema and tables to its library."""
    return not (kind == "table" and str(name).startswith("procrastinate"))


with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        include_object=is_ours,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
