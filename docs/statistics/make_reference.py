"""Write reference.md from the docstrings of `analysis`: `python docs/statistics/make_reference.py`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import analysis
from analysis import errors

PAGE = Path(__file__).parent / "reference.md"

HEAD = """# Reference of `analysis`

Generated from the docstrings by `docs/statistics/make_reference.py`; do not edit by hand. Worked examples are in the
[guide](guide.md), the names in other software in [coming-from](coming-from.md).

## Conventions

- n rows of data, R replicates, p estimates. `Floats`, `Codes` and `Mask` are numpy arrays of float64, int64 and bool.
- `Names`: one column name or a list of them. `Where`: a boolean array or Series (n), or a function of the data that
  returns one; rows outside stay in the design. `Totals`: a mapping or Series from level (a tuple for several columns)
  to total, or a frame with the columns and `total`. `Contrast`: a mapping from row to coefficient, or a sequence.
- Estimates, `se` and limits are in the unit of the variable, shares from 0 to 1; `cv` is a share (0.1 is 10 %).
- Shared options: `by` columns whose combinations are the domains; `level` of confidence; `ci` kind of interval, with
  `df` in place of the design's degrees of freedom; `deff` True against simple random sampling without replacement,
  "replace" with replacement; `categorical` numeric columns to be taken as categories; `missing` "drop" takes rows with
  an unknown value out as a domain, "fail" raises `MissingValues`.
- Every method may raise `ColumnNotFound`, `NotNumeric`, `UnknownOption` and, for estimates, `EmptyDomain`,
  `ZeroDenominator` and `LonelyPsu`. All faults are `SurveyError`, itself a `ValueError`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    seen: set[Any] = set()
    for name, members in _public():
        parts.append(f"\n## {name}\n\n{inspect.getdoc(importlib.import_module(name))}\n")
        for member in members:
            seen.add(member)
            parts.append(_entry(member))
    parts.append("\n## Results\n\nWhat the functions above return, beside data frames.\n")
    parts.extend(_entry(result) for result in _results(seen))
    parts.append("\n## Errors\n\n| error | meaning |\n|---|---|\n")
    parts.extend(f"| `{name}` | {_first(fault)} |\n" for name, fault in _faults())
    return "".join(parts)


def _public() -> Iterator[tuple[str, list[Any]]]:
    """Packages that say in `__all__` what is public, the library itself first."""
    found = [analysis.__name__]
    found += [m.name for m in pkgutil.iter_modules(analysis.__path__, "analysis.") if m.ispkg]
    for name in found:
        package = importlib.import_module(name)
        members = [getattr(package, member) for member in getattr(package, "__all__", [])]
        if members:
            yield name, [m for m in members if m is not errors.SurveyError]


def _entry(member: Any) -> str:
    return _class(member) if inspect.isclass(member) else _function(member, member.__name__, "###")


def _class(member: type) -> str:
    text = f"\n### {member.__name__}\n\n"
    if is_dataclass(member):
        shown = [f"{field.name}: {field.type}" for field in fields(member) if not field.name.startswith("_")]
        text += "```python\n" + "\n".join(shown) + "\n```\n\n"
    else:
        text += _signature(member.__init__, member.__name__) + "\n"
    text += f"{inspect.getdoc(member)}\n"
    return text + "".join(_methods(member))


def _methods(member: type) -> Iterator[str]:
    """Public methods and properties, also of parent classes that have no entry, in the order of their source."""
    shown = {owner for parent in member.__mro__[1:] if parent is analysis.Design for owner in parent.__mro__}
    for owner in member.__mro__:
        if owner in shown or not owner.__module__.startswith("analysis"):
            continue
        for name, value in vars(owner).items():
            if name.startswith("_") or (owner is not member and name in vars(member)):
                continue
            if isinstance(value, property | cached_property):
                yield _property(value, f"{member.__name__}.{name}")
            function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            if inspect.isfunction(function):
                yield _function(function, f"{member.__name__}.{name}", "####")


def _property(value: Any, title: str) -> str:
    getter = value.func if isinstance(value, cached_property) else value.fget
    kind = getter.__annotations__["return"]
    return f"\n#### {title}\n\n```python\n{title.split('.')[-1]}: {kind}\n```\n{_text(value)}"


def _text(member: Any) -> str:
    found = inspect.getdoc(member)
    return f"\n{found}\n" if found else ""


def _function(function: Callable[..., Any], title: str, heading: str) -> str:
    return f"\n{heading} {title}\n\n{_signature(function, title.split('.')[-1])}{_text(function)}"


def _signature(function: Callable[..., Any], title: str) -> str:
    """The call as written in the source, a parameter per line where there are many."""
    signature = inspect.signature(function)
    shown = [_parameter(p) for p in signature.parameters.values() if p.name not in ("self", "cls")]
    line = ", ".join(shown)
    inside = line if len(line) < 90 else "\n    " + ",\n    ".join(shown) + ",\n"
    returns = signature.return_annotation
    arrow = "" if returns in (inspect.Signature.empty, "None") else f" -> {returns}"
    return f"```python\n{title}({inside}){arrow}\n```\n"


def _parameter(parameter: inspect.Parameter) -> str:
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
    kind = "" if parameter.annotation is parameter.empty else f": {parameter.annotation}"
    return f"{parameter.name}{kind}{default}"


def _results(seen: set[Any]) -> list[type]:
    """Result classes named by a return annotation of anything public, and by their own fields and methods."""
    found: dict[str, type] = {}
    waiting = list(seen)
    while waiting:
        for kind in _returned(waiting.pop()):
            if kind not in seen and kind.__name__ not in found:
                found[kind.__name__] = kind
                waiting.append(kind)
    return [found[name] for name in sorted(found)]


def _returned(member: Any) -> Iterator[type]:
    functions = [member]
    notes: list[str] = []
    if inspect.isclass(member):
        functions = [f for owner in member.__mro__ for f in vars(owner).values()]
        notes = [
            str(note) for owner in member.__mro__ for note in vars(owner).get("__annotations__", {}).values()
        ]
    for function in functions:
        target = getattr(function, "fget", None) or getattr(function, "func", None) or function
        if inspect.isfunction(target) and not target.__name__.startswith("_"):
            notes.append(str(target.__annotations__.get("return", "")))
    words = {
        word for note in notes for word in note.replace("[", " ").replace("]", " ").replace(",", " ").split()
    }
    for word in sorted(words):
        kind = _named(word)
        if kind is not None:
            yield kind


def _named(word: str) -> type | None:
    """A dataclass of the library by its name."""
    for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
        kind = getattr(importlib.import_module(module.name), word, None)
        if inspect.isclass(kind) and is_dataclass(kind) and not word.startswith("_"):
            return kind if kind.__module__.startswith("analysis") else None
    return None


def _faults() -> list[tuple[str, type]]:
    return [
        (n, f) for n, f in vars(errors).items() if inspect.isclass(f) and issubclass(f, errors.SurveyError)
    ]


def _first(member: Any) -> str:
    return (inspect.getdoc(member) or "").split("\n")[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
