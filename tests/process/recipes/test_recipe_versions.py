"""Versions of a recipe: kept side by side, tried against the questionnaire, run, downloaded and brought in again."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from survey.accounts.models import AuditEvent, Role
from survey.errors import Conflict, NotFound, Refused
from survey.extensions import db
from survey.process import queue
from survey.process import service as processing
from survey.process.models import Run, RunStatus
from survey.process.recipes import service
from survey.process.recipes.models import RecipeVersion
from survey.process.recipes.reading import UnfitRecipe
from survey.rounds.service import load_questionnaire
from tests.process import hand_made
from tests.process.conftest import HandMade
from tests.process.recipes.conftest import RAKED, in_round, own_text
from tests.staff import read, send, signed_in, statistician, words


def test_the_questionnaires_own_plan_is_version_0_and_says_what_it_says(
    app: Flask, fielded: HandMade
) -> None:
    with in_round(app, fielded) as round_:
        own = processing.recipe_of(round_)
        read_again = service.judged(round_, service.text_of(round_, 0))
        assert read_again.levels == own.levels
        assert read_again.quality == own.quality
        assert service.recipe_for(round_, 0).hash == own.hash


def test_a_saved_version_is_numbered_and_never_changes(app: Flask, fielded: HandMade) -> None:
    with in_round(app, fielded) as round_:
        lan, text = statistician(), own_text(round_, RAKED)
        first = service.save(round_, lan, text + "# vì sao\n", "thêm raking", 0, 0).version
        second = service.save(round_, lan, text.replace("[sex, stratum]", "[sex]"), "một biên", 1, 1).version
        db.session.commit()
        assert (first.number, second.number, second.based_on) == (1, 2, 1)
        assert service.find_version(round_.survey, 1).text.endswith("# vì sao\n"), "comments are kept"
        assert first.hash == service.hash_of(first.document) != second.hash
        trail = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "recipe.save")).all()
        assert {event.subject for event in trail} == {"recipe:tinh-tay/1", "recipe:tinh-tay/2"}


def test_two_people_at_once_both_keep_their_version_and_are_told(app: Flask, fielded: HandMade) -> None:
    with in_round(app, fielded) as round_:
        lan, minh, text = statistician(), statistician("minh"), own_text(round_, RAKED)
        service.save(round_, lan, text, "raking", 0, 0)
        saved = service.save(round_, minh, text.replace("[sex, stratum]", "[stratum]"), "chỉ tầng", 0, 0)
        assert [(other.number, other.saved_by) for other in saved.meanwhile] == [(1, lan)]
        assert [version.number for version in service.versions_of(round_.survey)] == [2, 1]


def test_a_second_press_is_the_version_of_the_first(app: Flask, fielded: HandMade) -> None:
    with in_round(app, fielded) as round_:
        lan, text = statistician(), own_text(round_, RAKED)
        first = service.save(round_, lan, text, "raking", 0, 0)
        again = service.save(round_, lan, text, "raking", 0, 0)
        assert (again.version, again.is_new) == (first.version, False)


def test_what_changes_nothing_is_not_saved(app: Flask, fielded: HandMade) -> None:
    with in_round(app, fielded) as round_, pytest.raises(Conflict, match="Không có gì khác phương án 0"):
        service.save(round_, statistician(), service.text_of(round_, 0) + "# nothing\n", "x", 0, 0)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("      - {step: rake, margins: [colour]}", "không có biến 'colour'"),
        ("      - {step: rake, margins: [uses]}", "controls.csv không có biên 'uses'"),
        ("      - {step: rake, controls: other.csv, margins: [sex]}", "không có tệp tổng thể 'other.csv'"),
        ("      - {step: calibrate, margins: [sex], by_unit: household}", "không có biến 'household'"),
        ("      - {step: poststratify, by: [sex, strata]}", "Gần giống: stratum"),
    ],
)
def test_what_the_round_cannot_give_is_told_with_its_line(
    app: Flask, fielded: HandMade, step: str, told: str
) -> None:
    with in_round(app, fielded) as round_, pytest.raises(UnfitRecipe) as refused:
        text = own_text(round_, step + "\n")
        service.judged(round_, text)
    line = 1 + text.splitlines().index(step)
    found = [f"{fault} {fault.remedy}" for fault in refused.value.faults if fault.line == line]
    assert any(told in fault for fault in found), [str(fault) for fault in refused.value.faults]


def test_classes_of_the_nonresponse_step_are_columns_of_the_sample(app: Flask, fielded: HandMade) -> None:
    with in_round(app, fielded) as round_, pytest.raises(UnfitRecipe, match="không có biến 'uses'"):
        service.judged(round_, service.text_of(round_, 0).replace("classes: [stratum]", "classes: [uses]"))


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({"male": 90, "female": 60, "other": 50}, "không có mức 'other' của biến 'sex'"),
        ({"male": 200}, "thiếu mức 'female' của biến 'sex'"),
    ],
)
def test_levels_of_the_totals_are_those_of_the_questionnaire(
    app: Flask, fielded: HandMade, levels: dict[str, float], told: str
) -> None:
    with in_round(app, fielded) as round_:
        round_.instrument_version.controls = hand_made.controls(
            {"sex": levels, "stratum": {"A": 80, "B": 120}}
        )
        with pytest.raises(UnfitRecipe, match=told):
            service.judged(round_, own_text(round_, RAKED))


def test_a_recipe_of_another_questionnaire_version_is_refused_with_what_does_not_fit(
    app: Flask, fielded: HandMade, tmp_path: object
) -> None:
    with in_round(app, fielded) as round_:
        saved = service.save(round_, statistician(), own_text(round_, RAKED), "raking", 0, 0)
        changed = hand_made.FORM.replace("| members |", "| adults  |").replace("tinh-tay | 1", "tinh-tay | 2")
        path = tmp_path / "form.md"  # type: ignore[operator]
        path.write_text(changed, encoding="utf-8")
        newer = load_questionnaire(path)
        newer.indicators, newer.design = hand_made.INDICATORS, round_.instrument_version.design
        round_.instrument_version = newer
        db.session.flush()
        with pytest.raises(
            service.ForeignRecipe, match=r"viết cho phiếu phiên bản 1.*phiên bản 2.*không có biến 'members'"
        ) as refused:
            service.request(round_, saved.version.saved_by, 1)
        assert "sửa rồi lưu thành phương án mới" in refused.value.remedy


def test_only_statisticians_save_and_unknown_numbers_are_not_found(app: Flask, fielded: HandMade) -> None:
    with in_round(app, fielded) as round_:
        lan = statistician()
        lan.role = Role.MANAGER
        with pytest.raises(Refused):
            service.save(round_, lan, own_text(round_, RAKED), "x", 0, 0)
        for number in (1, 2**40):
            with pytest.raises(NotFound):
                service.find_version(round_.survey, number)


def test_differences_are_told_line_by_line() -> None:
    lines = service.line_differences("a\nb\nc\nd\ne\nf", "a\nb\nX\nd\ne\nf", around=1)
    assert [(line.kind, line.before, line.after, line.text) for line in lines] == [
        ("same", 2, 2, "b"),
        ("gone", 3, None, "c"),
        ("new", None, 3, "X"),
        ("same", 4, 4, "d"),
    ]


# Through the pages


def write(browser: FlaskClient, fielded: HandMade, text: str, **fields: object) -> str:
    """Post the form; its answer's text, or where it leads on to."""
    address = f"{fielded.address}/phuong-an/moi"
    given = {"text": text, "note": "thêm raking", "based_on": "0", "seen": "0", **fields}
    answer = send(browser, address, **given)
    return answer.location if answer.status_code == 303 else answer.text


