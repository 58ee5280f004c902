"""The codebook of a released file: as a table, and as DDI-Codebook 2.5 with the questions behind each column."""

import csv
from collections.abc import Sequence
from copy import deepcopy
from io import StringIO
from typing import Any

from lxml import etree

from survey.authoring.codebook import study_of
from survey.instrument import codebook_ddi
from survey.instrument.ddi import DDI
from survey.instrument.limits import FORBIDDEN
from survey.microdata.columns import Column
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of
from survey.text import defused

HEAD = ("column", "label", "source", "answer", "type", "code", "number", "stata", "code_label", "note")
KEPT = ("qstn", "universe")
"""What a column takes over from the question that it comes from."""


def codebook_table(columns: Sequence[Column]) -> bytes:
    """A row a column and code: CSV, UTF-8 with the mark by which spreadsheets know it.

    `number` is the code's value in Stata and SPSS, `stata` its letter where it is no value there.
    """
    output = StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(HEAD)
    for column in columns:
        about = (
            column.name,
            column.label,
            column.source,
            column.code,
            "number" if column.numeric else "code",
        )
        for code, name in column.codes.items() or [("", "")]:
            number = "" if not code else code if column.numeric else column.numbers[code]
            letter = column.missing.get(code, "")
            cells = (*about, code, number, f".{letter}" if letter else "", name, column.note)
            writer.writerow([defused(cell) for cell in cells])
    return output.getvalue().encode("utf-8-sig")


def codebook_xml(
    version: InstrumentVersion, columns: Sequence[Column], file: str, rows: int, title: str
) -> bytes:
    """The questionnaire's DDI with the release's file and columns in place of its own."""
    root = etree.fromstring(codebook_ddi(instrument_of(version), study_of(version.design)))
    for name in root.iter(f"{{{DDI}}}titl"):
        name.text = _clean(title)
    asked = {variable.get("name"): variable for variable in root.iter(f"{{{DDI}}}var")}
    data = root.find(f"{{{DDI}}}dataDscr")
    assert data is not None
    for child in list(data):
        data.remove(child)
    for old in root.findall(f"{{{DDI}}}fileDscr"):
        root.remove(old)
    root.insert(root.index(data), _file(file, rows, len(columns)))
    for place, column in enumerate(columns, start=1):
        data.append(_variable(column, f"V{place}", asked.get(column.source)))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _file(name: str, rows: int, columns: int) -> Any:
    described = etree.Element(f"{{{DDI}}}fileDscr", ID="F1")
    text = etree.SubElement(described, f"{{{DDI}}}fileTxt")
    etree.SubElement(text, f"{{{DDI}}}fileName").text = name
    sizes = etree.SubElement(text, f"{{{DDI}}}dimensns")
    etree.SubElement(sizes, f"{{{DDI}}}caseQnty").text = str(rows)
    etree.SubElement(sizes, f"{{{DDI}}}varQnty").text = str(columns)
    return described


def _variable(column: Column, identity: str, question: Any) -> Any:
    """One var, its parts in the order of the schema."""
    interval = "contin" if column.numeric and not column.codes else "discrete"
    made = etree.Element(f"{{{DDI}}}var", ID=identity, name=column.name, files="F1", intrvl=interval)
    etree.SubElement(made, f"{{{DDI}}}labl").text = _clean(column.label)
    kept = [] if question is None else [part for part in question if etree.QName(part).localname in KEPT]
    for part in kept:
        made.append(deepcopy(part))
    for code, name in column.codes.items():
        category = etree.SubElement(made, f"{{{DDI}}}catgry")
        if code in column.missing:
            category.set("missing", "Y")
        etree.SubElement(category, f"{{{DDI}}}catValu").text = _clean(code)
        etree.SubElement(category, f"{{{DDI}}}labl").text = _clean(name)
    etree.SubElement(made, f"{{{DDI}}}varFormat", type="numeric" if column.numeric else "character")
    if column.note:
        etree.SubElement(made, f"{{{DDI}}}notes").text = _clean(column.note)
    return made


def _clean(text: str) -> str:
    return FORBIDDEN.sub("", text)
