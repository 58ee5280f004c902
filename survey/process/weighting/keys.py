"""What a weighting step may be told in design.yaml, and refusals that name file, step, key and remedy."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from survey.process.recipe import BadRecipe

STEP = "step"
METHOD = "method"


@dataclass(frozen=True)
class Key:
    """What the value of a key has to be: as a test and in words."""

    holds: Callable[[Any], bool]
    words: str


@dataclass(frozen=True)
class Keys:
    """The keys of a kind of step.

    It cannot do without `needs` and one of `one_of`; with `methods` its `method` (the first one, unless the
    step says another) tells which further keys it needs, and those of other methods are refused.
    """

    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    methods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def known(self) -> tuple[str, ...]:
        """All keys that some step of this kind may have."""
        of_methods = (key for keys in self.methods.values() for key in keys)
        return (*((METHOD,) if self.methods else ()), *self.needs, *self.one_of, *of_methods, *self.may)

    def of(self, step: Mapping[str, Any]) -> tuple[str, ...]:
        """The keys that the step's method needs."""
        return self.methods[step.get(METHOD, next(iter(self.methods)))] if self.methods else ()


def _is_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(name, str) for name in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_bounds(value: Any) -> bool:
    pair = isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))
    return pair and 0 <= value[0] < 1 < value[1]


def _one_of(*allowed: str) -> Key:
    return Key(lambda value: value in allowed, f"một trong: {', '.join(allowed)}")


NAMES = Key(_is_names, "danh sách tên biến, như [stratum, area_type]")
LIMIT = Key(lambda value: _is_number(value) and value > 0, "một trọng số lớn hơn 0")
KEYS: dict[str, Key] = {
    METHOD: _one_of("classes", "propensity"),
    "classes": NAMES,
    "formula": Key(_is_text, 'công thức các biến của dàn mẫu, như "~ stratum + area_type"'),
    "groups": Key(lambda value: _is_number(value) and value in range(2, 101), "số nguyên từ 2 đến 100"),
    "size": Key(_is_text, "tên một biến"),
    "margins": NAMES,
    "by": NAMES,
    "totals": NAMES,
    "controls": Key(_is_text, "tên một tệp, như controls.csv"),
    "distance": _one_of("linear", "raking", "logit"),
    "bounds": Key(_is_bounds, "hai số không âm quanh 1, như [0.3, 3]"),
    "by_unit": Key(_is_text, "tên một biến, như response_key"),
    "lower": LIMIT,
    "upper": LIMIT,
    "strict": Key(lambda value: isinstance(value, bool), "true hoặc false"),
}


def check_keys(where: str, step: Mapping[str, Any], keys: Keys) -> None:
    """Raise `BadRecipe` for a key that is unknown, missing, of another method, or has a value it cannot have."""
    given = [key for key in step if key != STEP]
    _refuse_others(where, given, keys.known)
    for key in given:
        if not KEYS[key].holds(step[key]):
            raise BadRecipe(f"{where}: mục {key!r} có giá trị {step[key]!r}.", f"Cần {KEYS[key].words}.")
    for key in (*keys.needs, *keys.of(step)):
        if key not in step:
            raise BadRecipe(f"{where}: thiếu mục {key!r}.", f"Thêm `{key}:` {KEYS[key].words}.")
    if keys.one_of and not any(key in step for key in keys.one_of):
        remedy = " ".join(f"`{key}:` {KEYS[key].words}." for key in keys.one_of)
        raise BadRecipe(f"{where}: thiếu mục {' hoặc '.join(map(repr, keys.one_of))}.", remedy)
    if keys.methods:
        of_method = (METHOD, *keys.needs, *keys.one_of, *keys.of(step), *keys.may)
        _refuse_others(where, given, of_method)


def _refuse_others(where: str, given: Iterable[str], allowed: tuple[str, ...]) -> None:
    for key in given:
        if key not in allowed:
            known = ", ".join(allowed) or "không có mục nào"
            raise BadRecipe(f"{where}: không có mục {key!r}.", f"Mục dùng được: {known}.")
