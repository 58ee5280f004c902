"""The frame of pages, and the macros that show forms and figures."""

import gzip
from pathlib import Path

from flask import flash
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, IntegerField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

STATIC = Path(__file__).parents[2] / "survey" / "static"


class Member(Form):
    age = IntegerField("Tuổi", [InputRequired("Nhập tuổi của thành viên")])


class Household(FlaskForm):
    phone = RadioField(
        "Có điện thoại thông minh không?",
        [InputRequired("Chọn có hoặc không")],
        choices=[SelectChoice("yes", "Có"), SelectChoice("no", "Không")],
        description="Kể cả máy dùng chung.",
    )
    uses = SelectMultipleField(
        "Dùng để làm gì?", choices=[SelectChoice("call", "Gọi <điện>"), SelectChoice("pay", "Thanh toán")]
    )
    members = FieldList(FormField(Member), min_entries=2)


ANSWERS = MultiDict({"uses": "pay", "members-0-age": "40"})


def test_errors_lead_to_the_first_control_of_their_question(drawn):
    form = Household(ANSWERS)
    assert not form.validate()
    page = drawn(
        "<h1>Phiếu</h1>{{ forms.error_summary(form) }}{{ forms.radio_list(form.phone) }}"
        "{% for m in form.members %}{{ forms.input(m.form.age) }}{% endfor %}",
        form=form,
    )
    links = page.xpath("//section[@class='error-summary']//a")
    assert [(a.text_content(), a.get("href")) for a in links] == [
        ("Chọn có hoặc không", "#phone-0"),
        ("Nhập tuổi của thành viên", "#members-1-age"),
    ]
    assert page.get_element_by_id("phone-0").get("type") == "radio"


def test_a_question_is_tied_to_its_hint_and_its_error(drawn):
    form = Household(ANSWERS)
    form.validate()
    page = drawn("{{ forms.radio_list(form.phone, page=true) }}", form=form)
    (group,) = page.xpath("//fieldset")
    told = [page.get_element_by_id(i).text_content() for i in group.get("aria-describedby").split()]
    assert told == ["Kể cả máy dùng chung.", "Chọn có hoặc không"]
    assert group.xpath("string(legend/h1)") == "Có điện thoại thông minh không?"


def test_boxes_keep_what_was_chosen_and_escape_labels(drawn):
    page = drawn(
        "<h1>Phiếu</h1>{{ forms.checkbox_list(form.uses, mark_optional=true) }}", form=Household(ANSWERS)
    )
    boxes = page.xpath("//input[@type='checkbox']")
    assert [(b.get("value"), b.get("checked") is not None) for b in boxes] == [("call", False), ("pay", True)]
    assert "Gọi <điện>" in page.text_content() and "(không bắt buộc)" in page.text_content()


def test_synthetic_figures_are_announced_before_anything_else(drawn):
    page = drawn("<h1>Chỉ tiêu</h1>", synthetic=True)
    (banner,) = page.xpath("//aside[@class='synthetic-banner']")
    assert "SỐ LIỆU MÔ PHỎNG" in banner.text_content()
    assert banner.xpath("following::main"), "the banner stands above the page's content"
    assert not drawn("<h1>Chỉ tiêu</h1>", synthetic=False).xpath("//aside")


def test_a_verdict_is_told_in_words_and_by_shape(drawn):
    page = drawn("<h1>Chỉ tiêu</h1>{{ figures.verdict_badge('undecided') }}{{ figures.verdict_badge(none) }}")
    (badge,) = page.xpath("//span[contains(@class, 'badge')]")
    assert badge.text_content().strip() == "Chưa đủ để kết luận" and badge.xpath(".//path")


def test_an_estimate_is_told_with_its_interval(drawn):
    page = drawn("<h1>Chỉ tiêu</h1>{{ figures.estimate(42.65, 41.6, 43.64, 'PT') }}")
    told = " ".join(page.xpath("string(//p[@class='estimate'])").split())
    assert told == "42,7 % Khoảng tin cậy 95 %: 41,6–43,6 %"


def test_the_page_speaks_its_language_and_marks_where_one_is(drawn):
    page = drawn("<h1>Indicators</h1>", lang="en")
    assert page.get("lang") == "en"
    assert page.xpath("string(//nav//a[@aria-current])") == "Indicators"
    assert drawn("<h1>ខ្មែរ</h1>", lang="km").xpath("string(//a[@class='skip'])") == "Đi thẳng tới nội dung"


def test_messages_are_shown_once_with_their_kind(drawn):
    flash("Đã lưu.", "success")
    (note,) = drawn("<h1>Phiếu</h1>").xpath("//main//div[contains(@class, 'note')]")
    assert note.get("class").split() == ["note", "success"] and note.get("role") == "status"


def test_pages_need_no_script_and_little_style(drawn):
    page = drawn("<h1>Phiếu</h1>")
    assert not page.xpath("//script | //@style | //@onclick")
    assert len(gzip.compress((STATIC / "khaosat.css").read_bytes())) < 8 * 1024
