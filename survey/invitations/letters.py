"""Letters with personal links and posters with the open one, as PDF."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select

from survey import printing
from survey.cases.models import Area, Case, Disposition
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.formats import date as written_date
from survey.invitations.links import is_revoked, plan_of
from survey.invitations.texts import filled, languages_of, title_of
from survey.invitations.words import LETTER, POSTER, own
from survey.printing.apart import pdf_apart
from survey.rounds.duration import minutes
from survey.rounds.models import Purpose, Round
from survey.text import in_language

"""As on the survey's own page."""
NO_LETTER = (Disposition.REFUSAL, Disposition.INELIGIBLE)
# Columns of a frame under which the name and the address of an addressee may stand.
NAME_COLUMNS = ("addressee", "name", "ten", "ho_ten", "chu_ho", "ten_chu_ho", "ten_doanh_nghiep")
ADDRESS_COLUMNS = ("address", "dia_chi")
SIZES = ("a4", "a3")
MARKS = {Purpose.TEST: "ĐỢT THỬ", Purpose.DEMONSTRATION: "SỐ LIỆU MÔ PHỎNG"}

Progress = Callable[[float, str], None]


class NoLetters(Fault):
    title = "Không có thư nào để in"


@dataclass(frozen=True)
class Scope:
    """Which cases get a letter; who refused or has no link never does."""

    stratum: str = ""
    commune: str = ""
    unanswered: bool = False

    def query(self, round_: Round) -> Select[Any]:
        """The cases in the order in which letters are carried out: stratum, PSU, unit."""
        query = select(Case).where(
            Case.round_id == round_.id, Case.disposition.not_in(NO_LETTER), ~is_revoked()
        )
        if self.stratum:
            query = query.where(Case.stratum == self.stratum)
        if self.commune:
            query = query.join(Area).where(Area.code == self.commune)
        if self.unanswered:
            query = query.where(Case.disposition != Disposition.COMPLETE)
        return query.order_by(Case.stratum, Case.psu, Case.unit)

    def words(self) -> str:
        """The choice as staff read it."""
        parts = [f"tầng {self.stratum}" if self.stratum else "", f"xã {self.commune}" if self.commune else ""]
        chosen = ", ".join(part for part in parts if part) or "cả đợt"
        return f"{chosen}, chưa trả lời" if self.unanswered else chosen

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def count_letters(round_: Round, scope: Scope) -> int:
    """How many letters a choice makes."""
    return (
        db.session.scalar(select(func.count()).select_from(scope.query(round_).order_by(None).subquery()))
        or 0
    )


def letters(round_: Round, cases: Sequence[Case], site: str, at: datetime | None = None) -> bytes:
    """A PDF with one page a case; raise `NoLetters` for none.

    `site`: address under which people reach the service.
    """
    if not cases:
        raise NoLetters("Không có phiếu nào thuộc lựa chọn này.", "Chọn tầng, xã khác, hoặc rút mẫu trước.")
    data = {**_common(round_, site, at), "letters": [_letter(case, site) for case in cases]}
    return pdf_apart("letter", data, at=at)


def _letter(case: Case, site: str) -> dict[str, str]:
    link = f"{site}/k/{case.token}"
    return {
        "name": _first(case.frame_data, NAME_COLUMNS),
        "unit": case.unit,
        "address": _first(case.frame_data, ADDRESS_COLUMNS),
        "place": case.area.full_name if case.area else "",
        "code": f"{case.code[:4]}-{case.code[4:]}",
        "link": link,
        "qr": printing.qr_svg(link),
    }


def _first(known: Mapping[str, Any], columns: Sequence[str]) -> str:
    return next((str(known[name]).strip() for name in columns if str(known.get(name) or "").strip()), "")


def _common(round_: Round, site: str, at: datetime | None) -> dict[str, Any]:
    """What all letters of a round say: Vietnamese, and English beneath if the questionnaire has it."""
    plan = plan_of(round_)
    shown = ["vi", *(["en"] if "en" in languages_of(round_) else [])]
    return {
        "title": f"{LETTER['vi']['title']}: {in_language(round_.title, 'vi')}",
        "mark": MARKS.get(Purpose(round_.purpose), ""),
        "date": written_date(at or datetime.now(UTC)),
        "blocks": [_block(round_, language, site, plan.privacy_address) for language in shown],
    }


def _block(round_: Round, language: str, site: str, privacy: str) -> dict[str, str]:
    words, plan, design = own(LETTER, language), plan_of(round_), round_.instrument_version.design
    said = design.get("about") or {}
    fill = {
        "title": title_of(round_, language),
        "number": round_.decision_number or "",
        "date": written_date(plan.links_end, language),
        "minutes": str(minutes(round_.instrument_version)),
        "telephone": plan.telephone,
        "address": privacy or f"{site}/quyen-rieng-tu/{round_.survey.code}",
    }
    without = {
        "decision": not round_.decision_number,
        "until": plan.links_end is None,
        "questions": not plan.telephone,
    }
    block = {key: "" if without.get(key) else filled(text, fill) for key, text in words.items()}
    block["lang"] = language
    block["asked_by"] = in_language(said.get("asked_by"), language) or words["asked_by"]
    block["purpose"] = in_language(said.get("purpose"), language) or words["purpose"]
    return block


def poster(
    round_: Round, site: str, *, size: str = "a4", communes: Sequence[str] = (), at: datetime | None = None
) -> bytes:
    """A PDF with the open link's QR code in large: one page, or one with the name of each commune.

    Raises `NotFound` for a commune that is not there.
    """
    link = f"{site}/s/{round_.survey.code}"
    shown = ["vi", *(["en"] if "en" in languages_of(round_) else [])]
    plan = plan_of(round_)
    data = {
        "title": title_of(round_, "vi"),
        "paper": size,
        "mark": MARKS.get(Purpose(round_.purpose), ""),
        "link": link,
        "qr": printing.qr_svg(link),
        "telephone": plan.telephone,
        "places": [name for _, name in _communes(communes)] or [""],
        "blocks": [
            {
                "lang": language,
                "title": title_of(round_, language),
                "asked_by": own(LETTER, language)["asked_by"],
                "qr": filled(own(LETTER, language)["qr"], {"link": link}),
                **{
                    key: filled(text, {"minutes": str(minutes(round_.instrument_version))})
                    for key, text in own(POSTER, language).items()
                },
                "questions": filled(own(LETTER, language)["questions"], {"telephone": plan.telephone})
                if plan.telephone
                else "",
            }
            for language in shown
        ],
    }
    return pdf_apart("poster", data, at=at)


def _communes(codes: Sequence[str]) -> list[tuple[str, str]]:
    if not codes:
        return []
    query = select(Area.code, Area.full_name).where(Area.kind == "commune", Area.code.in_(codes))
    found = [(code, name) for code, name in db.session.execute(query.order_by(Area.code))]
    missing = set(codes) - {code for code, _ in found}
    if missing:
        raise NotFound(f"Không có xã, phường mã {min(missing)}.", "Chọn trong danh sách.")
    return found


def places_of(round_: Round) -> tuple[list[str], list[tuple[str, str]]]:
    """The strata of a round's cases, and the communes (code, name) they lie in."""
    strata = db.session.scalars(
        select(Case.stratum).where(Case.round_id == round_.id).distinct().order_by(Case.stratum)
    )
    communes = db.session.execute(
        select(Area.code, Area.full_name)
        .join(Case, Case.area_id == Area.id)
        .where(Case.round_id == round_.id)
        .distinct()
        .order_by(Area.full_name)
    )
    return list(strata), [(code, name) for code, name in communes]
