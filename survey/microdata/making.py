"""A release made: rows anonymised, replicate weights computed, every file written, all or nothing."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from analysis import Design
from analysis.replicates.description import Description
from survey.errors import Fault
from survey.formats import number
from survey.microdata import papers, replicas, snippets, writing
from survey.microdata.anonymising import Anonymous, anonymise, refuse_unsafe
from survey.microdata.book import codebook_table, codebook_xml
from survey.microdata.candidates import Candidates, candidates
from survey.microdata.columns import Column, Names, released, replicate_names
from survey.microdata.plan import PSEUDO, Plan, checked
from survey.process.completing import completed
from survey.process.models import Run
from survey.process.recipe import Level, Recipe
from survey.process.service import recipe_used
from survey.process.tables import read_tables
from survey.process.weighting import weighted_design

MOST_CELLS = 30_000_000
"""Rows times columns that are written while somebody waits."""
UNSAFE_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, eq=False)
class Bench:
    """A level of a run, weighted again from its snapshot, and what of it may be released."""

    run: Run
    level: Level
    recipe: Recipe
    design: Design
    offered: Candidates

    @property
    def weight(self) -> "pd.Series":
        """The final weights of who answered."""
        weight = self.design.weights()
        return weight[weight > 0]

    @property
    def rows(self) -> pd.DataFrame:
        """Who answered; drawn units in which nobody did stay in the design alone."""
        return self.design.data.loc[self.weight.index]


@dataclass(frozen=True, eq=False)
class Made:
    """The table of a release, its columns, and what its pages tell of it."""

    table: pd.DataFrame
    columns: list[Column]
    design: Design
    report: Anonymous
    figures: replicas.Figures


def bench_of(run: Run, level: str) -> Bench:
    """The weighted level of a run; raise `Fault` for a level that it has not."""
    recipe = recipe_used(run)
    if level not in recipe.levels or run.snapshot is None:
        raise Fault(f"Lượt {run.id} không có bảng {level[:64]!r}.", f"Có: {', '.join(recipe.levels)}.")
    found = recipe.levels[level]
    tables = completed(read_tables(run.snapshot), recipe).tables[
        0
    ]  # what was imputed is part of the published figure
    design, _ = weighted_design(tables, found, recipe)
    return Bench(run, found, recipe, design, candidates(run, found, recipe, design.data))


def tried(bench: Bench, plan: Plan) -> Anonymous:
    """The rows as the plan makes them, with the report; nothing is kept."""
    plan = checked(plan, bench.offered)
    return anonymise(bench.rows, bench.weight, plan, bench.level.strata, dict(bench.offered.withheld))


def made(bench: Bench, plan: Plan) -> Made:
    """The table of the release in an order of its own; raise `NotAnonymous` under the thresholds."""
    plan = checked(plan, bench.offered)
    anonymous = tried(bench, plan)
    refuse_unsafe(anonymous.report)
    design = replicas.replicated(bench.design)
    variance = replicas.variance_of(design)
    cells = len(anonymous.data) * (variance.weights.count + len(anonymous.data.columns))
    if cells > MOST_CELLS:
        raise Fault(
            f"Tệp có {number(cells)} ô, quá {number(MOST_CELLS)}.", "Chọn ít biến hơn, hoặc chia theo bảng."
        )
    names = Names()
    table, columns = released(anonymous.data, plan, bench.offered, names)
    figures = replicas.figures(bench.run, design, anonymous.data, bench.recipe, bench.level.name, names)
    parts = [table, figures.table]
    columns = [*columns, *figures.columns]
    if plan.design == PSEUDO:
        pseudo = _pseudo(bench)
        parts.append(pseudo)
        columns += [Column(name, PSEUDO_LABELS[name], True) for name in pseudo]
    parts.append(_weights(design, bench))
    held = pd.concat(parts, axis=1)
    order = np.random.default_rng(secrets.randbits(128)).permutation(len(held))
    shuffled = held.iloc[order].reset_index(drop=True)
    shuffled.insert(0, "id", np.arange(1, len(held) + 1))
    columns = [
        Column("id", "Số thứ tự, đặt ngẫu nhiên", True),
        *columns,
        Column(snippets.WEIGHT, "Trọng số cuối cùng", True),
    ]
    columns += [
        Column(name, f"Trọng số lặp {place}", True)
        for place, name in enumerate(replicate_names(variance.weights.count), 1)
    ]
    return Made(shuffled, columns, design, anonymous, figures)


PSEUDO_LABELS = {"stratum": "Mã giả của tầng mẫu", "psu": "Mã giả của cụm, không trùng giữa các tầng"}


def _pseudo(bench: Bench) -> pd.DataFrame:
    """Numbers in place of strata and first-stage units, given by chance and kept nowhere."""
    chance = np.random.default_rng(secrets.randbits(128))
    first = {"stratum": bench.level.strata[:1], "psu": bench.level.clusters[:1]}
    found = {}
    for name, columns in first.items():
        if not columns:
            continue
        within = [*bench.level.strata[:1], *columns] if name == "psu" else list(columns)
        key = bench.rows[within].astype(str).agg(":".join, axis=1)
        codes, levels = pd.factorize(key)
        found[name] = pd.Series((chance.permutation(len(levels)) + 1)[codes], index=key.index)
    return pd.DataFrame(found, index=bench.rows.index)


def _weights(design: Design, bench: Bench) -> pd.DataFrame:
    held = replicas.variance_of(design).weights
    matrix = np.stack([held.column(number) for number in range(held.count)], axis=1)
    names = replicate_names(held.count)
    table = pd.DataFrame(matrix, index=design.data.index, columns=list(names))
    table.insert(0, snippets.WEIGHT, design.weights())
    return table.loc[bench.weight.index]


def file_stem(run: Run, level: str, version: int) -> str:
    """`ict-ho-gia-dinh-2026-adult-v1`."""
    parts = (run.round.survey.code, run.round.time_period, level, f"v{version}")
    return UNSAFE_IN_NAMES.sub("-", "-".join(part for part in parts if part))


def write(
    bench: Bench, plan: Plan, done: Made, version: int, folder: Path
) -> tuple[list[Path], dict[str, Any]]:
    """Write every file of a release into a new folder at once; return the files and the facts about them."""
    stem = file_stem(bench.run, bench.level.name, version)
    title = papers.title(bench.run, bench.level.name, version)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".part-") as name:
        part = Path(name) / "files"
        part.mkdir()
        cut = _write_data(done, part, stem, title)
        (part / f"{stem}-bang-ma.csv").write_bytes(codebook_table(done.columns))
        rows, version_ = len(done.table), bench.run.round.instrument_version
        (part / f"{stem}-ddi.xml").write_bytes(
            codebook_xml(version_, done.columns, f"{stem}.csv", rows, title)
        )
        facts = _facts(bench, done, cut)
        _write_snippets(bench, done, part, stem)
        (part / "bao-cao-an-danh.pdf").write_bytes(
            papers.report_pdf(bench.run, title, done.report.report, facts)
        )
        text = papers.readme(bench.run, plan, done.report.report, facts, stem, title)
        (part / "README.md").write_text(text, encoding="utf-8")
        _write_sums(part)
        part.rename(folder)
    return sorted(folder.iterdir()), facts


def _write_data(done: Made, part: Path, stem: str, title: str) -> list[str]:
    variance = replicas.variance_of(done.design)
    names, df = list(replicate_names(variance.weights.count)), done.design.degrees_of_freedom
    description = Description.of(variance, snippets.WEIGHT, names, df, done.table)
    writing.write_tables(done.table, description, part, stem)
    cut = writing.write_stata(done.table, done.columns, part / f"{stem}.dta", title)
    return cut + writing.write_spss(done.table, done.columns, part / f"{stem}.sav", title)


def _write_snippets(bench: Bench, done: Made, part: Path, stem: str) -> None:
    chosen = _example(bench, done)
    if chosen is None:
        return
    variance = replicas.variance_of(done.design)
    code = snippets.r_snippet(chosen, f"{stem}.csv", float(variance.scale), variance.rscales.tolist())
    (part / "vi-du.R").write_text(code, encoding="utf-8")
    (part / "vi-du.py").write_text(snippets.python_snippet(chosen, f"{stem}.csv"), encoding="utf-8")


def _example(bench: Bench, done: Made) -> replicas.Reproduced | None:
    held = [one.code for one in bench.recipe.indicators if one.held_against_target]
    return replicas.example(done.figures.reproduced, held)


def _write_sums(part: Path) -> None:
    lines = [f"{sha256_of(path)}  {path.name}\n" for path in sorted(part.iterdir())]
    (part / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def sha256_of(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _facts(bench: Bench, done: Made, cut: list[str]) -> dict[str, Any]:
    variance = replicas.variance_of(done.design)
    chosen = _example(bench, done)
    return {
        "rows": len(done.table),
        "columns": len(done.table.columns),
        "variables": len(done.report.data.columns),
        "method": variance.method,
        "replicates": variance.weights.count,
        "df": done.design.degrees_of_freedom,
        "reproduced": [one.as_mapping() for one in done.figures.reproduced],
        "lost": done.figures.lost,
        "example": chosen.indicator if chosen else "",
        "cut": sorted(set(cut)),
        "renamed": {c.source or c.note: c.name for c in done.columns if _is_shortened(c)},
    }


def _is_shortened(column: Column) -> bool:
    wanted = f"{column.source}_{column.code}" if column.code else column.source
    return bool(wanted) and wanted != column.name
