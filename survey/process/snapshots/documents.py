"""Answer documents as nested Arrow columns, a batch of them at a time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from survey.instrument.values import string
from survey.process.snapshots.shape import NUMBERS, SEVERAL, Level

Document = Mapping[str, Any]
NUMERIC = {kind: pa.int64() if dtype == "Int64" else pa.float64() for kind, dtype in NUMBERS.items()}


def parsed(texts: Sequence[bytes], levels: Sequence[Level]) -> pa.StructArray:
    """JSON documents as one struct each: a field for each variable, a list of structs for each repeat.

    Numbers and texts as the levels' types want them; several choices are one text, as XLSForm writes them. Arrow's
    own reader does it where every value has its question's type; else, as where versions differ, each value is
    looked at.
    """
    if not texts:
        return pa.array([], _struct(levels, (), {}))
    try:
        return _read(b"\n".join(texts), levels)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return structs(msgspec.json.decode(b"[%b]" % b",".join(texts)), levels)


def structs(documents: Sequence[Document], levels: Sequence[Level]) -> pa.StructArray:
    """The same of documents that are Python's mappings, whatever types their values have."""
    tidy = [_tidy(document, levels, ()) for document in documents]
    return pa.array(tidy, _struct(levels, (), {}))


def _read(lines: bytes, levels: Sequence[Level]) -> pa.StructArray:
    lists = dict.fromkeys(SEVERAL, pa.list_(pa.string()))
    schema = pa.schema(list(_struct(levels, (), lists)))
    table = pj.read_json(
        pa.BufferReader(lines),
        read_options=pj.ReadOptions(block_size=len(lines) + 1),
        parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )
    struct: pa.StructArray = table.to_struct_array().combine_chunks()
    return struct


def _struct(
    levels: Sequence[Level], repeats: tuple[str, ...], types: Mapping[str, pa.DataType]
) -> pa.DataType:
    """The type of a document, or of an instance of the repeat that these lead to."""
    here = next((level for level in levels if level.repeats == repeats), None)
    kinds = here.collected if here else {}
    fields = [(name, types.get(kind) or NUMERIC.get(kind, pa.string())) for name, kind in kinds.items()]
    inner = _repeats_in(levels, repeats)
    return pa.struct(
        [*fields, *((name, pa.list_(_struct(levels, (*repeats, name), types))) for name in inner)]
    )


def _repeats_in(levels: Sequence[Level], repeats: tuple[str, ...]) -> list[str]:
    """The repeats just inside; one without questions of its own has no level but may hold some that have."""
    depth = len(repeats)
    longer = (
        level.repeats for level in levels if len(level.repeats) > depth and level.repeats[:depth] == repeats
    )
    return sorted({each[depth] for each in longer})


def texts_of(column: pa.Array) -> pa.Array:
    """A column with lists of choices joined and empty texts as null."""
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, " ")
    if pa.types.is_string(column.type):
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
    return column


def _tidy(document: Document, levels: Sequence[Level], repeats: tuple[str, ...]) -> dict[str, Any]:
    here = next((level for level in levels if level.repeats == repeats), None)
    kinds = here.collected if here else {}
    values = {name: TIDY.get(kind, _text)(document.get(name)) for name, kind in kinds.items()}
    for name in _repeats_in(levels, repeats):
        values[name] = [_tidy(each, levels, (*repeats, name)) for each in document.get(name) or ()]
    return values


def _text(value: Any) -> str | None:
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    return string(value) if isinstance(value, float) else str(value)


def _decimal(value: Any) -> float | None:
    """A number that another version or an old import kept as text; raises ValueError for what is none."""
    return None if value is None or value == "" else float(value)


def _whole(value: Any) -> float | int | None:
    """The same where whole numbers are asked; Arrow refuses one that is not."""
    number = value if isinstance(value, int) else _decimal(value)
    return int(number) if number is not None and number == int(number) else number


TIDY: dict[str, Callable[[Any], Any]] = {
    kind: _whole if arrow == pa.int64() else _decimal for kind, arrow in NUMERIC.items()
}
