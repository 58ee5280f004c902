"""Runs: snapshot, weights, estimates; asked for by a statistician, done by the worker or the command line."""

import subprocess
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version

import pandas as pd
from flask import current_app
from sqlalchemy import delete, select

from analysis import Design
from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.config import PROJECT, Settings
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.process.course import Progress, failing, refuse_cancelled, teller
from survey.process.edits import check_edits, edits_of
from survey.process.estimation import estimate_indicator
from survey.process.folders import run_folder
from survey.process.methods.area_plan import area_plan
from survey.process.methods.change import compared_with_last
from survey.process.methods.opt_in_plan import opt_in_plan
from survey.process.methods.small_area import small_areas
from survey.process.methods.volunteers import volunteers_apart
from survey.process.models import Estimate, MethodResult, Run, RunStatus
from survey.process.recipe import Recipe, read_document, read_recipe
from survey.process.tables import Tables, read_tables, take_snapshot
from survey.process.weighting import check_steps, weighted_design
from survey.process.withdrawn import erase_copies
from survey.rounds.models import Round

LARGEST_ID = 2**31 - 1  # of a PostgreSQL integer; a longer number in an address is nobody's
WEIGHTED_AT, METHODS_AT = 0.4, 0.9  # shares of a run's progress
AFFECTED_FILE = "edits.parquet"
FINISHED = (RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED)


def request_run(round_: Round, user: User) -> Run:
    """Queue a run of the round's recipe; the caller commits and hands its id to a worker.

    Raises `Refused` unless the user is a statistician, `BadRecipe` for plans that cannot be read.
    """
    require(user, "weight")
    recipe = recipe_of(round_)
    run = Run(
        round=round_,
        recipe=recipe.document,
        recipe_hash=recipe.hash,
        code_version=code_version(),
        requested_by_id=user.id,
    )
    db.session.add(run)
    db.session.flush()
    record("run.request", f"run:{run.id}", {"round": f"{round_.survey.code}/{round_.code}"}, user=user)
    return run


def recipe_of(round_: Round) -> Recipe:
    """The recipe that belongs to the round's instrument version; raise `BadRecipe` for what cannot be run."""
    version_ = round_.instrument_version
    recipe = read_recipe(version_.indicators, version_.design, version_.controls)
    for level in recipe.levels.values():
        check_steps(level)
    area_plan(recipe)
    opt_in_plan(recipe)
    return recipe


def execute(run_id: int, progress: Progress | None = None) -> Run:
    """Weight and estimate; a run that fails is marked with its reason and leaves no figures.

    Safe to start again after a worker was killed: estimates are replaced in one transaction.
    """
    run = weight(run_id, progress)
    return run if run.status == RunStatus.FAILED else estimate(run_id, progress)


def weight(run_id: int, progress: Progress | None = None) -> Run:
    """Take the snapshot, compute every level's weights and keep them beside it."""
    run = find_run(run_id)
    tell = teller(run, progress)
    with failing(run):
        tell(0.05, "Chụp dữ liệu")
        run.snapshot = take_snapshot(run.round, _settings().files)
        tables, recipe = read_tables(run.snapshot), recipe_used(run)
        tell(0.1, "Kiểm tra dữ liệu")
        erase_copies(run.round)  # of whoever withdrew while the snapshot was taken
        db.session.commit()
        refuse_cancelled(run)
        _look_over(run, tables, recipe)
        log = []
        for name, level in recipe.levels.items():
            tell(0.2, f"Tính trọng số: {name}")
            design, steps = weighted_design(tables, level, recipe)
            log.extend(steps)
            _write_weights(run, name, design.data.assign(final_weight=design.weights()))
        tell(WEIGHTED_AT, "Đã có trọng số")
        refuse_cancelled(run)
        run.log, run.status = log, RunStatus.WEIGHTED
        db.session.commit()
    return run


