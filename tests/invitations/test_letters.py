"""Letters and posters: what they say, whose link they carry, and how many are made at once."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
import segno
from flask import Flask
from lxml import etree

from survey import printing
from survey.accounts.models import AuditEvent, Role
from survey.cases.models import Case, Disposition
from survey.cases.service import add_sample, set_disposition
from survey.extensions import db
from survey.invitations import batches, links
from survey.invitations.letters import Scope, count_letters
from survey.invitations.models import BatchStatus, LetterBatch
from survey.manage import letters as desk
from survey.rounds.models import Purpose, Round
from survey.rounds.service import ensure_round, find_survey
from tests.factories import Fielded, field_survey
from tests.invitations.conftest import DESK, FORM, SITE, case_of
from tests.known import load_areas
from tests.page import page
from tests.staff import read, send, signed_in, words

Invited = Callable[..., Fielded]


def pages(content: bytes) -> list[str]:
    """The text of each page, with its lines as words."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in document]
    finally:
        document.close()


def modules(svg: str) -> set[tuple[float, float]]:
    """The dark modules that the paths of a QR code's SVG draw, as (column, row)."""
    dark: set[tuple[float, float]] = set()
    for path in etree.fromstring(svg.encode()).iter("{*}path"):
        x = y = 0.0
        tokens = iter(re.findall(r"[Mmh]|-?[\d.]+", path.get("d")))
        for token in tokens:
            if token == "M":
                x, y = float(next(tokens)), float(next(tokens))
            elif token == "m":
                x, y = x + float(next(tokens)), y + float(next(tokens))
            else:
                length = float(next(tokens))
                dark |= {(x + step, y) for step in range(int(length))}
                x += length
    return dark


def test_the_code_on_a_letter_holds_its_link() -> None:
    link = f"{SITE}/k/abcDEF_-123"
    code = segno.make(link, error="m", micro=False)
    expected = {
        (column, row)
        for row, line in enumerate(code.matrix_iter(border=printing.QUIET_ZONE))
        for column, module in enumerate(line)
        if module
    }
    drawn = {(x, y - 0.5) for x, y in modules(printing.qr_svg(link))}
    assert drawn == expected


@pytest.fixture
def round_id(app: Flask, tmp_path: Path) -> int:
    """An official-looking round: two units with a name and an address, one without, one hostile."""
    fielded = field_survey(app, FORM, folder=tmp_path, purpose=Purpose.TEST)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        round_.decision_number = "123/QĐ-CTK"
        common = {"psu": "p", "probability": 0.5}
        add_sample(
            round_,
            {"method": "test"},
            [
                {
                    "unit": "h1",
                    "stratum": "A",
                    "name": "Nguyễn Thị Bé",
                    "dia_chi": "Số 1, ấp Phú Hòa",
                    **common,
                },
                {"unit": "h2", "stratum": "A", **common},
                {"unit": "h3", "stratum": "B", "name": "#panic() $x$ <b>", "dia_chi": "\u202eabc", **common},
            ],
        )
        plan = links.locked_plan(round_)
        plan.telephone, plan.links_end = "0270 3823 456", date(2026, 12, 15)
        db.session.commit()
    return fielded.round_id


