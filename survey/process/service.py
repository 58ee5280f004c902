"""Runs: snapshot, weights, estimates; asked for by a statistician, done by the worker or the command line."""

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import TypeGuard

import pandas as pd
from flask import current_app
from sqlalchemy import delete, select

from analysis import Design
from survey import formats
from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.config import PROJECT, Settings
from survey.editing.applying import CORRECTIONS, counted
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.process.combining import estimate_repeats
from survey.process.completing import Completed, completed, plan_of
from survey.process.course import Progress, begin, failing, refuse_cancelled, teller
from survey.process.edits import check_edits, edits_of
from survey.process.folders import present, run_folder
from survey.process.holding import holding
from survey.process.journal import note, step
from survey.process.methods.area_plan import area_plan
from survey.process.methods.change import compared_with_last
from survey.process.methods.opt_in_plan import opt_in_plan
from survey.process.methods.small_area import small_areas
from survey.process.methods.volunteers import volunteers_apart
from survey.process.models import Estimate, EventKind, MethodResult, Run, RunStatus, Snapshot
from survey.process.recipe import Recipe, read_document, read_recipe
from survey.process.snapshots.reading import read_annex, read_collected
from survey.process.tables import ROOT, Tables, content_hash, read_tables, take_snapshot
from survey.process.weighting import check_steps, weighted_design
from survey.process.withdrawn import erase_copies
from survey.rounds.models import Round

LARGEST_ID = 2**31 - 1  # of a PostgreSQL integer; a longer number in an address is nobody's
WEIGHTED_AT, METHODS_AT = 0.4, 0.9  # shares of a run's progress
AFFECTED_FILE = "edits.parquet"
IMPUTED_FILE = "imputed.parquet"


def request_run(
    round_: Round,
    user: User,
    *,
    recipe: Recipe | None = None,
    recipe_number: int = 0,
    snapshot: Snapshot | None = None,
) -> Run:
    """Queue a run of the round's recipe, or of a version of it; the caller commits and hands its id to a worker.

    With `snapshot` the data of an earlier run are used once more instead of those of now. Raises `Refused`
    unless the user is a statistician, `BadRecipe` for plans that cannot be read.
    """
    require(user, "weight")
    recipe = recipe or recipe_of(round_)
    run = Run(
        round=round_,
        snapshot=snapshot,
        recipe=recipe.document,
        recipe_hash=recipe.hash,
        recipe_number=recipe_number,
        code_version=code_version(),
        requested_by_id=user.id,
    )
    db.session.add(run)
    db.session.flush()
    note(run, EventKind.REQUESTED, user=user)
    record("run.request", f"run:{run.id}", {"round": f"{round_.survey.code}/{round_.code}"}, user=user)
    return run


def recipe_of(round_: Round) -> Recipe:
    """The recipe that belongs to the round's instrument version; raise `BadRecipe` for what cannot be run."""
    version_ = round_.instrument_version
    recipe = read_recipe(version_.indicators, version_.design, version_.controls)
    for level in recipe.levels.values():
        check_steps(level)
    plan_of(recipe)
    area_plan(recipe)
    opt_in_plan(recipe)
    return recipe


def execute(run_id: int, progress: Progress | None = None) -> Run:
    """Weight and estimate; a run that fails is marked with its reason and leaves no figures.

    Safe to start again after a worker was killed: the snapshot that was taken is used again, and estimates are
    replaced in one transaction. A run that has ended is left as it is. Raises `RunHeld` while another process
    is at it.
    """
    with holding(run_id):
        run = find_run(run_id)
        if run.status in (RunStatus.DONE, RunStatus.FAILED):
            return run
        begin(run)
        if run.status != RunStatus.WEIGHTED:
            _weigh(run, progress)
        return run if run.status == RunStatus.FAILED else _reckon(run, progress)


def weight(run_id: int, progress: Progress | None = None) -> Run:
    """Take the snapshot, compute every level's weights and keep them beside it."""
    with holding(run_id):
        run = find_run(run_id)
        begin(run)
        return _weigh(run, progress)


def estimate(run_id: int, progress: Progress | None = None) -> Run:
    """Estimate every indicator of a weighted run; the figures appear all at once or not at all."""
    with holding(run_id):
        return _reckon(find_run(run_id), progress)


def _weigh(run: Run, progress: Progress | None) -> Run:
    tell = teller(run, progress)
    with failing(run):
        with step(run, "Chụp dữ liệu") as done:
            run.snapshot = _snapshot(run, tell)
            done.rows = run.snapshot.rows.get(ROOT)
        with step(run, "Kiểm tra dữ liệu"):
            tell(0.15, "Kiểm tra dữ liệu")
            tables, recipe = read_tables(run.snapshot), recipe_used(run)
            erase_copies(run.round)  # of whoever withdrew while the snapshot was taken
            db.session.commit()
            refuse_cancelled(run)
            _look_over(run, tables, recipe)
        with step(run, "Bù giá trị") as done:
            filled = _complete(run, tables, recipe)
            done.rows = len(filled.imputed)
        log = []
        for name, level in recipe.levels.items():
            with step(run, f"Tính trọng số: {name}") as done:
                tell(0.2, f"Tính trọng số: {name}")
                design, steps = weighted_design(filled.tables[0], level, recipe)
                log.extend(steps)
                done.rows = len(design.data)
                _write_weights(run, name, design.data.assign(final_weight=design.weights()))
        tell(WEIGHTED_AT, "Đã có trọng số")
        refuse_cancelled(run)
        run.log, run.status = log, RunStatus.WEIGHTED
        db.session.commit()
    return run


