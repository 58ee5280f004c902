"""Maps: borders mend, communes join into districts, classes and suppression are told truly."""

import json
import re

import pytest
from lxml import html

from survey.disseminate.charts import Caption
from survey.disseminate.maps import AreaValue, UnknownArea, choropleth, classes
from survey.disseminate.outlines import communes, former_districts, main_districts
from survey.disseminate.topology import join, mend, signed_area

WEST = [(0.0, 0.0), (1.0, 0.0), (1.0, 2.0), (0.0, 2.0), (0.0, 0.0)]
EAST = [
    (1.0, 0.0),
    (2.0, 0.0),
    (2.0, 2.0),
    (1.0, 2.0),
    (1.01, 1.0),
    (1.0, 0.0),
]  # one corner more on the border
CAPTION = Caption("Theo huyện cũ", "Cao nhất ở phía tây.")

CROSSWALK = """old_commune_code,old_district_code,new_commune_code,relation
1,D1,1,whole
2,D2,2,whole
3,D1,2,whole
4,D3,3,whole
5,D3,3,part
6,D1,3,part
"""


@pytest.fixture
def province(tmp_path):
    """Three communes in a row, the first two once in district D1 and D2."""
    squares = {str(i + 1): [[x + i * 0.5 + 106, y + 10] for x, y in square()] for i in range(3)}
    features = [
        {"properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for code, ring in squares.items()
    ]
    (tmp_path / "communes.geojson").write_text(json.dumps({"features": features}), "utf-8")
    (tmp_path / "crosswalk.csv").write_text(CROSSWALK, "utf-8")
    return tmp_path / "communes.geojson", tmp_path / "crosswalk.csv"


def square() -> list[tuple[float, float]]:
    return [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5), (0.0, 0.0)]


def test_neighbours_simplified_apart_share_their_border_after_mending():
    west, east = mend([WEST, EAST], tolerance=0.02)
    assert (1.01, 1.0) in west
    assert east == EAST


def test_joined_areas_have_one_outline_and_their_areas_add_up():
    west, east = mend([WEST, EAST], tolerance=0.02)
    (outline,) = join([west, east])
    assert abs(signed_area(outline)) == pytest.approx(4.0)
    assert (1.01, 1.0) not in outline


def test_joining_does_not_depend_on_the_way_rings_are_walked():
    west, east = mend([WEST, EAST], tolerance=0.02)
    assert len(join([west[::-1], east])) == 1


def test_a_commune_belongs_to_the_district_of_most_of_its_old_communes(province):
    _, crosswalk = province
    assert main_districts(crosswalk) == {
        "1": "D1",
        "2": "D2",  # one old commune each: the one whose code was kept decides
        "3": "D3",
    }


def test_districts_are_drawn_from_their_communes(province):
    geojson, crosswalk = province
    whole, districts = communes(geojson), former_districts(geojson, crosswalk)
    assert set(whole.areas) == {"1", "2", "3"} and set(districts.areas) == {"D1", "D2", "D3"}
    assert max(x for ring in whole.outline for x, _ in ring) == 1000
    assert whole.height == pytest.approx(1000 / 3 / 0.984, abs=3), (
        "a degree of longitude is shorter than of latitude"
    )


def test_classes_have_round_bounds_and_hold_every_value():

    found = classes([38.2, 71.0, 62.3])
    assert found.bounds[0] <= 38.2 and found.bounds[-1] >= 71.0
    assert len(found.bounds) <= 6 and all(bound % 10 == 0 for bound in found.bounds)


@pytest.mark.parametrize(
    ("value", "told"), [(39.94, "35,0–39,9"), (39.95, "40,0–44,9"), (40.0, "40,0–44,9"), (50.0, "45,0–50,0")]
)
def test_a_value_falls_into_the_class_as_it_is_printed(value, told):
    found = classes([30.0, 49.0])
    assert found.words(found.of(value), "", "vi") == told


def test_the_map_tells_each_area_and_hatches_what_is_not_published(province):
    geojson, crosswalk = province
    values = {
        "D1": AreaValue("Huyện Một", 62.35, 58.0, 66.7, label="Một"),
        "D2": AreaValue("Huyện <Hai>", None),
    }
    drawn = html.fromstring(choropleth(former_districts(geojson, crosswalk), values, CAPTION))
    told = [t.text for t in drawn.xpath(".//path[@class='area']/title")]
    assert told == ["Huyện Một: 62,4\xa0% (58,0–66,7)", "Huyện <Hai>: không công bố"]
    (hatch,) = drawn.xpath(".//pattern/@id")
    assert drawn.xpath(f".//path[@fill='url(#{hatch})']/title/text()") == ["Huyện <Hai>: không công bố"]
    assert [line.text_content() for line in drawn.xpath(".//li")] == [
        "62,0–62,5\xa0%",
        "không công bố",
        "chưa có số liệu",
    ]


def test_a_figure_for_an_area_that_is_not_on_the_map_is_refused(province):
    with pytest.raises(UnknownArea, match="D9"):
        choropleth(communes(province[0]), {"D9": AreaValue("Huyện Chín", 1.0)}, CAPTION)


def test_paths_are_whole_numbers_and_close(province):
    drawn = choropleth(communes(province[0]), {"1": AreaValue("Xã Một", 50.0)}, CAPTION)
    assert all(re.fullmatch(r"(M\d+ \d+l[-\d ]+z)+", d) for d in re.findall(r' d="(M\d[^"]*l[^"]*)"', drawn))
