"""A published figure comes out of its snapshot again; a changed snapshot, recipe or figure is found out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from flask import Flask

from survey.disseminate import reproduction, service
from survey.disseminate.models import Observation
from survey.errors import NotFound
from survey.extensions import db
from survey.process import service as processing
from survey.rounds.models import Purpose, Round
from tests.process.conftest import HandMade, field
from tests.process.hand_made import DESIGN_WEIGHT, NONRESPONSE, WITHIN
from tests.staff import statistician

__all__ = ["field"]


@pytest.fixture
def published(app: Flask, field: Callable[..., HandMade]) -> Iterator[list[Observation]]:
    """The hand-made round, weighted, estimated and published; within the application."""
    fielded = field(DESIGN_WEIGHT, NONRESPONSE, WITHIN, minimum_n=1, cv_publish=9.0)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        round_.purpose = Purpose.DEMONSTRATION
        lan = statistician("lan")
        run = processing.request_run(round_, lan)
        db.session.commit()
        processing.execute(run.id)
        figures = service.publish(service.propose(run, lan), statistician("minh"))
        db.session.commit()
        yield figures


def silently(done: float, message: str = "") -> None:
    """Progress that nobody watches."""


def snapshot_file(figure: Observation) -> Path:
    snapshot = figure.release.run.snapshot
    assert snapshot is not None
    return Path(snapshot.folder) / "root.parquet"


def test_every_figure_comes_out_the_same(published: list[Observation]) -> None:
    compared = reproduction.reproduce(published, silently)
    assert [one.observation.id for one in compared] == [figure.id for figure in published]
    assert {figure.dimension for figure in published} > {None}
    assert any(figure.obs_value for figure in published)
    assert all(one.agrees for one in compared)


def test_one_figure_is_found_by_number_and_many_by_code(published: list[Observation]) -> None:
    one = published[-1]
    assert reproduction.find_published(str(one.id)) == [one]
    assert reproduction.find_published(one.indicator) == published
    for unknown in ("999999999", "9" * 30, "khong-co"):
        with pytest.raises(NotFound):
            reproduction.find_published(unknown)


def test_a_figure_that_was_changed_is_told_apart(published: list[Observation]) -> None:
    wrong = published[0]
    assert wrong.obs_value is not None
    wrong.obs_value *= 1 + 1e-9
    compared = reproduction.reproduce(published, silently)
    assert [one.agrees for one in compared] == [False, *[True] * (len(published) - 1)]
    assert compared[0].difference == pytest.approx(1e-9, rel=1e-3)


def test_a_breakdown_that_no_longer_comes_out_is_told_apart(published: list[Observation]) -> None:
    published[-1].level = "other"
    assert not reproduction.reproduce(published, silently)[-1].agrees


def test_a_changed_snapshot_is_refused(published: list[Observation]) -> None:
    path = snapshot_file(published[0])
    answers = pd.read_parquet(path)
    answers.iloc[::-1].to_parquet(path, index=False)
    with pytest.raises(reproduction.NotReproducible, match="đã bị thay đổi"):
        reproduction.reproduce(published, silently)


def test_a_lost_snapshot_is_refused(published: list[Observation]) -> None:
    folder = snapshot_file(published[0]).parent
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(reproduction.NotReproducible, match="Không còn bản chụp"):
        reproduction.reproduce(published, silently)


def test_a_changed_recipe_is_refused(published: list[Observation]) -> None:
    run = published[0].release.run
    run.recipe = {**run.recipe, "controls": [{"margin": "sex", "level": "male", "total": "1"}]}
    with pytest.raises(reproduction.NotReproducible, match="không khớp mã băm"):
        reproduction.reproduce(published, silently)


def test_the_same_answers_make_the_same_snapshot(app: Flask, published: list[Observation]) -> None:
    first = published[0].release.run
    again = processing.request_run(first.round, statistician("hoa"))
    db.session.commit()
    assert processing.weight(again.id).snapshot_id == first.snapshot_id
