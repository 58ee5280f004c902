"""The steps to the public, each by the right person, once, under a lock and in the audit trail."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey.accounts.models import AuditEvent, Role, User
from survey.disseminate.models import Release
from survey.errors import Conflict, Fault, Refused
from survey.extensions import db
from survey.signoff import service as signoff
from survey.signoff.models import SignOffStatus
from tests.disseminate.published import make_run
from tests.staff import add_person, statistician

NOON = datetime(2026, 12, 5, 5, 0, tzinfo=UTC)  # 12:00 in the province
Deed = Callable[[Release, User], bool]


@pytest.fixture
def draft(app: Flask) -> Iterator[Release]:
    """A draft, within an application context."""
    with app.app_context():
        release = Release(run=make_run())
        db.session.add(release)
        for username in ("lan", "minh", "hoa"):
            statistician(username)
        db.session.commit()
        yield release
        db.session.remove()


def person(username: str) -> User:
    return db.session.scalars(select(User).where(User.username == username)).one()


def checked(release: Release) -> Release:
    signoff.propose(release, person("lan"))
    return release


def approved(release: Release, embargo_until: datetime | None = None) -> Release:
    signoff.approve(checked(release), person("minh"), embargo_until, now=NOON)
    return release


def published(release: Release) -> Release:
    signoff.publish(approved(release), NOON)
    return release


def trail(release: Release) -> list[str]:
    query = select(AuditEvent.action).where(AuditEvent.subject == release.sign_off_subject)
    return [action.partition(".")[2] for action in db.session.scalars(query.order_by(AuditEvent.id))]


def test_from_draft_to_withdrawn(draft: Release) -> None:
    assert signoff.withdraw(
        published(draft), person("lan"), "Sai quyền số", "Số liệu có lỗi, sẽ công bố lại."
    )
    db.session.commit()
    assert (draft.proposed_by, draft.approved_by, draft.withdrawn_by) == (
        person("lan"), person("minh"), person("lan"),
    )  # fmt: skip
    assert trail(draft) == ["propose", "approve", "publish", "withdraw"]
    assert signoff.told(draft).startswith(f"Lượt {draft.run_id} đã rút lại lúc ")
    assert signoff.told(draft).endswith("Số liệu có lỗi, sẽ công bố lại.")


@pytest.mark.parametrize(
    ("prepare", "deed"),
    [
        (checked, lambda thing, _: signoff.propose(thing, person("lan"))),
        (approved, lambda thing, _: signoff.approve(thing, person("minh"))),
        (published, lambda thing, _: signoff.approve(thing, person("minh"))),
        (published, lambda thing, _: signoff.publish(thing, NOON)),
    ],
    ids=["propose", "approve", "approve after publication", "publish"],
)
def test_the_same_deed_twice_changes_nothing(
    draft: Release, prepare: Callable[..., Release], deed: Deed
) -> None:
    before = trail(prepare(draft))
    assert deed(draft, person("lan")) is False
    assert trail(draft) == before


def test_sending_back_putting_off_and_withdrawing_twice_change_nothing(draft: Release) -> None:
    assert signoff.put_off(approved(draft, NOON + timedelta(days=1)), person("minh"), "Chờ họp")
    assert signoff.put_off(draft, person("minh"), "Chờ họp") is False
    assert signoff.send_back(draft, person("minh"), "Xem lại tuổi")
    assert signoff.send_back(draft, person("minh"), " Xem  lại tuổi ") is False
    assert (draft.status, draft.proposed_by, draft.embargo_until) == (SignOffStatus.DRAFT, None, None)
    published(draft)
    assert signoff.withdraw(draft, person("hoa"), "Sai", "Có lỗi")
    assert signoff.withdraw(draft, person("hoa"), "Sai", "Có lỗi") is False
    assert trail(draft) == [
        "propose", "approve", "put_off", "send_back", "propose", "approve", "publish", "withdraw",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("prepare", "deed", "told"),
    [
        (
            checked,
            lambda thing, hoa: signoff.propose(thing, hoa),
            "đã được Thống kê viên lan đề nghị công bố lúc",
        ),
        (lambda thing: thing, lambda thing, hoa: signoff.approve(thing, hoa), "chưa được đề nghị công bố"),
        (approved, lambda thing, hoa: signoff.approve(thing, hoa), "Thống kê viên minh ký"),
        (published, lambda thing, hoa: signoff.put_off(thing, hoa, "x"), "đã công bố lúc"),
        (published, lambda thing, hoa: signoff.send_back(thing, hoa, "x"), "đã công bố lúc"),
        (approved, lambda thing, hoa: signoff.withdraw(thing, hoa, "x", "y"), "đã ký"),
        (checked, lambda thing, hoa: signoff.publish(thing), "đang chờ người thứ hai ký"),
    ],
)
def test_who_comes_second_is_told_what_became_of_it(
    draft: Release, prepare: Callable[..., Release], deed: Deed, told: str
) -> None:
    with pytest.raises(Conflict, match=told):
        deed(prepare(draft), person("hoa"))


def test_four_eyes(draft: Release) -> None:
    with pytest.raises(Refused, match="bốn mắt"):
        signoff.approve(checked(draft), person("lan"))
    assert not signoff.may_sign(draft, person("lan"))
    assert signoff.may_sign(draft, person("minh"))


def test_the_database_keeps_four_eyes_too(draft: Release) -> None:
    lan = person("lan")
    draft.status, draft.proposed_by, draft.approved_by = SignOffStatus.APPROVED, lan, lan
    draft.proposed_at = draft.approved_at = NOON
    with pytest.raises(IntegrityError, match="four_eyes"):
        db.session.flush()


def test_who_has_not_the_role_may_do_nothing(app: Flask, draft: Release) -> None:
    add_person(app, "quan", Role.MANAGER)
    quan = person("quan")
    for deed in (
        lambda: signoff.propose(draft, quan),
        lambda: signoff.send_back(draft, quan, "x"),
        lambda: signoff.approve(draft, quan),
        lambda: signoff.put_off(draft, quan, "x"),
        lambda: signoff.withdraw(draft, quan, "x", "y"),
    ):
        with pytest.raises(Refused, match="thống kê viên"):
            deed()


def test_nothing_is_public_before_its_hour(draft: Release) -> None:
    hour = NOON + timedelta(hours=20)
    approved(draft, hour)
    with pytest.raises(signoff.EmbargoLasts, match="06/12/2026 08:00"):
        signoff.publish(draft, hour - timedelta(seconds=1))
    assert signoff.due(Release, hour - timedelta(seconds=1)) == []
    assert signoff.due(Release, hour) == [draft]
    assert signoff.publish(draft, hour)
    assert signoff.due(Release, hour) == []


def test_an_hour_that_has_passed_is_refused(draft: Release) -> None:
    with pytest.raises(Fault, match=r"Giờ công bố 05/12/2026 12:00 đã qua\. Chọn một giờ sau bây giờ"):
        approved(draft, NOON)


@pytest.mark.parametrize("empty", ["", "  ", "\x00\u202e", "\ud800"])
def test_a_reason_says_something(draft: Release, empty: str) -> None:
    with pytest.raises(Fault, match=r"Chưa có lý do rút lại\. Nhập lý do"):
        signoff.withdraw(published(draft), person("lan"), empty, "Có lỗi")


def test_a_text_is_kept_in_composed_letters_without_hidden_marks(draft: Release) -> None:
    signoff.withdraw(published(draft), person("lan"), "x" * 1000, "Số\u202e liê\u0323u\x00\r\n có <b>lỗi</b>")
    db.session.commit()
    assert draft.public_note == "Số liệu có <b>lỗi</b>"
    with pytest.raises(Fault, match=r"dài 1\.001 ký tự"):
        signoff.written("x" * 1001, "lý do")


def race(app: Flask, number: int, *deeds: tuple[str, Callable[[Release, User], object]]) -> list[str]:
    """Each person does a deed at the same moment in a connection of their own; what came of each, in order."""
    together, outcomes = Barrier(len(deeds)), ["" for _ in deeds]

    def act(place: int, username: str, deed: Callable[[Release, User], object]) -> None:
        with app.app_context():
            thing, user = db.session.get_one(Release, number), person(username)
            together.wait()
            try:
                outcomes[place] = "done" if deed(thing, user) else "nothing"
                db.session.commit()
            except Fault as fault:
                db.session.rollback()
                outcomes[place] = type(fault).__name__

    threads = [Thread(target=act, args=(place, *deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def test_of_two_who_approve_at_once_one_does(app: Flask, draft: Release) -> None:
    checked(draft)
    db.session.commit()
    outcomes = race(app, draft.id, ("minh", signoff.approve), ("hoa", signoff.approve))
    assert sorted(outcomes) == ["Conflict", "done"]


def test_a_double_press_and_a_job_publish_once(app: Flask, draft: Release) -> None:
    approved(draft)
    db.session.commit()
    deed = ("minh", lambda thing, _: signoff.publish(thing, NOON))
    assert sorted(race(app, draft.id, deed, deed, deed)) == ["done", "nothing", "nothing"]
    assert trail(draft).count("publish") == 1


def test_putting_off_at_the_hour_of_publication_ends_in_one_of_both(app: Flask, draft: Release) -> None:
    approved(draft)
    db.session.commit()
    outcomes = race(
        app,
        draft.id,
        ("hoa", lambda thing, user: signoff.put_off(thing, user, "Chờ họp")),
        ("minh", lambda thing, _: signoff.publish(thing, NOON)),
    )
    db.session.refresh(draft)
    assert (outcomes, draft.status) in (
        (["done", "Conflict"], SignOffStatus.CHECKED),
        (["Conflict", "done"], SignOffStatus.PUBLISHED),
    )