def test_from_writing_to_pictures(app: Flask, fielded: HandMade, work_off: Callable[[], None]) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    with in_round(app, fielded) as round_:
        text = own_text(round_, RAKED)
    assert "phương án 0" in words(read(browser, f"{fielded.address}/phuong-an/moi"))
    page = write(browser, fielded, text)
    assert page == f"{fielded.address}/phuong-an/1"
    shown = words(read(browser, page))
    assert "thêm raking" in shown
    assert "Chưa có lượt nào" in shown
    added = read(browser, page).xpath("//tr[@class='new']/td[4]")
    assert [words(cell) for cell in added] == ["- {step: rake, margins: [sex, stratum]}"]
    answer = send(browser, page, f"{page}/luot")
    assert answer.status_code == 303
    work_off()
    with app.app_context():
        run = db.session.scalars(select(Run)).one()
        assert (run.status, run.recipe_number) == (RunStatus.DONE, 1), run.message
        assert run.log[-1]["step"] == "rake"
        assert sum(level["after"] for level in run.log[-1]["margins"][0]["levels"]) == pytest.approx(200)
    drawn = read(browser, page)
    assert drawn.xpath("count(//svg[contains(@class, 'placed')])") >= 4
    told = words(drawn)
    assert "Trả lời theo nhóm điều chỉnh" in told
    assert "Biên: Giới tính" in told
    listed = read(browser, f"{fielded.address}/phuong-an")
    assert listed.xpath(f"//a[@href='{answer.location}']")
    assert read(browser, fielded.address).xpath(f"//a[@href='{page}']")


