"""The questionnaires of this repository, and random answers that their own rules accept."""

import csv
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from survey.config import PROJECT
from survey.instrument import Instrument, Page, Question, check, choices_for, next_page, read_xlsform

FOLDER = PROJECT / "questionnaires"
NAMES = sorted(folder.name for folder in FOLDER.iterdir() if (folder / "survey.csv").exists())
OWN = [name for name in NAMES if name != "indec-ict-2018"]  # INDEC's answers are its microdata
ATTEMPTS = 500
BOUND = re.compile(r"\. (>=|<=) (\d+)")
WORDS = "Đường vào ấp ngập khi mưa, xin sửa sớm."


@cache
def instrument(name: str) -> Instrument:
    """The compiled questionnaire of a folder."""
    return read_xlsform(FOLDER / name)


def document(name: str, file: str) -> dict[str, Any]:
    """A YAML document of a questionnaire's folder."""
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / name / f"{file}.yaml").read_text(encoding="utf-8"))
    return loaded


def sheet(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def random_walk(form: Instrument, rng: random.Random) -> tuple[dict[str, Any], list[str]]:
    """Answers from the first page to the end, with the ids of the pages seen."""
    answers: dict[str, Any] = {}
    seen: list[str] = []
    page = next_page(form, answers, None)
    while page is not None:
        seen.append(page.id)
        answers = _answered(form, page, answers, rng)
        page = next_page(form, answers, page.id)
    return answers, seen


def _answered(form: Instrument, page: Page, answers: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The answers with those of one page, tried until the page is accepted; all of it is known when it opens."""
    relevant = check(form, answers, page=page).relevant
    for _ in range(ATTEMPTS):
        tried = dict(answers)
        for question in page.questions:
            if (question.variable, ()) in relevant:
                tried |= _answer(form, question, tried, rng)
        if not check(form, tried, page=page).faults:
            return tried
    raise AssertionError(f"{form.form_id}: no answers accepted on page {page.id}")


def _answer(
    form: Instrument, question: Question, answers: dict[str, Any], rng: random.Random
) -> dict[str, Any]:
    maker = ANSWERS.get(question.type)
    value = maker(form, question, answers, rng) if maker else None
    return {} if value is None else {question.variable: value}


def _one(form: Instrument, question: Question, answers: dict[str, Any], rng: random.Random) -> str:
    names = [choice.name for choice in choices_for(form, question.variable, answers)]
    agreed = question.name == "consent" and rng.random() < 0.9
    return "yes" if agreed else rng.choice(names)


def _several(form: Instrument, question: Question, answers: dict[str, Any], rng: random.Random) -> list[str]:
    names = [choice.name for choice in choices_for(form, question.variable, answers)]
    chosen = set(rng.sample(names, rng.randint(1, min(4, len(names)))))
    return [name for name in names if name in chosen]


def _whole(_: Instrument, question: Question, __: dict[str, Any], rng: random.Random) -> int:
    """A number between the constraint's own ends, most often a small one."""
    ends = {sign: int(number) for sign, number in BOUND.findall(question.constraint or "")}
    low, high = ends.get(">=", 0), ends.get("<=", 50)
    return rng.randint(low, min(high, low + 8) if rng.random() < 0.5 else high)


def _words(_: Instrument, question: Question, __: dict[str, Any], rng: random.Random) -> str | None:
    return WORDS if question.name != "case_code" and rng.random() < 0.9 else None


ANSWERS = {"select_one": _one, "select_multiple": _several, "integer": _whole, "text": _words}
