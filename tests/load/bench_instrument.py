"""How fast the questionnaire engine is: prints milliseconds, asserts nothing.

Run: python -m tests.load.bench_instrument
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from survey.instrument import (
    File,
    Instrument,
    build_instrument,
    check,
    choices_for,
    evaluate_column,
    next_page,
    parse_submission,
    submission_xml,
)

QUESTIONS = 220
ROSTER = 30
MEMBERS = 10
COMMUNES = 50_000
ROWS = 1_000_000


def sheets() -> dict[str, list[dict[str, str]]]:
    """A form of 250 questions with skips, constraints, calculations and a roster of 30 of them."""
    rows = [{"type": "begin group", "name": "g0", "label": "Group"}]
    for place in range(QUESTIONS):
        if place and place % 10 == 0:
            rows += [{"type": "end group"}, {"type": "begin group", "name": f"g{place}", "label": "Group"}]
        rows.append(_question(place, "q"))
    rows += [{"type": "end group"}, {"type": "begin repeat", "name": "person", "label": "Person"}]
    rows += [_question(place, "p") for place in range(ROSTER)]
    rows += [{"type": "end repeat"}]
    choices = [{"list_name": "yn", "name": name, "label": name} for name in ("yes", "no", "dk")]
    return {"survey": rows, "choices": choices, "settings": [{"form_id": "bench", "version": "1"}]}


def _question(place: int, prefix: str) -> dict[str, str]:
    row = {"name": f"{prefix}{place}", "label": f"Question {place}", **KINDS[place % len(KINDS)]}
    if place > 4 and place % 3 == 0:
        asked = f"${{{prefix}{(place - 1) // 5 * 5}}}"
        row["relevant"] = f"{asked} != 'no' and string-length({asked}) < 20"
    if row["type"] == "calculate":
        row["calculation"] = f"if(${{{prefix}{place - 3}}} > 3, ${{{prefix}{place - 3}}} * 2, 0)"
    return row


KINDS: list[dict[str, str]] = [
    {"type": "select_one yn", "required": "yes"},
    {"type": "integer", "constraint": ". >= 0 and . <= 120"},
    {"type": "select_multiple yn", "constraint": "not(selected(., 'dk') and count-selected(.) > 1)"},
    {"type": "text", "constraint": "string-length(.) < 200"},
    {"type": "calculate"},
]
VALUES: list[Any] = ["yes", 12, ["yes", "no"], "một câu trả lời", None]


def answers() -> dict[str, Any]:
    """Everything answered, with ten members."""
    document = {f"q{place}": VALUES[place % 5] for place in range(QUESTIONS) if place % 5 != 4}
    member = {f"p{place}": VALUES[place % 5] for place in range(ROSTER) if place % 5 != 4}
    return {**document, "person": [member] * MEMBERS}


def timed(label: str, action: Callable[[], Any], times: int) -> None:
    """Print the best and the median of several runs."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        spent.append((time.perf_counter() - start) * 1000)
    print(f"{label:58} {min(spent):9.3f} ms best {sorted(spent)[len(spent) // 2]:9.3f} ms median")


def communes() -> Instrument:
    """A cascade with a list of 50,000 choices."""
    rows = [
        {"type": "select_one district", "name": "district", "label": "District"},
        {
            "type": "select_one place",
            "name": "place",
            "label": "Place",
            "choice_filter": "district = ${district}",
        },
        {
            "type": "calculate",
            "name": "label",
            "calculation": "instance('place')/root/item[name = ${place}]/label",
        },
    ]
    districts = [{"list_name": "district", "name": f"d{n}", "label": f"D{n}"} for n in range(500)]
    places = [
        {"list_name": "place", "name": f"p{n}", "label": f"P{n}", "district": f"d{n % 500}"}
        for n in range(COMMUNES)
    ]
    return build_instrument({"survey": rows, "choices": districts + places, "settings": [{"form_id": "c"}]})


# A cascade from files, and a filter that no index serves.
FROM_FILE = [
    {"type": "select_one_from_file districts.csv", "name": "district", "label": "District"},
    {
        "type": "select_one_from_file places.csv",
        "name": "place",
        "label": "Place",
        "choice_filter": "district = ${district}",
    },
    {"type": "calculate", "name": "people", "calculation": "pulldata('places', 'people', 'name', ${place})"},
    {
        "type": "select_one_from_file places.csv",
        "name": "near",
        "label": "Near",
        "choice_filter": "starts-with(name, concat(${place}, '1'))",
    },
]


def lists() -> dict[str, bytes]:
    """500 districts and 50,000 places as CSV files."""
    districts = "".join(f"d{n},D{n}\n" for n in range(500))
    places = "".join(f"p{n},Ấp số {n},d{n % 500},{n}\n" for n in range(COMMUNES))
    return {
        "districts.csv": f"name,label\n{districts}".encode(),
        "places.csv": f"name,label,district,people\n{places}".encode(),
    }


def from_files() -> Instrument:
    """The cascade with its lists in files."""
    files = {name: File.of(content) for name, content in lists().items()}
    return build_instrument({"survey": FROM_FILE, "settings": [{"form_id": "f"}]}, files)


def bench_lists() -> None:
    """Lists of 50,000 choices, in the choices sheet and in a file."""
    for name, make in (("sheet", communes), ("file", from_files)):
        start = time.perf_counter()
        form = make()
        print(
            f"{f'first compile, 50,000 choices in a {name}':58} {(time.perf_counter() - start) * 1000:9.3f} ms"
        )
        given = {"district": "d7"}
        start = time.perf_counter()
        choices_for(form, "place", given)
        print(f"{f'first filter, {name}':58} {(time.perf_counter() - start) * 1000:9.3f} ms")
        timed(f"filter, {name}", partial(choices_for, form, "place", given), 50)
        timed(f"check an answer and look up, {name}", partial(check, form, {**given, "place": "p7"}), 50)
    timed("filter that no index serves, file", partial(choices_for, form, "near", {"place": "p7"}), 9)


def people() -> pd.DataFrame:
    """A million rows."""
    draw = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "age": draw.integers(0, 100, ROWS),
            "phone": draw.choice(["smartphone", "basic", "none"], ROWS),
            "uses": draw.choice(["email video", "video", "", "bank email"], ROWS),
        }
    )


def main() -> None:
    """Print all figures."""
    form, document = sheets(), answers()
    start = time.perf_counter()
    instrument = build_instrument(form)
    check(instrument, document)
    print(f"{'first compile and check, 250 questions':58} {(time.perf_counter() - start) * 1000:9.3f} ms")
    timed("load again (cached)", lambda: build_instrument(form), 20)
    found = check(instrument, document)
    print(f"{'faults, relevant nodes':58} {len(found.faults):9d} {len(found.relevant):9d}")
    timed("check, 250 questions, 10 members", lambda: check(instrument, document), 50)
    timed("check of one page", lambda: check(instrument, document, page=instrument.pages[3]), 50)
    timed("next page", lambda: next_page(instrument, document, instrument.pages[3].id), 50)
    xml = submission_xml(instrument, found.answers, instance_id="uuid:1")
    timed(f"parse a submission of {len(xml) // 1000} kB", lambda: parse_submission(instrument, xml), 30)
    timed("write it", lambda: submission_xml(instrument, found.answers, instance_id="uuid:1"), 30)
    bench_lists()
    table = people()
    for text in ("${age} >= 15", "${phone} = 'smartphone'", "${age} >= 15 and selected(${uses}, 'bank')"):
        timed(f"1,000,000 rows: {text}", lambda text=text: evaluate_column(text, table), 5)


if __name__ == "__main__":
    main()