def test_a_letter_says_all_that_it_must(app: Flask, round_id: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{DESK}/thu", stratum="", commune="")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    first, second, third = pages(answer.data)
    with app.app_context():
        case = case_of("h1")
        code, token = case.code, case.token
    for part in (
        "CƠ QUAN THỐNG KÊ TỈNH VĨNH LONG", "Theo Quyết định số 123/QĐ-CTK", "Nguyễn Thị Bé",
        "Số 1, ấp Phú Hòa", "“Điện thoại”", f"{code[:4]}-{code[4:]}", "15/12/2026", "0270 3823 456",
        "tự nguyện", "bí mật theo Luật Thống kê", "http://localhost/quyen-rieng-tu/phones", "ĐỢT THỬ",
    ):  # fmt: skip
        assert part in first, part
    assert f"http://localhost/k/{token}" in first.replace(" ", "")
    assert "Đơn vị h2" in second
    assert "#panic() $x$ <b>" in third
    with app.app_context():
        (event,) = db.session.query(AuditEvent).filter_by(action="letters.print")
        assert event.detail["letters"] == 3


def test_who_refused_answered_or_lost_the_link_gets_no_letter(app: Flask, round_id: int) -> None:
    with app.app_context():
        round_ = db.session.get_one(Round, round_id)
        assert count_letters(round_, Scope(stratum="A")) == 2
        set_disposition(case_of("h1"), Disposition.COMPLETE)
        assert count_letters(round_, Scope(unanswered=True)) == 2
        assert count_letters(round_, Scope()) == 3
        set_disposition(case_of("h2"), Disposition.REFUSAL)
        links.revoke(case_of("h3"), replace=False)
        db.session.flush()
        assert count_letters(round_, Scope()) == 1
        links.revoke(case_of("h3"), replace=True)
        db.session.flush()
        assert count_letters(round_, Scope()) == 2


def test_a_choice_without_letters_says_so(app: Flask, round_id: int) -> None:
    with app.app_context():
        set_disposition(case_of("h3"), Disposition.REFUSAL)
        db.session.commit()
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{DESK}/thu", stratum="B", commune="")
    assert answer.status_code == 422
    assert "Không có phiếu nào" in words(page(answer.text))


def test_many_letters_are_made_by_a_worker(
    app: Flask, round_id: int, work_off: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "DIRECT", 1)
    monkeypatch.setattr(batches, "PART", 2)
    quan = signed_in(app, "quan", Role.MANAGER)
    assert send(quan, f"{DESK}/thu", stratum="", commune="").status_code == 303
    waiting = read(quan, f"{DESK}/thu")
    assert "Đang chờ" in words(waiting)
    work_off()
    (address,) = read(quan, f"{DESK}/thu").xpath("//td//a/@href")
    with quan.get(address) as answer:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        content = answer.data
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.namelist() == ["thu-00001-00002.pdf", "thu-00003-00003.pdf"]
        texts = [text for name in packed.namelist() for text in pages(packed.read(name))]
    with app.app_context():
        codes = [case.code for case in db.session.query(Case).order_by(Case.unit)]
        batch = db.session.query(LetterBatch).one()
        path = batches.path_of(batch, app.config["KHAOSAT"].files)
        assert path.stat().st_mode & 0o077 == 0
        assert db.session.query(AuditEvent).filter_by(action="letters.download").count() == 1
    assert all(f"{code[:4]}-{code[4:]}" in text for code, text in zip(codes, texts, strict=True))
    page_ = f"{DESK}/thu"
    assert send(quan, page_, f"{address}/xoa").status_code == 303
    assert not path.exists()
    assert quan.get(address).status_code == 400


def test_a_worker_that_died_over_letters_is_followed_by_another(app: Flask, round_id: int) -> None:
    with app.app_context():
        files = app.config["KHAOSAT"].files
        batch = batches.request_batch(db.session.get_one(Round, round_id), Scope(), SITE, None)
        batch.status, batch.progress = BatchStatus.RUNNING, 0.4
        db.session.commit()
        batches.make_batch(batch.id, files)
        assert batch.status == BatchStatus.DONE
        before = batches.file_of(batch, files).read_bytes()
        batches.make_batch(batch.id, files)
        assert batches.file_of(batch, files).read_bytes() == before
        assert batches.delete_old(files, datetime.now(UTC) + timedelta(days=29)) == 0
        assert batches.delete_old(files, datetime.now(UTC) + timedelta(days=31)) == 1
        assert not batches.path_of(batch, files).exists()


def test_a_batch_of_another_round_is_not_found(app: Flask, round_id: int) -> None:
    with app.app_context():
        survey = find_survey("phones")
        other = ensure_round(survey.versions[0], "r2", purpose=Purpose.TEST, time_period="2026")
        batch = batches.request_batch(other, Scope(), SITE, None)
        db.session.commit()
        number = batch.id
    assert signed_in(app, "quan", Role.MANAGER).get(f"{DESK}/thu/{number}").status_code == 404


@pytest.mark.parametrize(("size", "width"), [("a4", 595), ("a3", 841)])
def test_a_poster_carries_the_open_link(app: Flask, round_id: int, size: str, width: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{DESK}/thu", f"{DESK}/ap-phich", size=size)
    (text,) = pages(answer.data)
    assert "http://localhost/s/phones" in text
    assert "Điện thoại" in text
    document = pypdfium2.PdfDocument(answer.data)
    assert int(document[0].get_width()) == width
    document.close()


def test_a_poster_for_each_commune(app: Flask, tmp_path: Path) -> None:
    fielded = field_survey(app, FORM, folder=tmp_path)
    with app.app_context():
        load_areas()
        db.session.flush()
        unit = {"stratum": "A", "psu": "p", "probability": 0.5}
        places = [{"unit": f"h{commune}", "commune": commune, **unit} for commune in ("28756", "28777")]
        add_sample(db.session.get_one(Round, fielded.round_id), {"method": "test"}, places)
        names = [case.area.full_name for case in db.session.query(Case).order_by(Case.unit) if case.area]
        db.session.commit()
    assert names
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{DESK}/thu", f"{DESK}/ap-phich", size="a4", by_commune="y")
    assert [name for name, text in zip(names, pages(answer.data), strict=True) if name in text] == names


def test_a_round_without_a_sample_still_has_a_poster(app: Flask, invited: Invited) -> None:
    invited(0)
    quan = signed_in(app, "quan", Role.MANAGER)
    assert "chưa có mẫu" in words(read(quan, DESK))
    assert send(quan, f"{DESK}/thu", f"{DESK}/ap-phich", size="a4").mimetype == "application/pdf"
