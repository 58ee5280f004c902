"""All 198 lines: each says what it means or that the document is silent, what it aims at, and who leads it."""

from datetime import date

import pytest
import yaml
from flask import Flask
from sqlalchemy import func, select

from survey.config import PROJECT
from survey.extensions import db
from survey.registry.loading import OPERATORS
from survey.registry.models import IndicatorDefinition, IndicatorTarget
from survey.registry.service import LineOn, find_indicator, line_on, search
from survey.registry.wording import OPEN, WORDS, aim, facts, told

TODAY = date(2026, 11, 22)
MERGER = date(2025, 7, 1)


def all_on(day: date) -> list[LineOn]:
    return [line_on(line, day) for line in search(with_dates=True)]


def test_every_line_is_defined_or_says_what_is_open(reading: Flask) -> None:
    lines = all_on(TODAY)
    assert len(lines) == 198
    for on in lines:
        assert on.definition is not None, on.line.code
        told_parts = [text for _, text in facts(on.definition)]
        assert all(told_parts), on.line.code
        if on.line.is_task:
            assert on.definition.numerator == "na"
        else:
            assert on.definition.population or OPEN in told_parts, on.line.code
            assert on.definition.numerator, f"{on.line.code} says not what is counted"
        assert on.definition.mark in ("R", "M") and on.definition.source


def test_every_line_has_an_owner_today_or_it_is_said_why_not(reading: Flask) -> None:
    lines = all_on(TODAY)
    named = {on.line.code for on in lines if on.owners}
    orphaned = {on.line.code for on in lines if on.is_orphaned}
    unnamed = {on.line.code for on in lines if on.is_unnamed}
    assert named | orphaned | unnamed == {on.line.code for on in lines}
    assert orphaned == {"KH54-07"}
    assert {code for code in unnamed if not code.startswith("VQ-")} == {"KH43-01", "KH54B-01"}
    assert all(
        owner.agency.valid_to is None or owner.agency.valid_to > TODAY for on in lines for owner in on.owners
    )


def test_every_target_is_a_number_a_range_or_words(reading: Flask) -> None:
    targets = list(db.session.scalars(select(IndicatorTarget)))
    assert len(targets) == 198
    for target in targets:
        assert target.text and target.document.name and (target.operator or "") in OPERATORS
        assert (target.operator == "range") == (target.low is not None)
        assert (target.operator in (">=", ">", "=", "<=")) == (target.value is not None), target.text


def test_the_14_annex_rows_of_the_districts_are_shown_without_a_successor(reading: Flask) -> None:
    annex = [on for on in all_on(TODAY) if on.line.code.startswith("KH54-")]
    abandoned = {on.line.parent_row for on in annex if "ubnd-huyen" in {o.agency.code for o in on.abolished}}
    assert len(abandoned) == 14
    before = [line_on(on.line, date(2025, 6, 30)) for on in annex if on.line.parent_row in abandoned]
    assert all("ubnd-huyen" in {owner.agency.code for owner in on.owners} for on in before)


@pytest.mark.parametrize(
    ("line", "first", "then"),
    [
        ("KH54-01", "cuc-thong-ke-vl", "thong-ke-tinh"),
        ("618-02", "so-tttt-vl", "so-khcn"),
        ("TV-29", "so-tttt-tv", "so-khcn"),
        ("KH54-10", "so-khdt", "so-tai-chinh"),
        ("KH54-62", "so-ldtbxh", "so-noi-vu"),
        ("KH54-03", "so-nnptnt", "so-nnmt"),
        ("KH54-38", "nhnn-vl", "nhnn-khu-vuc"),
        ("KH54-20", "cuc-thue-vl", "thue-tinh"),
    ],
)
def test_agencies_were_succeeded_by_their_names_of_today(
    reading: Flask, line: str, first: str, then: str
) -> None:
    indicator = find_indicator(line)
    assert first in {owner.agency.code for owner in line_on(indicator, date(2025, 1, 1)).owners}
    after = {owner.agency.code for owner in line_on(indicator, TODAY).owners}
    assert then in after and first not in after


def test_an_agency_that_led_a_line_already_does_not_lead_it_twice(reading: Flask) -> None:
    owners = [owner.agency.code for owner in line_on(find_indicator("KH43-04"), TODAY).owners]
    assert len(owners) == len(set(owners))
    assert "so-khcn" in owners


def test_what_surveys_measure_is_defined_as_their_questionnaires_do(reading: Flask) -> None:
    """definitions.csv carries over what indicators.yaml says; neither may move alone."""
    entries = {}
    for path in sorted((PROJECT / "questionnaires").glob("*/indicators.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["indicators"]:
            entries[f"{path.parent.name}/{entry['code']}"] = entry
    measured = [on.definition for on in all_on(TODAY) if on.definition and on.definition.measured_with]
    assert len(measured) == 61
    ages = {None: "na", "working age": "độ tuổi lao động"}
    for version in measured:
        entry = entries[version.measured_with]
        assert entry["registry"] == version.indicator.code
        assert version.age == ages.get(entry["age"], entry["age"])
        assert version.reference_period == entry["reference_period"]
        assert version.missing == entry.get("missing", "keep")
        assert version.text == entry["definition"]["vi"]
    for version in db.session.scalars(
        select(IndicatorDefinition).where(IndicatorDefinition.reference_period != "")
    ):
        assert version.reference_period in WORDS


def test_the_documents_age_is_told_as_open_before_the_survey_fixed_it(reading: Flask) -> None:
    line = find_indicator("KH54-37")
    then, now = line_on(line, date(2024, 1, 1)).definition, line_on(line, TODAY).definition
    assert then is not None and now is not None
    assert (told(then.age), told(now.age)) == (OPEN, "15+")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("VQ-17", "từ 15 đến 20 %"),
        ("TV-24", "từ 4,15 %"),
        ("TV-01", "nhiều nhất 20"),
        ("KH54-46", "Đề ra giải pháp thực hiện"),
    ],
)
def test_targets_are_told_with_their_operator(reading: Flask, line: str, expected: str) -> None:
    indicator = find_indicator(line)
    (target,) = indicator.targets
    assert aim(target, indicator.unit).replace("\N{NO-BREAK SPACE}", " ") == expected


def test_nothing_is_loaded_twice(reading: Flask) -> None:
    assert db.session.scalar(select(func.count()).select_from(IndicatorDefinition)) == 198 + 61