def test_a_file_that_was_downloaded_can_be_brought_in_again(app: Flask, fielded: HandMade) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    with in_round(app, fielded) as round_:
        text = own_text(round_, RAKED)
    answer = browser.get(f"{fielded.address}/phuong-an/0.yaml")
    assert "attachment" in answer.headers["Content-Disposition"]
    changed = answer.text.replace("quality:", RAKED + "quality:")
    assert changed == text
    file = FileStorage(io.BytesIO(b"\xef\xbb\xbf" + changed.encode()), filename="toi.yaml")
    page = write(browser, fielded, "", file=file)
    assert browser.get(f"{page}.yaml").text == changed


def test_what_is_wrong_stays_as_typed_with_lines_and_is_not_saved(app: Flask, fielded: HandMade) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    shown = write(browser, fielded, "levels:\n  adult: [<script>alert(1)</script>\n")
    assert "<script>alert" not in shown
    assert "Dòng 3" in shown or "dòng 3" in shown
    assert "&lt;script&gt;alert(1)" in shown
    with app.app_context():
        assert db.session.scalars(select(RecipeVersion)).all() == []


def test_checking_saves_nothing(app: Flask, fielded: HandMade) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    with in_round(app, fielded) as round_:
        text = own_text(round_, RAKED)
    assert "Chưa lưu." in write(browser, fielded, text, deed="check")
    assert "Chưa lưu:" in write(browser, fielded, text.replace("rake", "shake"), deed="check")
    with app.app_context():
        assert db.session.scalars(select(RecipeVersion)).all() == []


@pytest.mark.parametrize("note", ["", "a\0b", "x" * 501, "a\u202eb"])
def test_a_note_is_one_plain_line(app: Flask, fielded: HandMade, note: str) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    with in_round(app, fielded) as round_:
        text = own_text(round_, RAKED)
    assert "error-summary" in write(browser, fielded, text, note=note)


@pytest.mark.parametrize("given", [{"based_on": "x", "seen": "-1"}, {"based_on": "99999999999999999999"}])
def test_tampered_numbers_do_no_harm(app: Flask, fielded: HandMade, given: dict[str, str]) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    with in_round(app, fielded) as round_:
        text = own_text(round_, RAKED)
    assert write(browser, fielded, text, **given) == f"{fielded.address}/phuong-an/1"


def test_a_start_that_is_not_there_is_not_found(app: Flask, fielded: HandMade) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    assert browser.get(f"{fielded.address}/phuong-an/moi?tu=7").status_code == 404
    assert browser.get(f"{fielded.address}/phuong-an/7").status_code == 404
    assert browser.get(f"{fielded.address}/phuong-an/7.yaml").status_code == 404


def test_who_may_only_look_sees_no_button_and_cannot_write(app: Flask, fielded: HandMade) -> None:
    browser = signed_in(app, "quan", Role.MANAGER)
    assert not read(browser, f"{fielded.address}/phuong-an/0").xpath("//main//button")
    assert browser.get(f"{fielded.address}/phuong-an/moi").status_code == 403
    assert app.test_client().get(f"{fielded.address}/phuong-an").status_code == 302


def test_a_run_that_was_cancelled_is_asked_for_again_with_its_own_recipe(
    app: Flask, fielded: HandMade
) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    with in_round(app, fielded) as round_:
        minh = statistician("minh")
        service.save(round_, minh, own_text(round_, RAKED), "raking", 0)
        run = service.request(round_, minh, 1)
        queue.cancel(run)
        db.session.commit()
        address = f"/process/run/{run.id}"
    assert read(browser, address).xpath(f"//main//form[@action='{address}/retry']")
    with in_round(app, fielded):
        again = db.session.scalars(select(Run).order_by(Run.id.desc())).first()
        assert again is not None
        assert again.requested_by is not None
        queue.retry(again, again.requested_by)
        assert (again.recipe_number, again.status) == (1, RunStatus.QUEUED)


HOSTILE_FILES = {
    "a large file": (b"a: " + b"x" * 200_000, "Giữ trong 64 KB"),
    "no text": (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "không đọc được YAML"),
    "UTF-16": ("levels: {}".encode("utf-16"), "không đọc được YAML"),
}


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_files_that_are_no_recipe_are_told_and_nothing_is_kept(
    app: Flask, fielded: HandMade, name: str
) -> None:
    content, told = HOSTILE_FILES[name]
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    assert told in write(browser, fielded, "", file=FileStorage(io.BytesIO(content), filename="x.yaml"))
    with app.app_context():
        assert db.session.scalars(select(RecipeVersion)).all() == []
