"""Expressions read once: their tree, what they refer to, and whether every function exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from survey.instrument.faults import EvaluationError, ExpressionError
from survey.instrument.functions import FUNCTIONS
from survey.instrument.grammar import Binary, Call, Literal, Negate, Path, Tree, Variable, parse
from survey.instrument.patterns import compiled

# What other products' questionnaires use in place of ours: remedy in English and in Vietnamese.
ELSEWHERE = {
    "duration": (
        "duration() is SurveyCTO's; subtract two date-times instead.",
        "duration() là của SurveyCTO; hãy lấy hiệu hai mốc thời gian.",
    ),
    "device-info": (
        "device-info() is SurveyCTO's; use a metadata question of type deviceid.",
        "device-info() là của SurveyCTO; dùng câu hỏi loại deviceid.",
    ),
    "phone-call-log": (
        "phone-call-log() is SurveyCTO's; record contact attempts on the case instead.",
        "phone-call-log() là của SurveyCTO; ghi các lần liên hệ vào hồ sơ đơn vị điều tra.",
    ),
    "index": (
        "index() is SurveyCTO's; write position(..) instead.",
        "index() là của SurveyCTO; viết position(..).",
    ),
    "difference-in-months": (
        "difference-in-months() is CHT's; write int((${later} - ${earlier}) div 30.44) instead.",
        "difference-in-months() là của CHT; viết int((${sau} - ${trước}) div 30.44).",
    ),
    "add-date": (
        "add-date() is CHT's; add days to a date instead: date(${day} + 7).",
        "add-date() là của CHT; hãy cộng số ngày: date(${ngày} + 7).",
    ),
    "parse-timestamp-to-date": (
        "parse-timestamp-to-date() is CHT's; write date(${milliseconds} div 86400000) instead.",
        "parse-timestamp-to-date() là của CHT; viết date(${mili_giây} div 86400000).",
    ),
    "lower-case": (
        "ODK Collect has no lower-case(); use translate().",
        "ODK Collect không có lower-case(); dùng translate().",
    ),
    "upper-case": (
        "ODK Collect has no upper-case(); use translate().",
        "ODK Collect không có upper-case(); dùng translate().",
    ),
    "substring": (
        "ODK Collect has no substring(); use substr(), which counts from 0.",
        "ODK Collect không có substring(); dùng substr(), đếm từ 0.",
    ),
    "last": ("ODK Collect has no last(); use count().", "ODK Collect không có last(); dùng count()."),
    "thousands-sep": (
        "thousands-sep() is Kobo's; leave formatting to the report.",
        "thousands-sep() là của Kobo; để việc định dạng cho báo cáo.",
    ),
}
CHT = (
    "Functions in cht: are CHT's; use date arithmetic, such as int(${later} - ${earlier}).",
    "Hàm cht: là của CHT; dùng phép trừ ngày, ví dụ int(${sau} - ${trước}).",
)
UNKNOWN = (
    "Use a function of the ODK XForms specification.",
    "Dùng hàm có trong đặc tả ODK XForms.",
)


@dataclass(frozen=True)
class Expression:
    """An expression that reads well; `variables` are the names it refers to as ${name}."""

    text: str
    tree: Tree
    variables: frozenset[str]
    functions: frozenset[str]

    @property
    def is_volatile(self) -> bool:
        """Whether it can differ from one evaluation to the next (now, today, random, uuid)."""
        return any(FUNCTIONS[name].volatile for name in self.functions)


@lru_cache(maxsize=20_000)
def compile_expression(text: str) -> Expression:
    """Read an expression; raises ExpressionError with position, cause and remedy."""
    tree = parse(text)
    nodes = list(walk_tree(tree))
    calls = [node for node in nodes if isinstance(node, Call)]
    for call in calls:
        _check_call(text, call)
    variables = frozenset(node.name for node in nodes if isinstance(node, Variable))
    return Expression(text, tree, variables, frozenset(call.name for call in calls))


def walk_tree(tree: Tree) -> Iterator[Tree]:
    """Every node of the tree, the node itself first."""
    yield tree
    for child in children(tree):
        yield from walk_tree(child)


def children(tree: Tree) -> tuple[Tree, ...]:
    """The operands, arguments, predicates and starting points directly under a node."""
    match tree:
        case Binary(_, left, right):
            return (left, right)
        case Negate(operand):
            return (operand,)
        case Call(_, arguments, _):
            return arguments
        case Path(start, steps, _, predicates):
            inner = tuple(item for step in steps for item in step.predicates)
            return (*predicates, *inner) if isinstance(start, str) else (start, *predicates, *inner)
    return ()


def _check_call(text: str, call: Call) -> None:
    function = FUNCTIONS.get(call.name)
    if function is None:
        cause, vietnamese = f"there is no function {call.name}()", f"không có hàm {call.name}()"
        remedy, remedy_vi = _suggestion(call.name)
        raise ExpressionError(text, call.position, cause, remedy, vietnamese, remedy_vi)
    if not function.least <= len(call.arguments) <= function.most:
        cause = f"{call.name}() takes {_arity(function.least, function.most)}, not {len(call.arguments)}"
        remedy, remedy_vi = "Add or remove arguments.", "Thêm hoặc bớt đối số."
        raise ExpressionError(text, call.position, cause, remedy, f"{call.name}() sai số đối số", remedy_vi)
    if call.name == "regex" and isinstance(call.arguments[1], Literal):
        _check_pattern(text, call, call.arguments[1].value)


def _check_pattern(text: str, call: Call, pattern: str) -> None:
    try:
        compiled(pattern)
    except EvaluationError as error:
        remedy = "Correct the regular expression."
        raise ExpressionError(
            text, call.position, str(error), remedy, f"biểu thức chính quy sai: {error}"
        ) from error


def _suggestion(name: str) -> tuple[str, str]:
    """What to write instead, in English and in Vietnamese."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    if name.startswith("cht:"):
        return CHT
    close = get_close_matches(name, FUNCTIONS, n=1, cutoff=0.7)
    return (f"Did you mean {close[0]}()?", f"Có phải là {close[0]}()?") if close else UNKNOWN


def _arity(least: int, most: int) -> str:
    if least == most:
        return f"{least} argument{'s' if least != 1 else ''}"
    return f"{least} to {most} arguments" if most < 100 else f"at least {least} arguments"
