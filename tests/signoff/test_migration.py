"""What was signed before sign-off had its room keeps its signatures, and earlier figures find their successors."""

import flask_migrate
from flask import Flask
from sqlalchemy import text

from survey.extensions import db
from tests.test_migrations import empty_app

__all__ = ["empty_app"]
BEFORE = "0011"
RELEASE = (
    "INSERT INTO release (id, run_id, status, proposed_by_id, published_by_id, published_at, reason) VALUES "
)
OBSERVATION = """INSERT INTO observation (id, release_id, survey, indicator, ref_area, time_period, unit_measure, n,
    obs_value, obs_status, conf_status, is_synthetic, purpose, current, definition, lineage)
    VALUES (:id, :release, 'ict', 'smartphone', '86', '2026', 'PT', 9, :value, 'A', 'F', false, 'production', true,
    '{}', '{}')"""


def test_signatures_and_figures_from_before(empty_app: Flask) -> None:
    flask_migrate.upgrade(revision=BEFORE)
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no runs, no people
        connection.execute(
            text(RELEASE + "(1, 1, 'published', 1, 2, now(), ''), (2, 2, 'checked', 1, NULL, NULL, '')")
        )
        connection.execute(text(RELEASE + "(3, 3, 'published', 1, 2, now(), '')"))
        for number, release, value in ((1, 1, 70.0), (2, 3, 71.0), (3, 3, 71.0)):
            connection.execute(text(OBSERVATION), {"id": number, "release": release, "value": value})
        connection.execute(text("UPDATE observation SET dimension = 'sex', level = 'male' WHERE id = 3"))
    # foreign keys are made again over these rows, which point nowhere: not what is tested here
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(
                "INSERT INTO user_account (id, username, full_name, role, password_hash, active, failed_sign_ins)"
                " VALUES (1, 'lan', 'Lan', 'statistician', '-', true, 0),"
                " (2, 'minh', 'Minh', 'statistician', '-', true, 0)"
            )
        )
    flask_migrate.upgrade(revision="0016")
    with db.engine.begin() as connection:
        signed = connection.execute(
            text("SELECT status, approved_by_id, approved_at = published_at FROM release ORDER BY id")
        ).all()
        followed = connection.execute(
            text("SELECT id, replaces_id, revised FROM observation ORDER BY id")
        ).all()
    assert signed == [("published", 2, True), ("checked", None, None), ("published", 2, True)]
    assert followed == [(1, None, False), (2, 1, True), (3, None, False)]
    flask_migrate.downgrade(revision=BEFORE)
    with db.engine.begin() as connection:
        back = connection.execute(text("SELECT status, published_by_id FROM release ORDER BY id")).all()
    assert back == [("published", 2), ("checked", None), ("published", 2)]
