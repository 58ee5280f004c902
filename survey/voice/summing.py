"""The public summary as a page and as files of the same numbers."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from flask import Response, render_template

from survey.errors import NotFound
from survey.text import defused
from survey.voice.blueprint import Page, language, voice
from survey.voice.lists import fields
from survey.voice.summary import Cell, Summary, published_texts, summarise
from survey.voice.words import say

A_FEW_MINUTES = 300
BOM = "\ufeff"
COLUMNS = ("breakdown", "key", "name", "measure", "value", "n", "note")
MEASURES = ("median_days", "mean_rating", "mean_satisfaction")


@voice.get("/y-kien/tong-hop")
def summary() -> Page:
    """Counts by field, commune, kind, state and month; no words but those that staff chose."""
    found = summarise()
    return render_template(
        "voice/summary.html",
        lang=language(),
        summary=found,
        name_of=lambda group, cell: name_of(group, cell, language()),
        texts=published_texts(),
        fields=fields(),
        measures=MEASURES,
        synthetic=found.is_synthetic,
    )


def name_of(group: str, cell: Cell, lang: str) -> str:
    """What a group is called."""
    if group == "field":
        return fields()[cell.key].name(lang)
    if group == "month":
        return f"{cell.key[5:]}/{cell.key[:4]}"
    return cell.name or say(f"{group}_{cell.key}", lang)


@voice.get("/y-kien/tong-hop.<suffix>")
def summary_file(suffix: str) -> Response:
    """The page's numbers as CSV or JSON, never more than the page says."""
    if suffix not in WRITERS:
        raise NotFound("Không có tệp này.", "Tải CSV hoặc JSON ở trang tổng hợp.")
    write, media_type = WRITERS[suffix]
    headers = {
        "Content-Disposition": f'attachment; filename="y-kien-tong-hop.{suffix}"',
        "Cache-Control": f"public, max-age={A_FEW_MINUTES}",
    }
    return Response(write(summarise(), language()), content_type=media_type, headers=headers)


def _lines(found: Summary, lang: str) -> Iterator[dict[str, object]]:
    note = say("unofficial", lang) + (" – SỐ LIỆU MÔ PHỎNG" if found.is_synthetic else "")

    def line(
        breakdown: str, key: str, name: str, measure: str, value: object, n: object
    ) -> dict[str, object]:
        return dict(zip(COLUMNS, (breakdown, key, name, measure, value, n, note), strict=True))

    yield line("total", "", say("received", lang), "count", _told(found.total, found), "")
    for group, cells in found.tables.items():
        for cell in cells:
            yield line(group, cell.key, name_of(group, cell, lang), "count", _told(cell.count, found), "")
    for key in MEASURES:
        mean = getattr(found, key)
        value = "" if mean.value is None else round(mean.value, 1)
        yield line("total", "", say(key, lang), key, value, _told(mean.n, found))


def _told(count: int | None, found: Summary) -> object:
    return f"<{found.smallest}" if count is None else count


def _csv(found: Summary, lang: str) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs for Vietnamese."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: defused(cell) for name, cell in line.items()} for line in _lines(found, lang))
    return (BOM + file.getvalue()).encode()


def _json(found: Summary, lang: str) -> bytes:
    document = {
        "official_statistics": False,
        "note": say("unofficial", lang),
        "rounding": say("rounding", lang, cell=found.smallest),
        **asdict(found),
        **{f"by_{group}": _named(group, cells, lang) for group, cells in found.tables.items()},
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _named(group: str, cells: Sequence[Cell], lang: str) -> list[dict[str, object]]:
    return [asdict(cell) | {"name": name_of(group, cell, lang)} for cell in cells]


WRITERS = {"csv": (_csv, "text/csv; charset=utf-8"), "json": (_json, "application/json; charset=utf-8")}
