"""Administrative values on their way to the public: two people, an hour, a revision, a withdrawal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey.accounts.models import AuditEvent, Role
from survey.accounts.service import add_user
from survey.errors import Conflict, Refused
from survey.extensions import db
from survey.registry.values import service
from survey.registry.values.checks import Entry, Reported, check
from survey.registry.values.models import AdministrativeValue
from survey.signoff import service as signoff
from tests.registry.test_checks import ENTRY, TODAY
from tests.staff import PASSWORD, statistician


def reported(**cells: str) -> Reported:
    seen = check(replace(ENTRY, **cells), TODAY)
    assert seen.reported is not None, seen.findings
    return seen.reported


def entered(**cells: str) -> AdministrativeValue:
    """A draft that Lan entered and put forward."""
    lan = statistician()
    value = service.enter(reported(**cells), lan)
    signoff.propose(value, lan)
    db.session.commit()
    return value


def public_amounts() -> list[float | None]:
    return [value.value for value in service.public_values(["KH54-13"]) if value.current]


def test_two_people_make_a_value_public(here: Flask) -> None:
    value = entered()
    assert public_amounts() == []
    minh = statistician("minh")
    assert service.sign(value, minh)
    db.session.commit()
    assert public_amounts() == [62]
    assert not service.sign(value, minh), "a second press changes nothing"
    deeds = list(
        db.session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.action.like("administrative_value.%"))
            .order_by(AuditEvent.id)
        )
    )
    assert deeds == [f"administrative_value.{deed}" for deed in ("enter", "propose", "approve", "publish")]


def test_nobody_signs_alone_and_who_comes_second_is_told(here: Flask) -> None:
    value = entered()
    assert value.proposed_by is not None
    with pytest.raises(Refused):
        service.sign(value, value.proposed_by)
    service.sign(value, statistician("minh"))
    with pytest.raises(Conflict, match="Thống kê viên minh"):
        service.sign(value, statistician("hoa"))


def test_a_manager_enters_but_does_not_sign(here: Flask) -> None:
    quan = add_user("quan", "Quân", Role.MANAGER, PASSWORD)
    value = service.enter(reported(), quan)
    signoff.propose(value, statistician())
    with pytest.raises(Refused):
        service.sign(value, quan)
    with pytest.raises(Refused):
        service.enter(
            reported(period="2024", source_date="10/01/2025"), add_user("dtv", "Đ", Role.ENUMERATOR, PASSWORD)
        )


def test_an_embargo_is_kept_until_its_hour(here: Flask) -> None:
    value = entered()
    hour = datetime.now(UTC) + timedelta(hours=3)
    service.sign(value, statistician("minh"), hour)
    db.session.commit()
    assert service.publish_due() == [] and public_amounts() == []
    assert service.publish_due(hour + timedelta(minutes=1)) == [value]
    db.session.commit()
    assert public_amounts() == [62]
    assert service.publish_due(hour + timedelta(minutes=2)) == []


def published(**cells: str) -> AdministrativeValue:
    value = entered(**cells)
    service.sign(value, statistician("minh"))
    db.session.commit()
    return value


def test_a_revision_replaces_what_was_public_and_says_why(here: Flask) -> None:
    old = published()
    assert old.proposed_by is not None and old.approved_by is not None
    again = check(replace(ENTRY, value="64", revision_note="Sót 2 cơ sở"), TODAY, old)
    assert again.reported is not None
    draft = service.revise(old, again.reported, old.proposed_by, None)
    db.session.commit()
    assert public_amounts() == [62], "the old one stays until the new one is signed"
    signoff.propose(draft, old.proposed_by)
    service.sign(draft, old.approved_by)
    db.session.commit()
    (value,) = service.public_values(["KH54-13"])
    assert (value.value, value.revision_note, value.revises) == (64, "Sót 2 cơ sở", old)
    assert not old.current and old.status == "published"


def test_a_revision_without_a_note_or_without_a_change_is_refused(here: Flask) -> None:
    old = published()
    lan = old.proposed_by
    assert lan is not None
    silent = check(replace(ENTRY, value="64"), TODAY, old).reported
    same = check(replace(ENTRY, revision_note="Sót"), TODAY, old).reported
    assert silent is not None and same is not None
    with pytest.raises(service.NoteMissing):
        service.revise(old, silent, lan, None)
    with pytest.raises(Conflict, match="giống"):
        service.revise(old, same, lan, None)


def test_what_is_withdrawn_leaves_its_note(here: Flask) -> None:
    value = published()
    assert value.approved_by is not None
    service.withdraw(value, value.approved_by, "Nhầm kỳ", "Số liệu nhầm kỳ, sẽ công bố lại.")
    db.session.commit()
    (shown,) = service.public_values(["KH54-13"])
    assert (shown.status, shown.public_note, shown.current) == (
        "withdrawn",
        "Số liệu nhầm kỳ, sẽ công bố lại.",
        False,
    )
    assert check(ENTRY, TODAY).reported is not None, "it may be entered again"


def test_the_same_place_has_one_value_waiting_and_one_public(here: Flask) -> None:
    first = entered()
    assert "đang chờ" in check(ENTRY, TODAY).faults[0].message
    service.sign(first, statistician("minh"))
    db.session.commit()
    assert "đã công bố" in check(ENTRY, TODAY).faults[0].message


def test_who_enters_at_the_same_moment_is_told(here: Flask) -> None:
    """Both looked before either kept: the database holds the second one back."""
    lan, minh = statistician(), statistician("minh")
    one, two = reported(), reported()
    service.enter(one, lan)
    with pytest.raises(Conflict, match="người khác"):
        service.enter(two, minh)
    db.session.commit()
    assert len(list(db.session.scalars(select(AdministrativeValue)))) == 1


def test_two_windows_cannot_overwrite_each_other(here: Flask) -> None:
    lan = statistician()
    value = service.enter(reported(), lan)
    db.session.commit()
    seen = value.revision
    service.change(value, reported_of(value, "63"), lan, None, seen)
    db.session.commit()
    with pytest.raises(Conflict, match="cửa sổ khác"):
        service.change(value, reported_of(value, "64"), lan, None, seen)
    assert value.value == 63


def reported_of(value: AdministrativeValue, typed: str) -> Reported:
    found = check(replace(service.as_entry(value), value=typed), TODAY, value).reported
    assert found is not None
    return found


def test_only_drafts_are_deleted(here: Flask) -> None:
    value = entered()
    lan = value.proposed_by
    assert lan is not None
    with pytest.raises(Conflict):
        service.drop(value, lan)
    signoff.send_back(value, lan, "Sai số")
    service.drop(value, lan)
    db.session.commit()
    assert check(ENTRY, TODAY).reported is not None


def test_a_kept_value_reads_back_as_it_was_typed(here: Flask) -> None:
    value = service.enter(
        reported(line="KH54-24", value="33,3", numerator="1", denominator="3"), statistician()
    )
    again = check(service.as_entry(value), TODAY, value).reported
    assert again is not None
    assert (again.value, again.numerator, again.decimals) == (value.value, 1, 1)
    assert Entry(line="x") != service.as_entry(value)


def test_the_database_refuses_what_the_pages_would_not_send(here: Flask) -> None:
    value = service.enter(
        reported(line="KH54-24", value="33,3", numerator="1", denominator="3"), statistician()
    )
    db.session.commit()
    for name, wrong in (("numerator", 4.0), ("denominator", None), ("current", True)):
        setattr(value, name, wrong)
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
