"""How fast a round's responses are frozen, and in how much memory; prints figures, tests nothing.

    python -m tests.load.bench_snapshot [--responses 1000000] [--members]

The responses are made by SQL in a database of their own: 60 variables of all common types, a third of them under a
condition. The snapshot is taken in a fresh process. Beside it stands a plain COPY of the same rows, thrown away.
"""

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.engine import make_url

from survey.app import create_app
from survey.config import Settings
from survey.extensions import db
from survey.postgres import database
from survey.process.tables import take_snapshot
from survey.rounds.models import Round
from tests.factories import field_survey

SELECTS, WHOLE, DECIMALS, SEVERAL, TEXTS = 34, 10, 5, 4, 4
OPTIONS = ("yes", "no", "dont_know", "refused")
COPY = "COPY (SELECT instance_id, case_id, mode, assisted, instrument_version_id, answers FROM response{}) TO STDOUT"


def form(members: bool) -> str:
    """The questionnaire: 60 variables, and with `members` a repeat of three more."""
    rows = [("integer", "age", ""), ("date", "day", ""), ("geopoint", "place", "")]
    rows += [("select_one option", f"s{n}", "${age} >= 40" if n % 3 == 0 else "") for n in range(SELECTS)]
    rows += [("integer", f"i{n}", "${s1} = 'yes'" if n % 3 == 0 else "") for n in range(WHOLE)]
    rows += [("decimal", f"d{n}", "") for n in range(DECIMALS)]
    rows += [("select_multiple option", f"m{n}", "") for n in range(SEVERAL)]
    rows += [("text", f"t{n}", "${s2} != 'no'" if n % 2 else "") for n in range(TEXTS)]
    if members:
        inner = [("integer", "years", ""), ("select_one option", "works", "${years} >= 15")]
        rows += [("begin_repeat", "member", ""), *inner, ("end_repeat", "", "")]
    asked = "\n".join(f"| | {kind} | {name} | {name} | {relevant} |" for kind, name, relevant in rows)
    options = "\n".join(f"| | option | {name} | {name} |" for name in OPTIONS)
    return (
        f"| survey |\n| | type | name | label | relevant |\n{asked}\n"
        f"| choices |\n| | list_name | name | label |\n{options}\n"
        "| settings |\n| | form_id | version |\n| | bench | 1 |"
    )


def answers(members: bool) -> str:
    """The answer document of respondent g, as SQL."""
    old, one, two = (
        "(15 + g % 70)",
        "(ARRAY['yes','no','dont_know','refused'])[1 + (g * {}) % 4]",
        "g * {} % 97",
    )
    parts = [f"'age', {old}", "'day', to_char(date '2026-01-01' + g % 300, 'YYYY-MM-DD')"]
    parts.append(
        "'place', (9.8 + (g % 1000) / 1500.0)::text || ' ' || (106 + (g % 997) / 1500.0)::text || ' 3 5'"
    )
    for n in range(SELECTS):
        value = one.format(n + 3)
        parts.append(f"'s{n}', CASE WHEN {old} >= 40 THEN {value} END" if n % 3 == 0 else f"'s{n}', {value}")
    yes = f"{one.format(4)} = 'yes'"
    parts += [
        f"'i{n}', CASE WHEN {yes} THEN {two.format(n + 7)} END"
        if n % 3 == 0
        else f"'i{n}', {two.format(n + 7)}"
        for n in range(WHOLE)
    ]
    parts += [f"'d{n}', round((g % 1009) * 1.37 + {n}, 2)" for n in range(DECIMALS)]
    parts += [f"'m{n}', jsonb_build_array('yes', {one.format(n + 2)})" for n in range(SEVERAL)]
    parts += [f"'t{n}', 'điều số ' || g * {n + 1}" for n in range(TEXTS)]
    halves = (parts[:45], parts[45:])  # a function takes at most 100 arguments
    document = " || ".join(f"jsonb_build_object({', '.join(half)})" for half in halves)
    if members:
        document += (
            " || jsonb_build_object('member', (SELECT jsonb_agg(jsonb_build_object('years', (g + m * 13) % 80,"
            " 'works', CASE WHEN (g + m * 13) % 80 >= 15 THEN 'yes' END)) FROM generate_series(1, 1 + g % 5) m))"
        )
    return f"jsonb_strip_nulls({document})"