def estimate(run_id: int, progress: Progress | None = None) -> Run:
    """Estimate every indicator of a weighted run; the figures appear all at once or not at all."""
    run = find_run(run_id)
    if run.snapshot is None:
        raise Fault(f"Lượt {run.id} chưa có trọng số.", "Chạy `khaosat weight` trước.")
    tell = teller(run, progress)
    with failing(run):
        tables, recipe = read_tables(run.snapshot), recipe_used(run)
        designs = {name: weighted_design(tables, level, recipe)[0] for name, level in recipe.levels.items()}
        figures = _figures(designs, recipe, tell)
        tell(METHODS_AT, "So sánh với đợt trước, vùng nhỏ, phiếu tự nguyện")
        results = [
            *compared_with_last(run, recipe, designs),
            *small_areas(recipe, designs),
            *volunteers_apart(recipe, tables, designs),
        ]
        refuse_cancelled(run)
        for table in (Estimate, MethodResult):
            db.session.execute(delete(table).where(table.run_id == run.id))
        db.session.add_all(Estimate(run_id=run.id, **vars(figure)) for figure in figures)
        for result in results:
            result.run_id = run.id
        db.session.add_all(results)
        run.status, run.progress, run.finished_at = RunStatus.DONE, 1.0, datetime.now(UTC)
        run.message = f"{len(figures)} ước lượng"
        record("run.done", f"run:{run.id}", {"estimates": len(figures)})
        db.session.commit()
    return run


def _figures(designs: dict[str, Design], recipe: Recipe, tell: Progress) -> list[object]:
    figures: list[object] = []
    for number, indicator in enumerate(recipe.indicators):
        share = number / len(recipe.indicators)
        tell(WEIGHTED_AT + (METHODS_AT - WEIGHTED_AT) * share, f"Ước lượng: {indicator.code}")
        figures.extend(estimate_indicator(designs[indicator.level], indicator, recipe))
    return figures


def recipe_used(run: Run) -> Recipe:
    """The recipe as it stood when the run was asked for."""
    return read_document(run.recipe)


def _look_over(run: Run, tables: Tables, recipe: Recipe) -> None:
    """Count what the edit rules find and keep which records they name; the data stay as collected."""
    rules = edits_of(run.round.instrument_version, recipe.levels)
    report = check_edits(rules, tables)
    run.edits = report.lines(rules)
    report.affected.to_parquet(run_folder(run) / AFFECTED_FILE, index=False)


def affected_records(run: Run) -> pd.DataFrame:
    """The records that the edit rules name: code, severity, response_key, instance; raise `NotFound`."""
    path = run_folder(run) / AFFECTED_FILE
    if not path.exists():
        raise NotFound(f"Lượt {run.id} không có danh sách phiếu cần xem.", "Tính một lượt mới.")
    return pd.read_parquet(path)


def _write_weights(run: Run, level: str, table: pd.DataFrame) -> None:
    keys = [name for name in ("response_key", "instance", "case_id") if name in table]
    weighted = table.loc[table["final_weight"] > 0, [*keys, "final_weight"]]
    weighted.to_parquet(run_folder(run) / f"weights-{level}.parquet", index=False)


def _settings() -> Settings:
    settings: Settings = current_app.config["KHAOSAT"]
    return settings


def find_run(run_id: int) -> Run:
    """The run of this number; raise `NotFound`."""
    run = db.session.get(Run, run_id) if run_id <= LARGEST_ID else None
    if run is None:
        raise NotFound(f"Không có lượt xử lý {run_id}.", "Xem danh sách ở /process/.")
    return run


def latest_run(round_: Round, *statuses: RunStatus) -> Run | None:
    """The newest run of a round in one of these states."""
    query = select(Run).where(Run.round_id == round_.id, Run.status.in_(statuses))
    return db.session.scalars(query.order_by(Run.id.desc())).first()


def runs_of(round_: Round) -> list[Run]:
    """The runs of a round, newest first."""
    return list(db.session.scalars(select(Run).where(Run.round_id == round_.id).order_by(Run.id.desc())))


def waiting_since(moment: datetime) -> list[int]:
    """Numbers of the runs that were asked for before a moment and not yet begun."""
    query = select(Run.id).where(Run.status == RunStatus.QUEUED, Run.requested_at < moment)
    return list(db.session.scalars(query.order_by(Run.id)))


def cancel(run: Run) -> None:
    """Stop a run that has not finished; a worker notices at its next step."""
    db.session.refresh(run, ["status"], with_for_update=True)
    if run.status in FINISHED:
        raise Conflict(f"Lượt {run.id} đã kết thúc.", "Không cần hủy.")
    run.status, run.finished_at, run.message = RunStatus.CANCELLED, datetime.now(UTC), ""
    record("run.cancel", f"run:{run.id}")


@lru_cache(maxsize=1)
def code_version() -> str:
    """The git commit of this checkout (with `+changes` when files differ), or the package's version."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty=+changes", "--exclude=*"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
        return described.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return version("khaosat")
