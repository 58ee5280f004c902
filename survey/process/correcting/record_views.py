"""The page of one record: its answers, what they break, and new answers with their reasons."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import flash, request

from survey.accounts.service import allowed_to
from survey.editing.judging import Judgement, judge
from survey.editing.models import Kind
from survey.editing.places import Place, digest, value_at
from survey.editing.service import BadCorrection, Change, Grounds, correct, edited, find_response
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.process.correcting import findings
from survey.process.correcting.forms import AnswerForm, Asked, answer_form, entered
from survey.process.correcting.lines import parts_of, question_at, repeats_of, words_for
from survey.process.correcting.proposing import Suggestion, suggest
from survey.process.correcting.records import Record, broken_rules, judged
from survey.process.correcting.views import (
    CONFLICT,
    UNPROCESSABLE,
    Page,
    correcting,
    lead_to,
    person,
    show_page,
)
from survey.process.edits import EditRule
from survey.rounds.models import Round
from survey.rounds.service import find_round, instrument_of

MOST_AT_ONCE = 30
UNASKED = "Câu này không được hỏi với các câu trả lời còn lại; sửa câu dẫn tới nó trước."
RESHAPED = "Sửa như vậy thì số dòng của khối lặp thay đổi. Gửi bản sửa của cả phiếu từ nơi thu thập."


class _Opened:
    """A record with the rules that it breaks now."""

    def __init__(self, round_: Round, response_id: str) -> None:
        self.round = round_
        self.response = find_response(round_, response_id)
        self.refresh()

    def refresh(self) -> None:
        self.instrument = instrument_of(self.response.instrument_version)
        (self.state,) = edited([self.response])
        rules = findings.rules_of(self.round)
        form = instrument_of(self.round.instrument_version)
        self.rules = rules
        self.broken: dict[Record, list[EditRule]] = {
            place: its for (_, place), its in broken_rules(judged(form, rules, [self.state]), rules).items()
        }

    @property
    def marked(self) -> frozenset[str]:
        return frozenset(name for its in self.broken.values() for rule in its for name in rule.variables)

    def suggestion(self, record: Record) -> Suggestion | None:
        its = self.broken.get(record)
        if not its:
            return None
        return suggest(self.round, self.instrument, self.rules, tuple(its), self.state, record)


def _record_of(text: str) -> Record:
    place = Place.read(f"{text}/-")
    return place.level, place.instance


@correcting.get("/phieu/<response_id>")
@allowed_to("weight")
def record_page(survey: str, code: str, response_id: str) -> Page:
    """One record: what it breaks, its answers, a form for those that are asked for, a proposal when asked for."""
    opened = _Opened(find_round(survey, code), response_id)
    proposals = {}
    if wanted := request.args.get("de-xuat"):
        record = _record_of(wanted)
        proposals = {record: opened.suggestion(record)}
    asked = _asked(opened, [Place.read(text) for text in request.args.getlist("cau")[:MOST_AT_ONCE]])
    form = answer_form(opened.instrument, opened.state.used, asked) if asked else None
    return _record(opened, form, asked, proposals=proposals)


def _asked(opened: _Opened, places: list[Place], start: dict[Place, Any] | None = None) -> list[Asked]:
    found = []
    for place in dict.fromkeys(places):
        now = value_at(opened.state.used, place)
        question = question_at(opened.instrument, opened.state, place)
        found.append(Asked(place, question, now, (start or {}).get(place, now)))
    return found


def _record(
    opened: _Opened,
    form: AnswerForm | None,
    asked: list[Asked],
    *,
    status: int = 200,
    judgement: Judgement | None = None,
    proposals: dict[Record, Suggestion | None] | None = None,
) -> Page:
    forms = {}
    for record, found in (proposals or {}).items():
        if found is not None and found.values:
            its = _asked(opened, list(found.values), dict(found.values))
            forms[record] = (its, answer_form(opened.instrument, opened.state.used, its))
    return show_page(
        "record",
        opened.round,
        status,
        opened=opened,
        response=opened.response,
        parts=list(parts_of(opened.instrument, opened.state, opened.marked)),
        form=form,
        asked=asked,
        judgement=judgement,
        proposals=proposals or {},
        proposal_forms=forms,
        kind=Kind.PROPOSAL if request.form.get("kind") == Kind.PROPOSAL else Kind.MANUAL,
        rule=_known_rule(opened, request.form.get("rule", "")) or "",
        said=lambda variable, value: words_for(opened.instrument, variable, value),
        label=lambda variable: _label(opened, variable),
    )


def _label(opened: _Opened, variable: str) -> str:
    """A question or a repeat in the questionnaire's words."""
    question = opened.instrument.questions.get(variable)
    if question is not None:
        return question.label("vi") or question.name
    return next(
        (each.label("vi") or variable for each in repeats_of(opened.instrument) if each.variable == variable),
        variable,
    )


