"""What an indicator is measured in and how many decimals it is told with, as indicators.yaml says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from survey.text import in_language

PERCENT = "percent"
PERCENT_CODE = "PT"
DECIMALS = 1
LONGEST_CODE = 20


@dataclass(frozen=True)
class Unit:
    """`code` is SDMX's UNIT_MEASURE (PT: percent, PS: persons, VND), `label` its name by language."""

    code: str = PERCENT_CODE
    label: Mapping[str, str] = field(default_factory=dict)
    decimals: int = DECIMALS

    @property
    def is_percent(self) -> bool:
        """Whether values are percentages, as 42.6."""
        return self.code == PERCENT_CODE

    def words(self, language: str = "vi") -> str:
        """How the unit is written after a number."""
        return "%" if self.is_percent else in_language(self.label, language)


def unit_of(definition: Mapping[str, Any]) -> Unit:
    """The unit of an indicator as its definition gives it; percent where it says nothing.

    Raises `ValueError`, in words for whoever wrote the file, for anything but `percent` or a mapping of
    `code` and names by language, and for decimals that are no whole number from 0 to 6.
    """
    decimals = definition.get("decimals", DECIMALS)
    if not isinstance(decimals, int) or isinstance(decimals, bool) or not 0 <= decimals <= 6:
        raise ValueError("`decimals` phải là số nguyên từ 0 đến 6")
    given = definition.get("unit") or PERCENT
    if given == PERCENT:
        return Unit(decimals=decimals)
    if not isinstance(given, Mapping) or not given.get("code") or not given.get("vi"):
        raise ValueError("`unit` phải là percent hoặc có dạng {code: PS, vi: người, en: persons}")
    if len(str(given["code"])) > LONGEST_CODE:
        raise ValueError(f"`code` của `unit` dài quá {LONGEST_CODE} ký tự")
    label = {language: str(text) for language, text in given.items() if language != "code"}
    return Unit(str(given["code"]), label, decimals)
