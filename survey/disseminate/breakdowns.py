"""An indicator by sex, age, area: its rows in official order, a chart, and a map of areas with outlines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from survey.cases.areas import DATA
from survey.cases.models import AreaKind
from survey.disseminate.charts import Caption, Point, Scale, interval_chart
from survey.disseminate.maps import AreaValue, choropleth
from survey.disseminate.models import Observation
from survey.disseminate.outlines import Outlines, communes, former_districts
from survey.disseminate.wording import breakdown, breakdown_label, in_language, level_names
from survey.formats import measure

GEOJSON: Path = DATA / "communes_2025.geojson"
CROSSWALK: Path = DATA / "crosswalk_2025.csv"
OUTLINES: dict[str, Callable[[], Outlines]] = {
    AreaKind.DISTRICT_OLD: lambda: former_districts(GEOJSON, CROSSWALK),
    AreaKind.COMMUNE: lambda: communes(GEOJSON),
}
LABELLED = (AreaKind.DISTRICT_OLD,)
KINDS_OF_PLACE = ("Thành phố ", "Thị xã ", "Huyện ")
WORDS = {
    "vi": {"by": "theo", "highest": "Cao nhất: {}. Thấp nhất: {}.", "none": "Chưa có số liệu được công bố."},
    "en": {"by": "by", "highest": "Highest: {}. Lowest: {}.", "none": "No figure is published yet."},
}


@dataclass(frozen=True)
class Row:
    """One level of a breakdown in words, with its figure."""

    name: str
    figure: Observation


@dataclass(frozen=True)
class Breakdown:
    """One breakdown of an indicator."""

    code: str
    label: str
    rows: Sequence[Row]
    chart: Markup
    map: Markup | None


def breakdowns_of(figures: Sequence[Observation], lang: str) -> list[Breakdown]:
    """The breakdowns of one indicator and period, in the plan's order and on one common scale."""
    total = next((o for o in figures if o.dimension is None), None)
    apart = [o for o in figures if o.dimension is not None]
    if not apart:
        return []
    unit = apart[0].unit
    scale = Scale(unit.words(lang), total.target if total else None, domain_of(figures), unit.decimals)
    return [
        _breakdown(list(members), scale, lang) for _, members in groupby(apart, key=lambda o: o.dimension)
    ]


def domain_of(figures: Sequence[Observation]) -> tuple[float, float] | None:
    """Ends of a common scale at tens around all intervals and targets; None without any figure."""
    known = [
        value for o in figures for value in (o.obs_value, o.ci_low, o.ci_high, o.target) if value is not None
    ]
    if not known:
        return None
    low, high = min(known) // 10 * 10, -(-max(known) // 10) * 10
    return (low, high) if high > low else (low - 10, high + 10)


def _breakdown(figures: Sequence[Observation], scale: Scale, lang: str) -> Breakdown:
    names = level_names(figures[0], lang)
    order = {level: place for place, level in enumerate(names)}
    rows = [Row(names.get(str(o.level), str(o.level)), o) for o in figures]
    rows.sort(key=lambda row: order.get(str(row.figure.level), len(order)))
    label = breakdown_label(figures[0], lang)
    caption = _caption(rows, label, lang)
    return Breakdown(
        code=str(figures[0].dimension),
        label=label,
        rows=rows,
        chart=interval_chart([_point(row) for row in _charted(rows)], caption, scale, lang),
        map=_map(rows, caption, lang),
    )


def _charted(rows: Sequence[Row]) -> Sequence[Row]:
    """Few levels in their order; many (areas) from high to low, what is not published last."""
    if len(rows) <= 10:
        return rows
    return sorted(rows, key=lambda row: -(row.figure.obs_value if row.figure.obs_value is not None else -1e9))


def _point(row: Row) -> Point:
    return Point(row.name, row.figure.obs_value, row.figure.ci_low, row.figure.ci_high)


def _caption(rows: Sequence[Row], label: str, lang: str) -> Caption:
    """What chart and map show, for readers who cannot see them; the table has every figure."""
    words = WORDS.get(lang, WORDS["vi"])
    title = f"{in_language(rows[0].figure.definition['label'], lang)} {words['by']} {label.lower()}"
    shown = sorted(
        (r for r in rows if r.figure.obs_value is not None), key=lambda r: r.figure.obs_value or 0.0
    )
    if not shown:
        return Caption(title, words["none"])
    told = [
        f"{r.name} {measure(r.figure.obs_value, r.figure.unit.words(lang), r.figure.unit.decimals, lang)}"
        for r in (shown[-1], shown[0])
    ]
    return Caption(title, words["highest"].format(*told))


def _map(rows: Sequence[Row], caption: Caption, lang: str) -> Markup | None:
    kind = breakdown(rows[0].figure).get("areas")
    if kind not in OUTLINES:
        return None
    values = {str(row.figure.level): _area_value(row, kind) for row in rows}
    return choropleth(OUTLINES[kind](), values, caption, rows[0].figure.unit.words(lang), lang)


def _area_value(row: Row, kind: str) -> AreaValue:
    label = _short(row.name) if kind in LABELLED else ""
    return AreaValue(row.name, row.figure.obs_value, row.figure.ci_low, row.figure.ci_high, label)


def _short(name: str) -> str:
    """`Huyện Châu Thành (Bến Tre)` as it is written on the map: the place itself tells the rest."""
    for kind in KINDS_OF_PLACE:
        name = name.removeprefix(kind)
    return name.partition(" (")[0]
