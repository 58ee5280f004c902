"""What a release is to hold and how safe it has to be, as its maker chose it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from survey.errors import Fault
from survey.microdata.candidates import GEOGRAPHY, NUMBER, Candidates
from survey.microdata.recodes import Recode, parse

KEY, SENSITIVE, SIZE, OTHER = "key", "sensitive", "size", "other"
ROLES = {
    OTHER: "thường",
    KEY: "khóa",
    SENSITIVE: "nhạy cảm",
    SIZE: "quy mô",
}
REPLICATES, PSEUDO = "replicates", "pseudo"
DESIGNS = {
    REPLICATES: "chỉ trọng số lặp, không có cột tầng và cụm",
    PSEUDO: "trọng số lặp, kèm mã giả của tầng và cụm",
}
PUBLIC, TERMS = "public", "terms"
ACCESS = {
    TERMS: "đồng ý điều khoản rồi mới tải",
    PUBLIC: "tệp công cộng, tải ngay",
}
SMALLEST_K = 3
DOMINANT = 0.5
"""A unit with more than this share of a cell's total is recognised by its size."""


class BadPlan(Fault):
    title = "Phương án ẩn danh chưa dùng được"


@dataclass(frozen=True)
class Chosen:
    """A variable of the release with its role and how its values are recoded."""

    name: str
    role: str = OTHER
    recode: str = ""

    @property
    def steps(self) -> tuple[Recode, ...]:
        """The recode, read."""
        return parse(self.recode, self.name)


@dataclass(frozen=True)
class Plan:
    """A release's variables in their order, and its thresholds: `k` rows a key combination, `l` sensitive values."""

    level: str
    variables: tuple[Chosen, ...]
    k: int = SMALLEST_K
    l: int = 2  # noqa: E741  the literature's name
    design: str = REPLICATES
    access: str = TERMS
    suppress: bool = True

    def names(self, role: str) -> list[str]:
        """The variables of a role."""
        return [one.name for one in self.variables if one.role == role]

    def as_mapping(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def of_mapping(cls, found: Mapping[str, Any]) -> Self:
        """Read it back."""
        variables = tuple(Chosen(**one) for one in found["variables"])
        return cls(**{**found, "variables": variables})


def checked(plan: Plan, offered: Candidates) -> Plan:
    """The plan, if it can be carried out; places count as keys whatever was said. Raises `BadPlan`, `BadRecode`."""
    known = {one.name: one for one in offered.variables}
    for one in plan.variables:
        if one.name not in known:
            why = offered.withheld.get(one.name, "không có trong bảng này")
            raise BadPlan(f"Biến {one.name[:64]!r} không phát hành được: {why}.", "Bỏ biến này.")
        if one.role == SIZE and known[one.name].kind != NUMBER:
            raise BadPlan(f"{one.name}: chỉ biến số mới có thể là quy mô.", "Chọn vai trò khác.")
        parse(one.recode, one.name)
    if len({one.name for one in plan.variables}) < len(plan.variables):
        raise BadPlan("Một biến được chọn hai lần.", "Mở lại trang này rồi chọn lại.")
    if not plan.variables:
        raise BadPlan("Chưa chọn biến nào.", "Đánh dấu những biến sẽ có trong tệp.")
    if plan.k < SMALLEST_K:
        raise BadPlan(f"k phải từ {SMALLEST_K} trở lên.", "Dưới mức đó một người có thể tự tìm ra người kia.")
    placed = tuple(
        Chosen(one.name, KEY, one.recode) if known[one.name].kind == GEOGRAPHY else one
        for one in plan.variables
    )
    done = Plan(**{**vars(plan), "variables": placed})
    if not done.names(KEY):
        raise BadPlan(
            "Chưa chọn biến khóa nào.",
            "Chọn những đặc điểm mà người ngoài có thể biết về một người: giới tính, tuổi, nơi ở, nghề.",
        )
    return done


def suggested(level: str, offered: Candidates) -> Plan:
    """Everything that may be released but places; what figures are broken down by are the keys."""
    taken = [one for one in offered.variables if one.kind != GEOGRAPHY]
    return Plan(level, tuple(Chosen(one.name, KEY if one.key else OTHER) for one in taken))