def _snapshot(run: Run, tell: Progress) -> Snapshot:
    """The run's own snapshot if a worker that was killed, or an earlier try, has taken it; else a new one."""
    if is_at_hand(run.snapshot):
        return run.snapshot
    tell(0.02, "Chụp dữ liệu")

    def told(done: int, of: int) -> None:
        tell(
            0.02 + 0.13 * done / max(of, 1),
            f"Chụp dữ liệu: {formats.number(done)} / {formats.number(of)} phiếu",
        )

    return take_snapshot(run.round, _settings().files, told=told)


def is_at_hand(snapshot: Snapshot | None) -> TypeGuard[Snapshot]:
    """Whether a snapshot's files are there as they were hashed."""
    if snapshot is None or not present(snapshot.folder).is_dir():
        return False
    return content_hash(present(snapshot.folder)) == snapshot.hash


def _reckon(run: Run, progress: Progress | None) -> Run:
    if run.snapshot is None:
        raise Fault(f"Lượt {run.id} chưa có trọng số.", "Chạy `khaosat weight` trước.")
    tell = teller(run, progress)
    with failing(run):
        with step(run, "Ước lượng") as done:
            tables, recipe = read_tables(run.snapshot), recipe_used(run)
            designs = _designs(tables, recipe)
            figures = _figures(designs, recipe, tell)
            done.rows = len(figures)
        with step(run, "Thay đổi, vùng nhỏ, phiếu tự nguyện") as done:
            tell(METHODS_AT, "So sánh với đợt trước, vùng nhỏ, phiếu tự nguyện")
            results = _results(run, tables, recipe, designs)
            refuse_cancelled(run)
            done.rows = len(results)
        for table in (Estimate, MethodResult):
            db.session.execute(delete(table).where(table.run_id == run.id))
        db.session.add_all(Estimate(run_id=run.id, **vars(figure)) for figure in figures)
        for result in results:
            result.run_id = run.id
        db.session.add_all(results)
        run.status, run.progress, run.finished_at = RunStatus.DONE, 1.0, datetime.now(UTC)
        run.message = f"{len(figures)} ước lượng"
        note(run, EventKind.DONE, run.message)
        record("run.done", f"run:{run.id}", {"estimates": len(figures)})
        db.session.commit()
    return run


def _designs(tables: Tables, recipe: Recipe) -> dict[str, list[Design]]:
    """The weighted design of each level; as many as there are imputations, one without any."""
    repeats = completed(tables, recipe).tables
    return {
        name: [weighted_design(filled, level, recipe)[0] for filled in repeats]
        for name, level in recipe.levels.items()
    }


def _figures(designs: Mapping[str, list[Design]], recipe: Recipe, tell: Progress) -> list[object]:
    figures: list[object] = []
    for number, indicator in enumerate(recipe.indicators):
        share = number / len(recipe.indicators)
        tell(WEIGHTED_AT + (METHODS_AT - WEIGHTED_AT) * share, f"Ước lượng: {indicator.code}")
        figures.extend(estimate_repeats(designs[indicator.level], indicator, recipe))
    return figures


def _results(
    run: Run, tables: Tables, recipe: Recipe, designs: dict[str, list[Design]]
) -> list[MethodResult]:
    """What stands beside the direct estimates; models with imputations rest on the first of them, and say so."""
    first = {name: made[0] for name, made in designs.items()}
    models = [*small_areas(recipe, tables, first), *volunteers_apart(recipe, tables, first)]
    for result in models:
        result.summary = result.summary | {"imputations": max(map(len, designs.values()))}
    return [*compared_with_last(run, recipe, designs), *models]


def recipe_used(run: Run) -> Recipe:
    """The recipe as it stood when the run was asked for."""
    return read_document(run.recipe)


def _look_over(run: Run, tables: Tables, recipe: Recipe) -> None:
    """Count what the edit rules find and keep which records they name; the data stay as collected."""
    rules = edits_of(run.round.instrument_version, recipe.levels)
    report = check_edits(rules, tables)
    run.edits = report.lines(rules)
    report.affected.to_parquet(run_folder(run) / AFFECTED_FILE, index=False)


def _complete(run: Run, tables: Tables, recipe: Recipe) -> Completed:
    """Fill what is missing as design.yaml says, and keep each filled value with its donor beside the run."""
    filled = completed(tables, recipe)
    assert run.snapshot is not None
    frozen = read_annex(run.snapshot, CORRECTIONS)
    found = counted(read_collected(run.snapshot), frozen) if frozen is not None else counted({}, None)
    run.editing = {"corrections": found} | ({"imputed": filled.summary} if filled.tallies else {})
    if filled.tallies:
        filled.imputed.to_parquet(run_folder(run) / IMPUTED_FILE, index=False)
    return filled


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
