"""Sets of population totals: brought in with who says so, kept until somebody accepts them, taken up by recipes."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.process.recipes import service
from survey.process.recipes.control_changes import changes, needs_sureness, population_change
from survey.process.recipes.control_fitting import misfits
from survey.process.recipes.models import ControlSet, ControlTotal
from survey.process.recipes.population import About, refuse_other_population
from survey.process.recipes.reading import read_text
from survey.process.recipes.totals import BadTotals, Total, disagreements, margins_of
from survey.process.recipes.writing import as_yaml
from survey.rounds.models import Round, Survey


def sets_of(survey: Survey) -> list[ControlSet]:
    """Every set of a survey, newest first."""
    query = select(ControlSet).where(ControlSet.survey_id == survey.id)
    return list(db.session.scalars(query.order_by(ControlSet.number.desc())))


def find_set(survey: Survey, number: int) -> ControlSet:
    """The set of this number; raise `NotFound`."""
    found = next((each for each in sets_of(survey) if each.number == number), None)
    if found is None:
        raise NotFound(f"{survey.code}: không có bộ tổng thể {number}.", "Xem danh sách ở trang Tổng thể.")
    return found


def propose(round_: Round, user: User, about: About, totals: Iterable[Total]) -> ControlSet:
    """Keep totals as a set that waits for somebody to look at the differences; the caller commits.

    Raises `Refused`, `WrongPopulation` where they count others than the survey's population, and `BadTotals`
    for margins that disagree, and levels that are missing, unknown or have nobody in the sample.
    """
    require(user, "weight")
    totals = tuple(totals)
    refuse_other_population(round_, about)
    margins = margins_of(totals)
    if faults := [*disagreements(margins), *misfits(round_, about.file, margins)]:
        raise BadTotals(faults)
    survey = round_.survey
    db.session.refresh(survey, with_for_update={"key_share": True})  # numbers are given one after the other
    numbers = [each.number for each in sets_of(survey)]
    kept = ControlSet(
        survey=survey, number=max(numbers, default=0) + 1, imported_by=user, hash=_hash(totals),
        **vars(about),
        totals=[ControlTotal(margin=each.margin, level=each.level, total=each.total) for each in totals],
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    record("controls.propose", f"controls:{survey.code}/{kept.number}", _told(kept), user=user)
    return kept


def _told(kept: ControlSet) -> dict[str, Any]:
    return {
        "file": kept.file,
        "source": kept.source,
        "reference_date": kept.reference_date.isoformat(),
        "population_base": kept.population_base,
        "hash": kept.hash,
    }


def _hash(totals: tuple[Total, ...]) -> str:
    rows = sorted((each.margin, each.level, each.total) for each in totals)
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def accept(round_: Round, proposed: ControlSet, user: User, *, sure: bool = False) -> None:
    """Let recipes use the set; raise `Conflict` where it was accepted, or where a large change is not meant."""
    require(user, "weight")
    db.session.refresh(proposed, with_for_update=True)
    if proposed.accepted_at:
        raise Conflict(f"Bộ {proposed.number} đã được xác nhận.", "Không cần làm gì thêm.")
    found = changes(round_, proposed)
    if needs_sureness(found) and not sure:
        change = f"{100 * (population_change(found) or 0.0):+.1f}".replace(".", ",")
        raise Conflict(
            f"Tổng mới khác tổng đang dùng {change} %.",
            "Kiểm tra có phải cùng một dân số, rồi đánh dấu xác nhận.",
        )
    proposed.accepted_at, proposed.accepted_by = datetime.now(UTC), user
    db.session.flush()
    record("controls.accept", f"controls:{round_.survey.code}/{proposed.number}", _told(proposed), user=user)


def discard(proposed: ControlSet, user: User) -> None:
    """Take back a set that nobody accepted; raise `Conflict` for one that recipes may use."""
    require(user, "weight")
    db.session.refresh(proposed, with_for_update=True)
    if proposed.accepted_at:
        raise Conflict(
            f"Bộ {proposed.number} đã được xác nhận nên được giữ.",
            "Phương án nào không cần thì không chọn bộ này.",
        )
    record(
        "controls.discard", f"controls:{proposed.survey.code}/{proposed.number}", _told(proposed), user=user
    )
    db.session.delete(proposed)


def take_up(round_: Round, chosen: ControlSet, user: User) -> service.Saved:
    """Save a version of the newest recipe that weights to this set; the caller commits."""
    newest = service.newest_number(round_.survey)
    text = with_set(service.text_of(round_, newest), chosen)
    note = f"Dùng bộ tổng thể {chosen.number} cho {chosen.file}: {chosen.source}"[:500]
    return service.save(round_, user, text, note, newest, newest)


def with_set(text: str, chosen: ControlSet) -> str:
    """A recipe's text in which this set stands for its file; comments stay where there was no choice before."""
    document = read_text(text).document
    picked = {**(document.get("control_sets") or {}), chosen.file: chosen.number}
    if "control_sets" not in document:
        return f"{text.rstrip()}\ncontrol_sets: {{{chosen.file}: {chosen.number}}}\n"
    return as_yaml({**document, "control_sets": picked})
