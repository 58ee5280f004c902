"""assessment.yaml read and judged: what is wrong, in which entry, and what to write instead."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from survey.assessment.plan import Advice, Assessment, Criterion, PeerPlan, Pillar, Rule, Words
from survey.errors import Fault
from survey.instrument import ExpressionError, Instrument, compile_expression
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of

FILE = "assessment.yaml"
KEYS = ("address", "title", "about", "method", "levels", "thresholds", "overall", "peers", "pillars")
PILLAR_KEYS = ("code", "label", "short", "maximum", "criteria", "advice")
CRITERION_KEYS = ("variable", "weight", "scores", "not_applicable")
PEER_KEYS = ("minimum", "groups", "unknown")
FEWEST_PILLARS, MOST_PILLARS = 3, 12
FEWEST_PEERS = 5
ADDRESS = re.compile(r"[a-z][a-z0-9-]{1,30}")


class BadAssessment(Fault):
    title = "Tệp tự đánh giá chưa đúng"


def assessment_of(version: InstrumentVersion) -> Assessment:
    """The self-assessment kept with a version, read once; raise `BadAssessment`."""
    plan = json.dumps([version.assessment, (version.indicators or {}).get("variables") or {}])
    return _read_once(plan, instrument_of(version))


@lru_cache(maxsize=64)
def _read_once(plan: str, instrument: Instrument) -> Assessment:
    document, variables = json.loads(plan)
    return read_assessment(document, instrument, variables)


def read_assessment(
    document: Any, instrument: Instrument, variables: Mapping[str, str] | None = None
) -> Assessment:
    """The self-assessment of a document; raise `BadAssessment` that names the entry which is wrong.

    `variables` are those of indicators.yaml: groups of peers may be made of them.
    """
    _mapping(document, "tệp", KEYS, needed=("title", "levels", "thresholds", "overall", "peers", "pillars"))
    pillars, scale = _pillars(document["pillars"], instrument)
    thresholds = _thresholds(document["thresholds"])
    peers = _peers(document["peers"])
    needed = _needed(peers.names, variables or {}, instrument)
    read = Assessment(
        address=_address(document.get("address", "")),
        title=_words(document["title"], "title"),
        about=_words(document.get("about", {"vi": ""}), "about"),
        method=_words(document.get("method", {"vi": ""}), "method"),
        names=tuple(_words(name, "levels") for name in _list(document["levels"], "levels")),
        thresholds=thresholds,
        rules=_rules(document["overall"]),
        pillars=pillars,
        peers=peers,
        scale=scale,
        variables=needed,
        asked=_asked(peers.names, needed),
    )  # fmt: skip
    _agree(read)
    return read


def _bad(where: str, what: str, remedy: str) -> BadAssessment:
    return BadAssessment(f"{FILE}, {where}: {what}.", remedy)


def _mapping(entry: Any, where: str, known: Iterable[str], needed: Iterable[str] = ()) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise _bad(where, "phải là các mục `tên: giá trị`", f"Mục dùng được: {', '.join(known)}.")
    for name in entry:
        if name not in known:
            raise _bad(where, f"không có mục {name!r}", f"Mục dùng được: {', '.join(known)}.")
    for name in needed:
        if name not in entry:
            raise _bad(where, f"thiếu mục {name!r}", "Thêm mục này vào tệp.")
    return entry


def _list(entry: Any, where: str) -> list[Any]:
    if not isinstance(entry, list) or not entry:
        raise _bad(where, "phải là một danh sách có ít nhất một mục", "Viết mỗi mục sau một dấu `-`.")
    return entry


def _words(entry: Any, where: str) -> Words:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("vi"), str):
        raise _bad(where, "thiếu lời tiếng Việt", "Viết dạng {vi: …, en: …}.")
    for language, text in entry.items():
        if not isinstance(text, str):
            raise _bad(
                where,
                f"lời {str(language)!r} không phải chữ",
                'Đặt câu có dấu phẩy hoặc hai chấm trong dấu “"”.',
            )
    return {str(language): text for language, text in entry.items()}


def _number(entry: Any, where: str) -> Fraction:
    if isinstance(entry, bool) or not isinstance(entry, int | float) or not math.isfinite(entry):
        raise _bad(where, f"{entry!r} không phải là số", "Viết một số, ví dụ 20 hoặc 0.5.")
    return Fraction(str(entry))


def _whole(entry: Any, where: str, low: int, high: int) -> int:
    if isinstance(entry, bool) or not isinstance(entry, int) or not low <= entry <= high:
        raise _bad(where, f"{entry!r} phải là số nguyên từ {low} đến {high}", "Sửa số này.")
    return entry


def _address(entry: Any) -> str:
    if entry and not (isinstance(entry, str) and ADDRESS.fullmatch(entry)):
        raise _bad("address", f"{entry!r} không dùng được", "Chỉ dùng chữ thường không dấu, số và dấu -.")
    return str(entry)


def _thresholds(entry: Any) -> tuple[Fraction, ...]:
    limits = tuple(_number(limit, "thresholds") for limit in _list(entry, "thresholds"))
    if list(limits) != sorted(set(limits)) or limits[0] < 0 or limits[-1] >= 100:
        raise _bad("thresholds", "các ngưỡng phải tăng dần, từ 0 đến dưới 100", "Sửa các số phần trăm này.")
    return limits


def _rules(entry: Any) -> tuple[Rule, ...]:
    return tuple(
        _rule(rule, f"overall, mức {level}") for level, rule in enumerate(_list(entry, "overall"), 1)
    )


def _rule(entry: Any, where: str) -> Rule:
    _mapping(entry, where, ("above", "pillars"), needed=("above", "pillars"))
    return Rule(_number(entry["above"], where), _whole(entry["pillars"], where, 0, MOST_PILLARS))


def _agree(read: Assessment) -> None:
    """The parts fit each other."""
    if len(read.names) != read.top + 1:
        remedy = f"Viết {read.top + 1} tên, hoặc sửa `thresholds`."
        raise _bad("levels", f"có {len(read.names)} tên mức cho {read.top} ngưỡng", remedy)
    if len(read.rules) != read.top:
        remedy = f"Viết {read.top} điều kiện, từ mức 1 đến mức {read.top}."
        raise _bad("overall", f"có {len(read.rules)} điều kiện cho {read.top} ngưỡng", remedy)
    for level, rule in enumerate(read.rules, 1):
        if rule.pillars > len(read.pillars) or not 0 <= rule.above * read.scale < read.maximum:
            remedy = f"Có {len(read.pillars)} trụ cột, tối đa {read.maximum / read.scale:g} điểm."
            raise _bad(f"overall, mức {level}", "không ai đạt được", remedy)


def _pillars(entry: Any, instrument: Instrument) -> tuple[tuple[Pillar, ...], int]:
    """The pillars with their points in whole units, and how many units make a point."""
    entries = _list(entry, "pillars")
    if not FEWEST_PILLARS <= len(entries) <= MOST_PILLARS:
        raise _bad(
            "pillars", f"có {len(entries)} trụ cột", f"Viết {FEWEST_PILLARS} đến {MOST_PILLARS} trụ cột."
        )
    worth = [_worth(one, place, instrument) for place, one in enumerate(entries, 1)]
    _once([variable for scores in worth for variable in scores], "tiêu chí")
    scale = math.lcm(*(p.denominator for scores in worth for s in scores.values() for p in s.values()))
    pillars = tuple(_pillar(one, scores, scale) for one, scores in zip(entries, worth, strict=True))
    _once([pillar.code for pillar in pillars], "mã trụ cột")
    return pillars, scale


def _once(names: list[str], what: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _bad("pillars", f"{what} {twice!r} dùng hai lần", "Bỏ bớt một chỗ.")


def _worth(entry: Any, place: int, instrument: Instrument) -> dict[str, dict[str, Fraction]]:
    """What each choice of each criterion of a pillar is worth."""
    where = f"pillars, mục {place}"
    _mapping(entry, where, PILLAR_KEYS, needed=("code", "label", "criteria"))
    found = {}
    for one in _list(entry["criteria"], f"{where}, criteria"):
        given = {"variable": one} if isinstance(one, str) else one
        _mapping(given, f"{where}, criteria", CRITERION_KEYS, needed=("variable",))
        if given["variable"] in found:
            raise _bad(where, f"tiêu chí {given['variable']!r} dùng hai lần", "Bỏ bớt một chỗ.")
        found[str(given["variable"])] = _scores(given, f"{where}, {given['variable']}", instrument)
    return found


def _scores(given: Mapping[str, Any], where: str, instrument: Instrument) -> dict[str, Fraction]:
    question = instrument.questions.get(str(given["variable"]))
    if question is None or question.type != "select_one" or question.level or not question.choices:
        raise _bad(
            where, "không phải câu hỏi chọn một (select_one) ngoài khối lặp của phiếu", "Sửa tên biến."
        )
    weight = _number(given.get("weight", 1), f"{where}, weight")
    stated = {str(name): points for name, points in (given.get("scores") or {}).items()}
    left_out = {str(name) for name in given.get("not_applicable") or ()}
    names = list(question.choice_by_name)
    if unknown := (stated.keys() | left_out) - set(names):
        raise _bad(where, f"câu hỏi không có lựa chọn {min(unknown)!r}", f"Có: {', '.join(names)}.")
    scores = {
        name: weight * _number(stated.get(name, _named(name)), f"{where}, lựa chọn {name}")
        for name in names
        if name not in left_out
    }
    if weight <= 0 or len(set(scores.values())) < 2 or min(scores.values()) != 0:
        raise _bad(where, "điểm phải bắt đầu từ 0 và có ít nhất hai bậc", "Sửa `scores` hoặc `weight`.")
    return scores


def _named(name: str) -> Any:
    """The number that a choice is named, else its name, which the reader then refuses."""
    return int(name) if name.isascii() and name.isdigit() and len(name) < 7 else name


def _pillar(entry: Mapping[str, Any], worth: dict[str, dict[str, Fraction]], scale: int) -> Pillar:
    where = f"pillars, {entry['code']}"
    criteria = tuple(
        Criterion(variable, {name: int(points * scale) for name, points in scores.items()})
        for variable, scores in worth.items()
    )
    maximum = Fraction(sum(criterion.maximum for criterion in criteria), scale)
    if "maximum" in entry and _number(entry["maximum"], where) != maximum:
        raise _bad(where, f"các tiêu chí cộng lại {float(maximum):g} điểm, không phải {entry['maximum']}",
                   "Kiểm tra danh sách tiêu chí và `maximum`.")  # fmt: skip
    label = _words(entry["label"], f"{where}, label")
    short = _words(entry.get("short", entry["label"]), f"{where}, short")
    return Pillar(str(entry["code"]), label, short, criteria, _advice(entry.get("advice") or {}, where))


def _advice(entry: Any, where: str) -> tuple[Advice, ...]:
    if not isinstance(entry, Mapping):
        raise _bad(f"{where}, advice", "phải viết theo mức", "Viết dạng `0: {vi: …, en: …}`.")
    read = []
    for level, texts in entry.items():
        at = f"{where}, advice, mức {level}"
        _whole(level if isinstance(level, int) else _named(str(level)), at, 0, 100)
        given = dict(texts) if isinstance(texts, Mapping) else {}
        source = given.pop("source", None)
        read.append(Advice(int(level), _words(given, at), _words(source, f"{at}, source") if source else {}))
    return tuple(sorted(read, key=lambda advice: advice.level))


def _peers(entry: Any) -> PeerPlan:
    _mapping(entry, "peers", PEER_KEYS, needed=("minimum", "groups"))
    groups = _list(entry["groups"], "peers, groups")
    if not all(isinstance(group, list) and all(isinstance(name, str) for name in group) for group in groups):
        raise _bad(
            "peers, groups",
            "mỗi nhóm là một danh sách tên biến",
            "Viết dạng [[sector, size_class], [sector], []].",
        )
    unknown = entry.get("unknown") or {}
    if not isinstance(unknown, Mapping) or not all(isinstance(values, list) for values in unknown.values()):
        raise _bad("peers, unknown", "phải là các mã theo tên biến", "Viết dạng {size_class: [unknown]}.")
    return PeerPlan(
        _whole(entry["minimum"], "peers, minimum", FEWEST_PEERS, 1000),
        tuple(tuple(group) for group in groups),
        {str(name): tuple(map(str, values)) for name, values in unknown.items()},
    )


def _asked(names: Iterable[str], needed: Mapping[str, str]) -> tuple[str, ...]:
    """The questions among the names and in the expressions."""
    inside = {name for text in needed.values() for name in compile_expression(text).variables}
    return tuple(sorted((inside | set(names)) - needed.keys()))


def _needed(
    names: Iterable[str], variables: Mapping[str, str], instrument: Instrument, asked_by: str = "peers"
) -> dict[str, str]:
    """The expressions that some names need, each after those that it is made of."""
    found: dict[str, str] = {}
    for name in names:
        if name in variables and name != asked_by:
            try:
                inner = sorted(compile_expression(variables[name]).variables)
            except ExpressionError as error:
                raise _bad(f"peers, {name}", str(error), "Sửa biểu thức trong indicators.yaml.") from error
            earlier = {key: text for key, text in variables.items() if key != name}
            found |= _needed(inner, earlier, instrument, name) | {name: variables[name]}
        elif name not in instrument.questions:
            remedy = "Dùng tên câu hỏi hoặc biến của indicators.yaml."
            raise _bad(f"peers, {asked_by}", f"không có biến {name!r}", remedy)
    return found
