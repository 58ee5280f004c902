"""Administrative values stand beside survey figures of near indicators, never under one code."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from survey.extensions import db
from survey.registry.values import service
from survey.registry.values.models import AdministrativeValue
from survey.signoff import service as signoff
from tests.disseminate.published import estimate, indicator, publish
from tests.registry.test_values import reported
from tests.staff import statistician, words


def public(line: str, value: str, agency: str = "") -> AdministrativeValue:
    """A public value of a line."""
    found = service.enter(reported(line=line, value=value, agency=agency), statistician("hoa"))
    signoff.propose(found, found.entered_by)  # type: ignore[arg-type]
    service.sign(found, statistician("nam"))
    db.session.commit()
    return found


@pytest.fixture
def fibre(areas: None) -> AdministrativeValue:
    """Households within reach of fibre, as operators report them."""
    return public("KH54-33", "98,7", "dn-vien-thong")


def figure(code: str, **more: Any) -> dict[str, Any]:
    return indicator(code, label={"vi": f"Nhãn {code}"}, held_against_target=False, **more)


def test_a_survey_figure_shows_the_near_administrative_value_apart(
    fibre: AdministrativeValue, read: Callable[[str], html.HtmlElement]
) -> None:
    publish(
        estimate(61.0, code="household-fibre"), indicators=[figure("household-fibre", registry="KH54-34")]
    )
    page = words(read("/chi-tieu/household-fibre"))
    assert "Số liệu hành chính của chỉ tiêu gần nghĩa" in page and "98,7" in page and "12/BC-SCT" in page
    own = words(read("/chi-tieu/KH54-33"))
    assert "Số liệu khảo sát gần nghĩa" in own and "Nhãn household-fibre" in own
    assert "Chưa có số liệu công bố" not in own
    assert "98,7 % (số hành chính, 2025)" in words(read("/chi-tieu")).replace("\N{NO-BREAK SPACE}", " ")
    record = words(read("/chi-tieu/KH54-33/ho-so"))
    assert "98,7" in record and "Chỉ tiêu gần nghĩa" in record and "KH54-34" in record


def test_an_indicator_that_calls_a_line_similar_stands_with_it(
    areas: None, read: Callable[[str], html.HtmlElement]
) -> None:
    public("KH54-24", "31,5", "so-cong-thuong")
    publish(
        estimate(40.0, code="website-with-ordering"),
        indicators=[figure("website-with-ordering", registry=None, similar=["KH54-24"])],
    )
    assert "31,5" in words(read("/chi-tieu/website-with-ordering"))
    assert "Nhãn website-with-ordering" in words(read("/chi-tieu/KH54-24"))


def test_the_statistics_offices_lines_show_inputs_as_inputs(
    areas: None, read: Callable[[str], html.HtmlElement]
) -> None:
    publish(
        estimate(12.5, code="online-sales-value"),
        estimate(21.5, code="online-sales-value", dimension="sex", level="male"),
        indicators=[figure("online-sales-value", registry=None, similar=["TV-23"])],
        survey="doanh-nghiep-so",
    )
    page = words(read("/chi-tieu/KH54-01"))
    assert "đầu vào, không phải chỉ tiêu KH54-01" in page and "12,5" in page
    assert "Chưa có số liệu công bố" in page, "an input is no value of the line"


def test_what_is_not_public_is_nowhere(client: FlaskClient, areas: None) -> None:
    draft = service.enter(reported(line="KH54-24", value="31,5"), statistician("hoa"))
    db.session.commit()
    assert "31,5" not in client.get("/chi-tieu/KH54-24").text
    assert client.get("/api/v1/administrative-values?current=false").get_json()["total"] == 0
    assert client.get(f"/api/v1/administrative-values/{draft.id}").status_code == 404


def test_the_page_is_drawn_again_when_a_value_becomes_public(client: FlaskClient, areas: None) -> None:
    before = client.get("/chi-tieu/KH54-33").headers["ETag"]
    public("KH54-33", "98,7", "dn-vien-thong")
    again = client.get("/chi-tieu/KH54-33", headers={"If-None-Match": before})
    assert again.status_code == 200 and "98,7" in again.text


def test_programs_read_values_as_their_own_resource(client: FlaskClient, fibre: AdministrativeValue) -> None:
    page = client.get(
        "/api/v1/administrative-values?registry_code=KH54-33&area=86&time_period=2025"
    ).get_json()
    (value,) = page["items"]
    assert (value["value"], value["area"]["kind"], value["source"]["number"]) == (
        98.7,
        "province",
        "12/BC-SCT",
    )
    assert client.get(f"/api/v1/administrative-values/{value['id']}").get_json() == value
    service.withdraw(fibre, fibre.approved_by, "Sai", "Nhầm kỳ")  # type: ignore[arg-type]
    db.session.commit()
    assert client.get("/api/v1/administrative-values").get_json()["items"] == []
    (gone,) = client.get("/api/v1/administrative-values?current=false").get_json()["items"]
    assert (gone["value"], gone["status"], gone["withdrawal_note"]) == (None, "withdrawn", "Nhầm kỳ")
