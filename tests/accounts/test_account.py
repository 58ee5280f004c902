"""One's own account: a new password, which ends every other session."""

import pytest
from flask import Flask

from survey.accounts import service
from survey.accounts.models import Role
from tests.page import page
from tests.staff import PASSWORD, read, send, signed_in, words

ACCOUNT = "/tai-khoan"
NEW = "chin con trau mot con bo"


def test_the_page_says_who_one_is(app: Flask) -> None:
    shown = words(read(signed_in(app, "lan", Role.STATISTICIAN), ACCOUNT))
    assert "Lan Nguyễn" in shown
    assert "thống kê viên" in shown


def test_a_new_password_counts_from_now_on_and_ends_other_sessions(app: Flask) -> None:
    here, elsewhere = signed_in(app, "lan", Role.STATISTICIAN), signed_in(app, "lan")
    assert send(here, ACCOUNT, current=PASSWORD, new=NEW, again=NEW).status_code == 302
    assert here.get(ACCOUNT).status_code == 200
    assert elsewhere.get(ACCOUNT).status_code == 302
    fresh = app.test_client()
    assert send(fresh, "/dang-nhap", username="lan", password=PASSWORD).status_code == 403
    assert send(fresh, "/dang-nhap", username="lan", password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("khong phai mat khau", NEW, NEW, "Mật khẩu hiện tại không đúng"),
        (PASSWORD, "ngan qua", "ngan qua", "Dùng từ 14 ký tự"),
        (PASSWORD, NEW, NEW + "!", "khác nhau"),
        (PASSWORD, PASSWORD, PASSWORD, "trùng với mật khẩu hiện tại"),
        (PASSWORD, "lan lan lan lan lan", "lan lan lan lan lan", "chứa tên đăng nhập"),
        ("", NEW, NEW, "Nhập mật khẩu hiện tại"),
    ],
)
def test_a_bad_change_says_why_and_changes_nothing(
    app: Flask, current: str, new: str, again: str, said: str
) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    answer = send(browser, ACCOUNT, current=current, new=new, again=again)
    assert answer.status_code in (403, 422)
    assert said in words(page(answer.text).get_element_by_id("error-summary"))
    assert signed_in(app, "lan").get(ACCOUNT).status_code == 200


def test_guessing_the_current_password_locks_the_account(app: Flask) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    for _ in range(service.MOST_FAILURES):
        send(browser, ACCOUNT, current="doan xem co dung", new=NEW, again=NEW)
    locked = send(browser, ACCOUNT, current=PASSWORD, new=NEW, again=NEW)
    assert "tạm khóa" in locked.text
