"""What changed for a line and when: documents, definitions, targets and owners on one line of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from survey.registry.calendar import Obligation, obligations
from survey.registry.models import Indicator
from survey.registry.wording import aim


@dataclass(frozen=True)
class Change:
    """Something that began or ended for a line on a day, and by what."""

    day: date
    text: str
    basis: str


def history(line: Indicator) -> list[Change]:
    """All changes of a line, the oldest first."""
    return sorted([*_defined(line), *_aimed(line), *_led(line)], key=lambda change: change.day)


def _defined(line: Indicator) -> Iterator[Change]:
    for place, version in enumerate(line.definitions, 1):
        if version.measured_with:
            text = f"Định nghĩa {place}: cách đo của bộ phiếu {version.measured_with.replace('/', ', chỉ tiêu ')}"
        else:
            text = f"Định nghĩa {place}: theo văn bản"
        yield Change(version.valid_from, text, version.source)


def _aimed(line: Indicator) -> Iterator[Change]:
    for target in line.targets:
        told = f"Mục tiêu {aim(target, line.unit)}" + (f" ({target.year})" if target.year else "")
        yield Change(target.valid_from, told, target.document.name)
        if target.superseded_by is not None:
            later = target.superseded_by
            yield Change(
                later.valid_from, f"{told} được thay bằng {aim(later, line.unit)}", later.document.name
            )


def _led(line: Indicator) -> Iterator[Change]:
    for owner in line.owners:
        if owner.valid_from is not None:
            yield Change(owner.valid_from, f"{owner.agency.name} chủ trì", owner.basis)
        if owner.valid_to is not None and owner.agency.successor is None:
            ending = f"{owner.agency.name} kết thúc, không có cơ quan kế thừa"
            yield Change(owner.valid_to, ending, owner.agency.basis)


def deadlines(line: Indicator, since: date) -> list[Obligation]:
    """What is to be reported about a line within a year from a day on."""
    until = since + timedelta(days=365)
    found = [*obligations(since.year), *obligations(since.year + 1)]
    return [one for one in found if line.code in one.lines and since <= one.last_day < until]
