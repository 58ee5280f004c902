"""The API: described as it behaves, whole lists page by page, and a clear problem for anything else."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode

from survey.disseminate.api.operations import OPERATIONS, described
from survey.extensions import db
from tests.disseminate.published import estimate, indicator, publish
from tests.known import load_registry

ANY = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture
def client(app: Flask, client: FlaskClient) -> FlaskClient:
    """A program that reads a registry, four current figures and one that was replaced."""
    with app.app_context():
        load_registry()
        db.session.commit()
        publish(estimate(70.0), time_period="2025")
        publish(
            estimate(72.4),
            estimate(75.0, dimension="sex", level="male"),
            estimate(30.0, code="shopping", quality="unpublishable"),
            indicators=[indicator(), indicator("shopping", registry=None)],
        )
    return client


def get(client: FlaskClient, address: str, status: int = 200) -> Any:
    reply = client.get(f"/api/v1{address}")
    assert reply.status_code == status, reply.text
    kind = "application/json" if status == 200 else "application/problem+json"
    assert reply.content_type == kind
    return reply.get_json(force=True)


def test_its_description_is_valid_openapi(client: FlaskClient) -> None:
    document = get(client, "/openapi.json")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert set(document["paths"]) == {operation.path for operation in described()}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("name", [operation.path for operation in OPERATIONS])
def test_nothing_that_is_asked_is_answered_otherwise_than_described(
    app: Flask, client: FlaskClient, name: str, mode: GenerationMode
) -> None:
    """Schemathesis asks what the description allows, and what it does not."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)

    @ANY
    @given(case=schema[name]["GET"].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Accept-Encoding": "identity"})  # the WSGI client does not unpack

    ask()


def test_a_figure_has_its_error_target_and_lineage(client: FlaskClient) -> None:
    page = get(client, "/observations?breakdown=total&time_period=2026&registry_code=KH54-37")
    (figure,) = page["items"]
    assert (figure["obs_value"], figure["std_error"], figure["verdict"]) == (72.4, 1.2, "not_met")
    assert figure["lineage"]["recipe_hash"]
    assert get(client, f"/observations/{figure['id']}") == figure


def test_what_is_withheld_has_no_value(client: FlaskClient) -> None:
    (figure,) = get(client, "/observations?indicator=shopping")["items"]
    assert (figure["obs_value"], figure["ci_low"], figure["obs_status"]) == (None, None, "L")


def test_a_list_is_whole_page_by_page(client: FlaskClient) -> None:
    address, codes, pages = "/indicators?limit=50", [], 0
    while address:
        page = get(client, address)
        codes += [line["code"] for line in page["items"]]
        address, pages = (page["next"] or "").partition("/api/v1")[2], pages + 1
    assert (len(codes), len(set(codes)), page["total"], pages) == (198, 198, 198, 4)


def test_filters_go_on_to_the_next_page(client: FlaskClient) -> None:
    page = get(client, "/indicators?search=dien thoai thong minh&limit=1")
    following = get(client, page["next"].partition("/api/v1")[2])
    assert following["total"] == page["total"] > 1
    assert "điện thoại thông minh" in following["items"][0]["name"]["vi"].lower()


def test_replaced_figures_are_there_for_who_asks(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        publish(estimate(73.0), time_period="2026-S2")
    assert get(client, "/observations")["total"] == 5
    assert get(client, "/observations?current=false")["total"] == 5


@pytest.mark.parametrize(
    "address",
    ["/observations?limit=0", "/observations?limit=abc", "/observations?limit=1&limit=2", "/observations?colour=red",
     "/observations?survey=%07", "/indicators?after=99999999999", "/observations?current=maybe"],
)  # fmt: skip
def test_a_query_that_is_not_understood_is_told_what_is_wrong(client: FlaskClient, address: str) -> None:
    problem = get(client, address, 400)
    assert problem["detail"]
    assert problem["remedy"]


@pytest.mark.parametrize(
    "address",
    [
        "/observations/999999",
        "/observations/99999999999999",
        "/indicators/khong-co",
        "/x",
        "/observations?survey=%00",
    ],
)
def test_what_is_not_there_is_a_problem_in_json(client: FlaskClient, address: str) -> None:
    assert get(client, address, 404)["status"] == 404


def test_other_sites_may_read_and_unchanged_answers_are_not_sent_again(client: FlaskClient) -> None:
    reply = client.get("/api/v1/observations")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/api/v1/observations", headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304


def test_only_reading_is_allowed(client: FlaskClient) -> None:
    reply = client.post("/api/v1/observations")
    assert reply.status_code == 405
    assert "GET" in reply.headers["Allow"]
