"""Whom a list of totals counts, and whether that is whom the survey is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey.errors import Fault
from survey.process.recipes.models import ControlStatus, PopulationBase
from survey.rounds.models import Round
from survey.text import in_language, plain

BASES = {
    PopulationBase.CENSUS: "dân số thường trú theo Tổng điều tra",
    PopulationBase.RESIDENT: "dân số thường trú (ước tính của cơ quan thống kê)",
    PopulationBase.REGISTERED: "nhân khẩu đăng ký (cơ quan công an, cơ sở dữ liệu dân cư)",
    PopulationBase.ECONOMIC_CENSUS: "đơn vị đang hoạt động theo Tổng điều tra kinh tế",
    PopulationBase.BUSINESS_REGISTER: "đơn vị theo đăng ký kinh doanh, đăng ký thuế",
}


class WrongPopulation(Fault):
    """The totals count others than the survey is about."""

    title = "Tổng thể không cùng dân số với khảo sát"


@dataclass(frozen=True)
class About:
    """What whoever brings totals in says of them."""

    file: str
    source: str
    reference_date: date
    population_base: PopulationBase
    population: str
    status: ControlStatus


def files_of(round_: Round) -> dict[str, dict[str, Any]]:
    """The files of totals that the round's questionnaire names, each with whom it counts."""
    return dict(round_.instrument_version.design.get("controls") or {})


def refuse_other_population(round_: Round, about: About) -> None:
    """Raise `WrongPopulation` for totals of others than the survey, and this file of it, are about."""
    design, files = round_.instrument_version.design, files_of(round_)
    base = design.get("population_base")
    if base not in list(PopulationBase) or about.file not in files:
        had = ", ".join(files) or "không có tệp nào"
        raise WrongPopulation(
            f"Phiếu của khảo sát chưa nói {about.file} đếm ai: {had}.",
            "Thêm `population_base:` và `controls:` vào design.yaml (questionnaires/README.md) rồi nhập lại phiếu.",
        )
    wanted = PopulationBase(base)
    if wanted.family != about.population_base.family:
        raise WrongPopulation(
            f"Tệp đếm {BASES[about.population_base]}, còn khảo sát là về {BASES[wanted]}. Hai số này không thay"
            " nhau được: ở Vĩnh Long là 4.257.581 người đăng ký và 3.320.422 người thường trú năm 2019.",
            f"Lấy tổng theo {BASES[wanted]}, hoặc sửa mục dân số nếu đã chọn nhầm.",
        )
    names = definitions_of(files[about.file])
    if _simple(about.population) not in {_simple(name) for name in names}:
        raise WrongPopulation(
            f"Tệp đếm “{about.population}”, còn {about.file} của khảo sát đếm “{' / '.join(names)}”.",
            "Lấy tổng của đúng nhóm đó, hoặc chọn tệp khác của khảo sát.",
        )


def definitions_of(entry: Mapping[str, Any]) -> list[str]:
    """Whom a file of the questionnaire counts, in each language that design.yaml has."""
    said = entry.get("population")
    return [str(text) for text in said.values()] if isinstance(said, Mapping) else [str(said or "")]


def definition_of(entry: Mapping[str, Any]) -> str:
    """The same in Vietnamese, else in what there is."""
    return in_language(entry.get("population"), "vi")


def _simple(text: str) -> str:
    return " ".join(plain(text).split())
