"""Sections of design.yaml that name a method: their keys, and refusals that say what may stand there."""

from collections.abc import Mapping
from typing import Any

from survey.process.recipe import BadRecipe


def section(
    design: Mapping[str, Any], name: str, needs: tuple[str, ...], may: tuple[str, ...]
) -> Mapping[str, Any]:
    """A section with the keys it needs and no strange one; raise `BadRecipe`."""
    entry = design[name]
    if not isinstance(entry, Mapping):
        raise BadRecipe(
            f"design.yaml, {name}: không phải danh mục.", "Xem mẫu trong questionnaires/README.md."
        )
    for key in entry:
        if key not in (*needs, *may):
            raise BadRecipe(
                f"design.yaml, {name}: không có mục {key!r}.", f"Mục dùng được: {', '.join((*needs, *may))}."
            )
    for key in needs:
        if not entry.get(key):
            raise BadRecipe(f"design.yaml, {name}: thiếu mục {key!r}.", f"Thêm `{key}:` vào mục {name}.")
    return entry


def chosen(entry: Mapping[str, Any], where: str, key: str, allowed: tuple[str, ...], otherwise: str) -> str:
    """The value of a key that has only these, or the usual one; raise `BadRecipe`."""
    value = str(entry.get(key, otherwise))
    if value not in allowed:
        raise BadRecipe(
            f"design.yaml, {where}: {key} {value!r} không có.", f"Chọn một trong: {', '.join(allowed)}."
        )
    return value


def names(entry: Mapping[str, Any], where: str, key: str) -> tuple[str, ...]:
    """A list of names; raise `BadRecipe`."""
    value = entry.get(key) or []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise BadRecipe(f"design.yaml, {where}: {key} không phải danh sách tên.", f"Ghi như `{key}: [a, b]`.")
    return tuple(value)
