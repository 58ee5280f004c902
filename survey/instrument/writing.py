"""Answers into a submission's XML, as ODK Collect would send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from survey.instrument.faults import EvaluationError
from survey.instrument.model import Group, Instrument, Node, Question, Repeat
from survey.instrument.places import Env
from survey.instrument.program import program_of
from survey.instrument.run import open_session
from survey.instrument.values import string

OPENROSA = "http://openrosa.org/xforms"


def submission_xml(
    instrument: Instrument, answers: Mapping[str, Any], *, instance_id: str, deprecated_id: str | None = None
) -> bytes:
    """A submission with these answers: relevant unanswered questions are empty, irrelevant ones absent.

    Raises EvaluationError naming the first answer that does not fit its question.
    """
    session = open_session(program_of(instrument), answers, None, False)
    if session.faults:
        fault = session.faults[0]
        raise EvaluationError(f"{fault.variable} {list(fault.index)}: {fault.message('en')}")
    root = etree.Element(instrument.root, {"id": instrument.form_id}, nsmap={"orx": OPENROSA})
    if instrument.version:
        root.set("version", instrument.version)
    _write(root, instrument.items, session.root)
    meta = etree.SubElement(root, f"{{{OPENROSA}}}meta")
    etree.SubElement(meta, f"{{{OPENROSA}}}instanceID").text = instance_id
    if deprecated_id:
        etree.SubElement(meta, f"{{{OPENROSA}}}deprecatedID").text = deprecated_id
    _write_meta(meta, instrument, session.root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _write(parent: Any, items: tuple[Node, ...], env: Env) -> None:
    row = env.rows[-1]
    for item in items:
        if item.path.split("/")[2:3] == ["meta"]:
            continue
        if isinstance(item, Repeat):
            for position, inner in enumerate(row.get(item.variable, ()), start=1):
                if item.variable not in inner.off:
                    _write(etree.SubElement(parent, item.name), item.children, env.inside(inner, position))
        elif item.variable not in row.off:
            element = etree.SubElement(parent, item.name)
            if isinstance(item, Group):
                _write(element, item.children, env)
            else:
                element.text = _text(row.kept.get(item.variable))


def _write_meta(meta: Any, instrument: Instrument, env: Env) -> None:
    for question in instrument.questions.values():
        value = env.rows[0].kept.get(question.variable)
        if _is_meta(question) and question.type != "instanceID" and value is not None:
            etree.SubElement(meta, f"{{{OPENROSA}}}{question.name}").text = _text(value)


def _is_meta(question: Question) -> bool:
    return question.path.split("/")[2:3] == ["meta"]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list):
        return " ".join(value)
    return string(float(value)) if isinstance(value, float) else str(value)
