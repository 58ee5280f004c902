"""The order in which relevance and calculations must run, and the refusal of circles."""

from __future__ import annotations

from survey.instrument.faults import Fault, InstrumentErrors
from survey.instrument.model import Group, Instrument, Question


def dependency_order(instrument: Instrument, uses: dict[str, set[str]]) -> list[str]:
    """Variables so that each comes after those it uses and after the group around it.

    Raises InstrumentErrors for a circle, naming the way round.
    """
    order: list[str] = []
    done: set[str] = set()
    for start in instrument.nodes:
        if start not in done:
            _visit(instrument, uses, start, order, done)
    return order


def _visit(
    instrument: Instrument, uses: dict[str, set[str]], start: str, order: list[str], done: set[str]
) -> None:
    """Depth first without recursion, so that a chain of 10,000 calculations is no danger."""
    way: list[str] = []
    on_way: set[str] = set()
    stack: list[tuple[str, bool]] = [(start, False)]
    while stack:
        key, leaving = stack.pop()
        if leaving:
            way.pop()
            on_way.discard(key)
            done.add(key)
            order.append(key)
        elif key in on_way:
            raise _circle(instrument, [*way[way.index(key) :], key])
        elif key not in done:
            way.append(key)
            on_way.add(key)
            stack.append((key, True))
            stack += [(used, False) for used in reversed(_before(instrument, uses, key)) if used not in done]


def _before(instrument: Instrument, uses: dict[str, set[str]], key: str) -> list[str]:
    node = instrument.nodes[key]
    return [*([node.parent] if node.parent else []), *sorted(uses[key])]


def _circle(instrument: Instrument, way: list[str]) -> InstrumentErrors:
    node = instrument.nodes[way[0]]
    column = "calculation" if isinstance(node, Question) and node.calculation else "relevant"
    names = " → ".join(way)
    if isinstance(node, Group) and len(way) > 1:
        column = "relevant"
    fault = Fault(
        "survey",
        node.row,
        column,
        f"Expressions refer to each other in a circle: {names}.",
        "Remove one of these references.",
        f"Các biểu thức phụ thuộc vòng tròn: {names}.",
        "Bỏ một trong các tham chiếu này.",
    )
    return InstrumentErrors((fault,))
