"""Charts say what the figures say: read back from the drawings themselves."""

import re

import pytest
from lxml import html

from survey.disseminate import drawing
from survey.disseminate.charts import Caption, Point, Scale, comparison_chart, interval_chart, trend_chart

CAPTION = Caption('Người dùng điện thoại "thông minh"', "Cao nhất ở nhóm 15–24 tuổi & thấp nhất ở nhóm già.")
BY_AGE = [
    Point("15–24 tuổi", 91.25, 88.0, 94.1),
    Point("60 tuổi trở lên", 21.3, 17.0, 26.2),
    Point("Không rõ", None),
]
TARGET = Scale(unit="PT", target=75)


def drawings(chart: str) -> dict[str, html.HtmlElement]:
    """The chart's two drawings by the name of the column they are for."""
    divisions = html.fragments_fromstring(chart)
    return {d.get("class").removeprefix("chart chart-"): d.find("svg") for d in divisions}


def texts(svg: html.HtmlElement) -> list[str]:
    return [t.text_content().replace("\N{NO-BREAK SPACE}", " ") for t in svg.iter("text")]


def places(svg: html.HtmlElement, tag: str, colour: str) -> list[tuple[float, float]]:
    """Where the marks of one colour stand within the plot."""
    marks = [m for m in svg.iter(tag) if colour in (m.get("stroke") or "") + (m.get("fill") or "")]
    return [tuple(map(float, re.findall(r"-?[\d.]+", m.get("transform"))[:2])) for m in marks]  # type: ignore[misc]


def test_each_category_is_written_with_its_value_and_interval():
    wide = drawings(interval_chart(BY_AGE, CAPTION, TARGET))["wide"]
    assert {"91,3 % (88,0–94,1)", "21,3 % (17,0–26,2)", "không công bố"} <= set(texts(wide))
    assert {"15–24 tuổi", "60 tuổi trở lên", "Không rõ"} <= set(texts(wide))


def test_english_uses_decimal_points():
    wide = drawings(interval_chart(BY_AGE, CAPTION, TARGET, "en"))["wide"]
    assert {"91.3% (88.0–94.1)", "not published", "Target 75%"} <= set(texts(wide))


@pytest.mark.parametrize("column", ["wide", "narrow"])
def test_dots_and_target_stand_where_their_values_are(column):
    svg = drawings(interval_chart(BY_AGE, CAPTION, Scale(target=75, domain=(0, 100))))[column]
    hundred = max(x for x, _ in places(svg, "line", "--line"))
    (high, low), [(target, _)] = places(svg, "path", "--accent"), places(svg, "line", "--chart-reference")
    assert target / hundred == pytest.approx(0.75, abs=0.01)
    assert [high[0] / hundred, low[0] / hundred] == pytest.approx([0.9125, 0.213], abs=0.01)
    assert "Mục tiêu 75 %" in texts(svg)


def test_a_suppressed_value_leaves_no_mark():
    hidden = [Point("Xã Ngũ Lạc", None, 10.0, 20.0), *BY_AGE[:2]]
    wide = drawings(interval_chart(hidden, CAPTION))["wide"]
    assert len(places(wide, "path", "--accent")) == 2
    assert len(places(wide, "line", "--accent")) == 2


def test_another_bodys_figure_is_a_diamond_in_the_row_of_ours():
    points = [Point("Gran La Plata", 50.0, 48.0, 52.0, reference=51.0), Point("Posadas", 40.0, 37.0, 43.0)]
    wide = drawings(comparison_chart(points, CAPTION, "INDEC công bố"))["wide"]
    diamonds, dots = places(wide, "path", "--chart-reference"), places(wide, "path", "--accent")
    (reference, key), (ours, *_) = diamonds[:2], dots
    assert reference[1] == ours[1] and reference[0] > ours[0]
    assert key[1] < 0, "the key stands above the rows"
    assert "INDEC công bố" in texts(wide)


def test_the_trend_line_stops_at_a_new_series():
    years = [
        Point("2022", 40.0),
        Point("2023", 45.0),
        Point("2024", 60.0, new_series=True),
        Point("2025", 62.0),
    ]
    wide = drawings(trend_chart(years, CAPTION))["wide"]
    lines = [p for p in wide.iter("path") if "--accent" in (p.get("stroke") or "")]
    assert [line.get("d").count("L") for line in lines] == [1, 1]


def test_both_drawings_are_pictures_with_a_name_and_a_description():
    for width, svg in (("340", "narrow"), ("680", "wide")):
        picture = drawings(interval_chart(BY_AGE, CAPTION, TARGET))[svg]
        assert picture.get("viewbox").split()[2] == width
        assert picture.get("role") == "img" and picture.get("aria-label") == CAPTION.title
        assert (picture.findtext("title"), picture.findtext("desc")) == (CAPTION.title, CAPTION.summary)


def test_a_chart_is_the_same_each_time_and_carries_neither_ids_nor_script():
    first = interval_chart(BY_AGE, CAPTION, TARGET)
    drawing.SHELF.forget()
    assert interval_chart(BY_AGE, CAPTION, TARGET) == first
    assert not re.search(r" (id|style|onload)=|<script|NaN", first)


def test_drawings_are_kept_in_a_folder_for_all_workers(tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "SHELF", drawing.Shelf())
    drawing.keep_in(tmp_path)
    first = interval_chart(BY_AGE, CAPTION, TARGET)
    kept = sorted(tmp_path.iterdir())
    assert [p.suffix for p in kept] == [".svg", ".svg"]
    kept[0].write_text("<svg>drawn by another worker</svg>", "utf-8")
    drawing.SHELF.forget()
    assert "drawn by another worker" in interval_chart(BY_AGE, CAPTION, TARGET) != first


def test_a_long_name_stands_on_two_lines_beside_and_whole_above():
    points = [Point("Thị xã Duyên Hải (tỉnh Trà Vinh cũ)", 50.0, 40.0, 60.0)]
    both = drawings(interval_chart(points, CAPTION))
    assert points[0].label in texts(both["narrow"])
    assert points[0].label not in texts(both["wide"])
    assert "50,0 %" in texts(both["narrow"]), "no room for the interval in words beside a long name"
