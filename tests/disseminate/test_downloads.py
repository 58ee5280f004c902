"""Files and headers that other machines read."""

import csv
import gzip
import io
from datetime import UTC, datetime

import pytest

from tests.disseminate.published import estimate, publish

PAGES = ("/", "/chi-tieu", "/chi-tieu/smartphone-use", "/kiem-chung", "/du-lieu", "/phuong-phap")


def test_an_indicators_file_carries_figure_owner_and_lineage(client):
    publish(estimate(72.4), estimate(75.0, dimension="sex", level="male"))
    response = client.get("/chi-tieu/smartphone-use/so-lieu.csv")
    rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert [(row["level"], float(row["obs_value"])) for row in rows] == [("_T", 72.4), ("male", 75.0)]
    assert rows[0]["snapshot_hash"] == "snapshot ict-ho-gia-dinh 2026" and rows[0]["legal_basis"]
    assert response.headers["Content-Disposition"] == "attachment; filename=smartphone-use.csv"


@pytest.mark.parametrize(
    ("suffix", "start"),
    [("csv", b"\xef\xbb\xbfsurvey"), ("xlsx", b"PK"), ("sdmx.csv", b"STRUCTURE"), ("lineage.json", b"{")],
)
def test_a_surveys_figures_come_in_every_format_that_its_page_offers(client, read, suffix, start):
    publish()
    assert f"/du-lieu/ict-ho-gia-dinh/so-lieu.{suffix}" in read("/du-lieu").xpath("//a/@href")
    response = client.get(f"/du-lieu/ict-ho-gia-dinh/so-lieu.{suffix}")
    assert response.status_code == 200 and response.data.startswith(start)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_sent_again_only_after_the_next_publication(client, address):
    publish()
    first = client.get(address)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    publish(time_period="2027", at=datetime(2027, 12, 1, tzinfo=UTC))
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200 and again.last_modified == datetime(2027, 12, 1, tzinfo=UTC)


def test_pages_of_different_searches_are_kept_apart(client):
    publish()
    assert client.get("/?q=a").headers["ETag"] != client.get("/?q=b").headers["ETag"]


def test_a_page_fits_a_slow_phone(client, areas):
    districts = (
        "829",
        "831",
        "832",
        "833",
        "834",
        "835",
        "836",
        "837",
        "838",
        "842",
        "844",
        "845",
        "846",
        "847",
    )
    publish(
        estimate(),
        *(estimate(50.0 + i, dimension="district", level=code) for i, code in enumerate(districts)),
    )
    assert len(gzip.compress(client.get("/chi-tieu/smartphone-use").data)) < 60 * 1024
    assert len(gzip.compress(client.get("/").data)) < 15 * 1024
