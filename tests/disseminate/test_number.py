"""The page of one number: from the question to the two people who signed, for people and programs."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import inf

import pytest
from flask.testing import FlaskClient
from lxml import html

from survey.disseminate import reproduction, service
from survey.disseminate.models import Observation, Reproduction
from survey.disseminate.reproduction import Comparison
from survey.extensions import db
from tests.disseminate.published import estimate, publish
from tests.disseminate.test_reproduction import field, published, silently  # noqa: F401
from tests.staff import words

Read = Callable[[str], html.HtmlElement]
DESIGN = {
    "title": {"vi": "Khảo sát công nghệ số"},
    "population": {"vi": "Người từ 15 tuổi ở Vĩnh Long"},
    "levels": {"adult": {"weighting": [
        {"step": "design_weight"}, {"step": "rake", "margins": ["sex:area_type", "district"]},
    ]}},
}  # fmt: skip


def figures() -> list[Observation]:
    return publish(
        estimate(72.4),
        estimate(70.0, dimension="sex", level="male"),
        estimate(60.0, dimension="sex", level="female", n=12, quality="unpublishable"),
        design=DESIGN,
    )


def test_everything_that_made_the_number_stands_on_its_page(read: Read) -> None:
    total, *_ = figures()
    shown = words(read(f"/so-lieu/{total.id}"))
    for fact in (
        "72,4 %", "70,0–74,8 %", "KH54-37", "Ông/bà có dùng không?", "Người từ 15 tuổi ở Vĩnh Long",
        "Khảo sát công nghệ số", "Người từ 15 tuổi có dùng điện thoại thông minh.", "root 2.000 dòng",
        "Hiệu chỉnh theo tổng thể (raking): giới tính × thành thị, nông thôn; huyện (cũ)", "Lan", "Minh",
        f"khaosat reproduce {total.id}", "snapshot ict-ho-gia-dinh 2026", "30/11/2026 10:00",
        "Chưa có lần tính lại nào được ghi",
    ):  # fmt: skip
        assert fact in shown, fact


def test_a_group_is_named_and_a_withheld_figure_says_why(read: Read) -> None:
    _, men, women = figures()
    assert "Giới tính: Nam." in words(read(f"/so-lieu/{men.id}"))
    assert "Không công bố: mẫu quá nhỏ hoặc sai số quá lớn" in words(read(f"/so-lieu/{women.id}"))


def test_every_figure_on_the_page_of_an_indicator_leads_to_its_own(read: Read) -> None:
    links = set(read("/chi-tieu/smartphone-use").xpath("//a/@href")) if (made := figures()) else set()
    assert {f"/so-lieu/{figure.id}" for figure in made} <= links


def test_programs_get_the_same_at_the_same_address(client: FlaskClient) -> None:
    total, *_ = figures()
    asked = client.get(f"/so-lieu/{total.id}", headers={"Accept": "application/json"})
    assert asked.mimetype == "application/json"
    assert "Accept" in asked.headers["Vary"]
    answer = client.get(f"/so-lieu/{total.id}.json").get_json()
    assert asked.get_json() == answer
    assert (answer["obs_value"], answer["registry_code"], answer["lineage"]["recipe_hash"]) == (
        72.4,
        "KH54-37",
        "recipe",
    )
    assert answer["questions"] == {"smartphone_use": "Ông/bà có dùng không?"}
    browser = client.get(
        f"/so-lieu/{total.id}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    )
    assert browser.mimetype == "text/html"


@pytest.mark.parametrize(
    "address", ["/so-lieu/999999", "/so-lieu/99999999999999999999", "/so-lieu/abc", "/so-lieu/1.xml"]
)
def test_numbers_that_are_none(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_hostile_words_stay_words(client: FlaskClient, read: Read) -> None:
    total, *_ = figures()
    total.lineage = {**total.lineage, "proposed_by": "<script>alert(1)</script>\u202e"}
    db.session.commit()
    assert "<script>alert" not in client.get(f"/so-lieu/{total.id}").text


def test_a_figure_from_before_these_facts_were_kept_still_has_its_page(read: Read) -> None:
    total, *_ = figures()
    old = ("sample", "edits", "proposed_at", "approved_at", "embargo_until")
    total.lineage = {name: value for name, value in total.lineage.items() if name not in old}
    db.session.commit()
    assert "Lan" in words(read(f"/so-lieu/{total.id}"))


def test_the_page_is_small_and_unchanged_is_not_sent_again(client: FlaskClient) -> None:
    import gzip

    total, *_ = figures()
    reply = client.get(f"/so-lieu/{total.id}")
    assert len(gzip.compress(reply.data)) < 60_000
    again = client.get(f"/so-lieu/{total.id}", headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304


def test_the_sample_and_the_response_rate_are_frozen_with_the_figure(published: list[Observation]) -> None:  # noqa: F811
    sample = published[0].lineage["sample"]
    assert sample["units"] > sample["complete"] > 0
    assert sample["psus"] >= sample["strata"] > 0
    assert 0 < sample["response_rate"] < 100
    assert sample["first_day"] <= sample["last_day"]


def test_how_it_came_out_again_is_remembered(published: list[Observation], client: FlaskClient) -> None:  # noqa: F811
    figure = published[0]
    before = client.get(f"/so-lieu/{figure.id}").headers["ETag"]
    reproduction.keep(reproduction.reproduce(published, silently), datetime(2026, 12, 6, 1, 0, tzinfo=UTC))
    db.session.commit()
    shown = client.get(f"/so-lieu/{figure.id}", headers={"If-None-Match": before})
    assert shown.status_code == 200
    assert "Tính lại lúc 06/12/2026 08:00: đúng số đã công bố" in shown.text
    reproduction.keep([Comparison(figure, None, inf)], datetime(2026, 12, 7, 1, 0, tzinfo=UTC))
    db.session.commit()
    assert db.session.get_one(Reproduction, figure.id).difference is None
    assert "khác số đã công bố" in client.get(f"/so-lieu/{figure.id}").text
    assert client.get(f"/so-lieu/{figure.id}.json").get_json()["reproduced"]["agrees"] is False


def test_the_newest_figure_is_the_present_one(client: FlaskClient) -> None:
    total, *_ = figures()
    assert service.current()[0].id == total.id
    assert client.get(f"/so-lieu/{total.id}.json").get_json()["present"] is None