@correcting.post("/phieu/<response_id>")
@allowed_to("weight")
def correct_record(survey: str, code: str, response_id: str) -> Page:
    """Correct answers of one record, with what follows from them, as one batch."""
    opened = _Opened(find_round(survey, code), response_id)
    texts = [request.form.get(f"place{n}") for n in range(MOST_AT_ONCE)]
    asked = _asked(opened, [Place.read(text) for text in texts if text])
    if not asked:
        raise NotFound("Chưa chọn câu nào để sửa.", "Chọn câu trong danh sách câu trả lời.")
    form = answer_form(opened.instrument, opened.state.used, asked)
    good, values = form.validate_on_submit(), entered(form, asked)
    if changed := _changed_meanwhile(opened, form, asked):
        form.form_errors.extend(changed)
        return _record(opened, form, asked, status=CONFLICT)
    judgement = None
    if good and values is not None:
        judgement = judge(opened.instrument, opened.state.used, values, datetime.now(UTC))
        _tell(opened, form, asked, judgement)
        if judgement.is_possible and (form.consent.data or not judgement.needs_consent):
            return _save(opened, form, asked, values, judgement)
    return _record(opened, form, asked, status=UNPROCESSABLE, judgement=judgement)


def _changed_meanwhile(opened: _Opened, form: AnswerForm, asked: list[Asked]) -> list[str]:
    """The answers that are no longer those which the form was filled in from; the form takes over those of now."""
    told = []
    for number, each in enumerate(asked):
        seen = form[f"seen{number}"]
        if seen.data != digest(each.now):
            now = words_for(opened.instrument, each.place.variable, each.now)
            told.append(
                f"{_label(opened, each.place.variable)}: giá trị vừa được người khác đổi thành {now}."
                " Bản sửa của ông/bà chưa được lưu; xem lại rồi gửi lần nữa nếu vẫn cần."
            )
        seen.data = digest(each.now)
    return told


def _tell(opened: _Opened, form: AnswerForm, asked: list[Asked], judgement: Judgement) -> None:
    """Put what the questionnaire refuses beside the fields that it is about."""
    fields = {
        (each.place.variable, each.place.index): form[f"value{number}"] for number, each in enumerate(asked)
    }
    for fault in judgement.refusals:
        if (field := fields.get((fault.variable, fault.index))) is not None:
            field.errors = [*field.errors, fault.message("vi")]
        else:
            form.form_errors.append(f"{_label(opened, fault.variable)}: {fault.message('vi')}")
    for place in judgement.unasked:
        field = fields[(place.variable, place.index)]
        field.errors = [*field.errors, UNASKED]
    if judgement.reshaped:
        form.form_errors.append(RESHAPED)


def _save(
    opened: _Opened, form: AnswerForm, asked: list[Asked], values: dict[Place, Any], judgement: Judgement
) -> Page:
    direct = [Change(each.place, each.now, values[each.place]) for each in asked]
    followers = [
        Change(place, value_at(opened.state.used, place), value, follows=True)
        for place, value in judgement.follows.items()
    ]
    is_proposal = request.form.get("kind") == Kind.PROPOSAL
    try:
        grounds = Grounds(
            form.reason.data,
            form.note.data or "",
            Kind.PROPOSAL if is_proposal else Kind.MANUAL,
            _known_rule(opened, request.form.get("rule", "")),
        )
        changes = {opened.response.id: [*direct, *followers]}
        correct(opened.round, changes, grounds, person())
        db.session.commit()
    except Conflict as conflict:
        return _taken(opened, form, asked, conflict)
    except BadCorrection as fault:
        db.session.rollback()
        form.form_errors.append(str(fault))
        return _record(opened, form, asked, status=UNPROCESSABLE)
    flash("Đã lưu giá trị sửa; giá trị thu thập vẫn giữ nguyên bên cạnh.", "success")
    return lead_to("record_page", opened.round, response_id=opened.response.id)


def _known_rule(opened: _Opened, code: str) -> str | None:
    return code if any(rule.code == code for rule in opened.rules) else None


def _taken(opened: _Opened, form: AnswerForm, asked: list[Asked], conflict: Conflict) -> Page:
    """Somebody was quicker: what was typed stays, beside the value of now; a record that is gone is told as gone."""
    db.session.rollback()
    db.session.expire_all()
    fresh = _Opened(opened.round, str(opened.response.id))
    asked = [replace(each, now=value_at(fresh.state.used, each.place)) for each in asked]
    _changed_meanwhile(fresh, form, asked)
    form.form_errors.append(str(conflict))
    return _record(fresh, form, asked, status=CONFLICT)
