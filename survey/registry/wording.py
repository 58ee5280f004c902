"""How the registry's codes are told to people."""

from survey.formats import measure, number
from survey.registry.models import IndicatorDefinition, IndicatorTarget

OPEN = "tài liệu không nêu"
WORDS = {
    "": OPEN,
    "na": "không áp dụng",
    "P3M": "3 tháng trước ngày phỏng vấn",
    "P12M": "12 tháng trước ngày phỏng vấn",
    "P1Y": "trong năm",
    "interview": "ngày phỏng vấn",
    "keep": "người không trả lời vẫn nằm trong mẫu số",
    "drop": "người không trả lời không nằm trong mẫu số",
    "yearly": "hằng năm",
    "half-yearly": "6 tháng một lần",
    "quarterly": "hằng quý",
}
MARKS = {"R": "đã đọc ở nguồn", "M": "ghi theo trí nhớ, cần kiểm tra"}
MEASURED_BY = {
    "administrative data": "số liệu hành chính của cơ quan chủ trì",
    "not a statistic": "nhiệm vụ, không phải số thống kê",
    "individual survey": "khảo sát người dân",
    "household survey": "khảo sát hộ gia đình",
    "business survey": "khảo sát doanh nghiệp",
    "household-business survey": "khảo sát hộ kinh doanh",
    "institution survey/census": "khảo sát cơ sở (trường học, y tế, cơ quan)",
}
SIGNS = {">=": "từ ", ">": "trên ", "=": "", "<=": "nhiều nhất ", "tăng": "tăng "}
LONGEST_UNIT = 12


def told(code: str) -> str:
    """A code or text of a definition in words; what the document leaves open is said to be open."""
    return WORDS.get(code, code)


def measured_by(kinds: str) -> str:
    """How a line is measured; `kinds` as in the registry, several with semicolons."""
    return "; ".join(MEASURED_BY.get(kind.strip(), kind.strip()) for kind in kinds.split(";") if kind.strip())


def aim(target: IndicatorTarget, unit: str) -> str:
    """A target as people read it: its number with sign and unit, else the document's words."""
    short = unit if len(unit) < LONGEST_UNIT else ""
    if target.low is not None and target.high is not None:
        high = measure(target.high, short, _decimals(target.high))
        return f"từ {number(target.low, _decimals(target.low))} đến {high}"
    if target.value is not None:
        return SIGNS.get(target.operator or "", "") + measure(target.value, short, _decimals(target.value))
    return target.text


def _decimals(value: float) -> int:
    """As many decimals as the document gave: 4.15 has two."""
    text = f"{value:.10g}"
    return len(text.partition(".")[2])


def facts(definition: IndicatorDefinition) -> list[tuple[str, str]]:
    """A definition's parts with their names, open ones included."""
    parts = [
        ("Đối tượng", definition.population),
        ("Độ tuổi", definition.age),
        ("Thời gian tham chiếu", definition.reference_period),
        ("Tử số", definition.numerator),
        ("Mẫu số", definition.denominator),
        ("Không trả lời, không báo cáo", definition.missing),
        ("Đơn vị", definition.unit),
        ("Kỳ báo cáo", definition.periodicity),
    ]
    return [(name, told(value)) for name, value in parts]