FILL = """
INSERT INTO survey_case (round_id, code, token, unit, stratum, psu, probability, frame_data, disposition)
SELECT {round}, 'C' || g, 'token-' || g, 'u' || lpad(g::text, 8, '0'), 's' || g % 124, 'p' || g % 5000, 0.1,
       jsonb_build_object('district', 'd' || g % 20, 'area_type', CASE WHEN g % 3 = 0 THEN 'urban' ELSE 'rural' END),
       '1.1' FROM generate_series(1, {responses}) g;
INSERT INTO response (id, round_id, instrument_version_id, case_id, instance_id, mode, source, status, answers,
                      language, revision, submitted_at)
SELECT gen_random_uuid(), {round}, {version}, c.id, 'uuid:' || gen_random_uuid(), 'openrosa', 'sample', 'complete',
       {answers}, 'vi', 1, now()
FROM generate_series(1, {responses}) g JOIN survey_case c ON c.code = 'C' || g AND c.round_id = {round};
VACUUM ANALYZE survey_case; VACUUM ANALYZE response;
"""


def conninfo(url: str) -> str:
    """The address as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def fill(url: str, round_: Round, responses: int, members: bool) -> None:
    """Make the round's responses."""
    script = FILL.format(
        round=round_.id,
        version=round_.instrument_version_id,
        responses=responses,
        answers=answers(members),
    )
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        for statement in script.split(";"):
            if statement.strip():
                connection.execute(statement)  # type: ignore[call-overload]


def copied(url: str, order: str) -> tuple[float, int]:
    """Seconds and bytes of a plain COPY of the rows."""
    start, size = time.perf_counter(), 0
    with (
        psycopg.connect(conninfo(url)) as connection,
        connection.cursor() as cursor,
        cursor.copy(COPY.format(order)) as copy,  # type: ignore[arg-type]
    ):
        for block in copy:
            size += len(block)
    return time.perf_counter() - start, size


def taken(url: str, settings: Settings, round_id: int, tell: Callable[[dict[str, Any]], None]) -> None:
    """In a process of its own: take the snapshot and tell what it took."""
    app = create_app(url, settings)
    with app.app_context():
        round_ = db.session.scalars(select(Round).where(Round.id == round_id)).one()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, cpu = time.perf_counter(), time.process_time()
        snapshot = take_snapshot(round_, settings.files, Progress())
        spent, busy = time.perf_counter() - start, time.process_time() - cpu
        size = sum(path.stat().st_size for path in Path(snapshot.folder).rglob("*") if path.is_file())
        db.session.commit()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        tell(
            {
                "seconds": spent,
                "cpu": busy,
                "peak": peak,
                "before": before,
                "size": size,
                "hash": snapshot.hash,
            }
        )


class Progress:
    """Prints how far the snapshot is, a few times."""

    def __init__(self) -> None:
        self.next = 0.0

    def __call__(self, done: int, of: int) -> None:
        if done >= self.next * of:
            print(f"  {done:,} of {of:,}", flush=True)
            self.next += 0.25


def in_a_fresh_process(url: str, settings: Settings, round_id: int) -> dict[str, Any]:
    """What one snapshot took."""
    context = multiprocessing.get_context("spawn")
    told: Any = context.SimpleQueue()
    process = context.Process(target=taken, args=(url, settings, round_id, told.put))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)
    found: dict[str, Any] = told.get()
    return found


def main() -> None:
    """Fill a database of its own, copy, freeze twice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--responses", type=int, default=100_000)
    parser.add_argument(
        "--members", action="store_true", help="with a repeat, on average three instances each"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="khaosat-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        settings = replace(
            Settings.from_environment(), home=home, database_url=None, files=str(home / "files")
        )
        with database(settings) as url:
            app = create_app(url, settings)
            with app.app_context():
                db.create_all()
            fielded = field_survey(app, form(given.members), folder=home)
            start = time.perf_counter()
            with app.app_context():
                fill(url, db.session.get_one(Round, fielded.round_id), given.responses, given.members)
                db.session.rollback()
                db.engine.dispose()
            print(f"{given.responses:,} responses made in {time.perf_counter() - start:.0f} s", flush=True)
            for label, order in (("COPY", ""), ("COPY in the order of keys", " ORDER BY instance_id")):
                seconds, size = copied(url, order)
                print(
                    f"{label}: {seconds:.1f} s, {size / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
            hashes = set()
            for _ in range(2):
                found = in_a_fresh_process(url, settings, fielded.round_id)
                hashes.add(found["hash"])
                print(
                    f"snapshot: {found['seconds']:.1f} s ({found['cpu']:.1f} s of processor here),"
                    f" {found['seconds'] / seconds:.1f} times the ordered COPY; peak {found['peak'] / 1024:.0f} MB"
                    f" ({found['before'] / 1024:.0f} before); {found['size'] / 1e6:.0f} MB on disk;"
                    f" load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
            print("the same hash twice" if len(hashes) == 1 else f"HASHES DIFFER: {hashes}")


if __name__ == "__main__":
    main()
