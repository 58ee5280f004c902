"""From an answer on a phone to a signed figure on the public page, through the real service and a real browser."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from survey.demo.population import synthesize
from survey.demo.truth import truth
from survey.postgres import database
from survey.rounds.service import read_plans
from tests.conftest import data_folder
from tests.factories import HOUSEHOLD
from tests.journeys.service import Service, processes_of, running

pytestmark = [pytest.mark.slow, pytest.mark.browser]

UNITS = 400
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"
PHONE = {"width": 360, "height": 640}
SURVEY = "/process/ict-ho-gia-dinh/mo-phong-2026"
# What the visitor says where the first choice would not do; everything else: the first choice on the page.
SAYS = {"household_size": "3", "adults_15plus": "2", "age": "41", "online_public_service": "self"}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with data_folder() as home:
        with running(home) as started:
            started.khaosat("demo", "--units", str(UNITS))
            yield started
        assert processes_of(home) == []  # SIGTERM left nothing behind, PostgreSQL included


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed and could not be (see tests/tools.sh)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield opened
        opened.close()


def test_estimates_lie_near_the_truth(service: Service) -> None:
    """Each provincial figure of the demonstration is within four standard errors of the population's value."""
    plans = read_plans(HOUSEHOLD)
    known = truth(synthesize(2026), plans["indicators"])
    true = known[known["breakdown"] == "total"].set_index("indicator")["value"]
    figures = query(service, "SELECT indicator, obs_value, std_error FROM observation WHERE current AND dimension IS NULL"
                             " AND survey = 'ict-ho-gia-dinh' AND obs_value IS NOT NULL")  # fmt: skip
    assert len(figures) >= 15
    assert [name for name, value, error in figures if abs(value - true[name]) > 4 * error] == []


def test_visitor_answers_statisticians_sign_and_the_page_shows_it(service: Service, browser: Browser) -> None:
    before = published_n(service)
    token, completed = invitation(service), complete(service)
    visit(browser, f"{service.base}/k/{token}")
    assert complete(service) == completed + 1  # it is in PostgreSQL when the page says thanks
    first = sign_in(browser, service, "thongke1")
    run = weigh_and_estimate(first, service)
    first.goto(f"{service.base}/ky/luot/{run}")
    first.get_by_role("checkbox").check()
    first.get_by_label("Ghi chú sửa số liệu").fill(
        "Thêm một hộ trả lời sau hạn."
    )  # the run changes published figures
    first.get_by_role("button", name="Đề nghị công bố").click()
    expect(first.get_by_role("button", name="Ký công bố")).to_have_count(0)  # four eyes
    second = sign_in(browser, service, "thongke2")
    second.goto(f"{service.base}/ky/luot/{run}")
    second.get_by_role("checkbox").check()
    second.get_by_role("button", name="Ký công bố").click()
    expect(second.get_by_text("công bố lúc")).to_be_visible()
    assert published_n(service) == before + 1
    page = httpx.get(f"{service.base}/chi-tieu/KH54-37", timeout=60).text
    assert f"{before + 1}" in page
    assert "SỐ LIỆU MÔ PHỎNG" in page


def test_open_page_takes_an_answer_that_never_enters_the_sample(service: Service, browser: Browser) -> None:
    sampled = complete(service)
    visit(browser, f"{service.base}/s/ict-ho-gia-dinh")
    assert complete(service) == sampled
    assert query(
        service,
        "SELECT count(*) FROM response JOIN round ON round.id = round_id JOIN survey ON survey.id = survey_id"
        " WHERE survey.code = 'ict-ho-gia-dinh' AND source = 'opt_in' AND response.status = 'complete'",
    ) == [(1,)]


def test_export_writes_every_format_with_lineage(service: Service, tmp_path: Path) -> None:
    service.khaosat("export", "--survey", "ict-ho-gia-dinh", "--to", str(tmp_path))
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        f"ict-ho-gia-dinh.{kind}" for kind in ("csv", "xlsx", "json", "parquet", "sdmx.csv", "lineage.json")
    }
    header, first, *_ = (tmp_path / "ict-ho-gia-dinh.csv").read_text(encoding="utf-8-sig").splitlines()
    hashes = dict(zip(header.split(","), first.split(","), strict=False))
    assert {"instrument_hash", "snapshot_hash", "recipe_hash", "code_version"} <= set(hashes)


def test_demo_again_changes_nothing(service: Service) -> None:
    before = query(service, "SELECT count(*), max(id) FROM observation")
    assert "published already" in service.khaosat("demo", "--units", str(UNITS))
    assert query(service, "SELECT count(*), max(id) FROM observation") == before


def test_commands_weight_estimate_and_publish_with_two_people(service: Service) -> None:
    service.khaosat("user", "add", "lan", "--role", "statistician", "--password", "mot-mat-khau-dai")
    assert "rake: n" in service.khaosat("weight", "ict-ho-gia-dinh", "--as", "lan")
    assert "estimates" in service.khaosat("estimate", "ict-ho-gia-dinh")
    alone = service.attempt("publish", "ict-ho-gia-dinh", "--checked-by", "lan", "--signed-by", "lan")
    assert alone.returncode == 1
    assert "bốn mắt" in alone.stderr
    both = service.khaosat("publish", "ict-ho-gia-dinh", "--checked-by", "lan", "--signed-by", "thongke2")
    assert "observations published" in both
    assert "each the same as published" in service.khaosat("reproduce", "KH54-37")
    signed = query(
        service,
        "SELECT DISTINCT lineage->>'published_by' FROM observation WHERE current AND purpose = 'demonstration'",
    )
    assert signed == [("Thống kê viên 2 (tài khoản mẫu)",)]


def test_a_command_that_fails_says_why_in_one_line(service: Service) -> None:
    done = service.attempt("weight", "khong-co", "--as", "lan")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: Không có khảo sát")
    assert done.stderr.strip().count("\n") == 0


def visit(browser: Browser, address: str) -> None:
    """Answer page by page on a small phone without JavaScript, until the thanks page."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    for _ in range(40):
        page.wait_for_load_state()  # on a busy machine the click is answered before the page has come
        assert page.locator("h1").count() == 1
        if page.locator("[data-receipt]").count():
            context.close()
            return
        fill(page)
        page.locator("form[data-next] button").first.click()
    raise AssertionError(f"no thanks page: {page.url}\n{page.locator('main').inner_text()}")


def fill(page: Page) -> None:
    """Say something valid to every question of the page that has no answer yet."""
    for field in page.locator("form[data-next] input:not([type=hidden]), form[data-next] select").all():
        name, kind = field.get_attribute("name") or "", field.get_attribute("type") or "select"
        if kind == "radio":
            if not page.locator(f"input[name='{name}']:checked").count():
                wanted = page.locator(f"input[name='{name}'][value='{SAYS.get(name, '')}']")
                (wanted if wanted.count() else page.locator(f"input[name='{name}']")).first.check()
        elif kind == "checkbox":
            if not page.locator(f"input[name='{name}']:checked").count():
                field.check()
        elif kind == "select":
            field.select_option(index=1)
        elif name in SAYS:
            field.fill(SAYS[name])


def sign_in(browser: Browser, service: Service, username: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{service.base}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(service.password(username))
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/process/**")
    return page


def weigh_and_estimate(page: Page, service: Service) -> int:
    """Ask for a run on the page and wait until the worker has done it."""
    page.goto(service.base + SURVEY)
    page.get_by_role("button", name="Tính trọng số và ước lượng").click()
    page.wait_for_url(re.compile(r"/process/run/\d+"))
    number = int(page.url.rsplit("/", 1)[1].split("?")[0])
    figures = page.get_by_role("heading", name="Ước lượng")
    for _ in range(120):
        if figures.is_visible():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(figures).to_be_visible()
    return number


def query(service: Service, sql: str) -> list[tuple[object, ...]]:
    from survey.config import Settings

    settings = Settings(service.home, 1, None, "", service.home)
    with database(settings) as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(sql).fetchall()


def invitation(service: Service) -> str:
    """The link of a sampled household that nobody has reached."""
    rows = query(service, "SELECT token FROM survey_case WHERE disposition = '2.2' ORDER BY id LIMIT 1")
    return str(rows[0][0])


def complete(service: Service) -> int:
    sql = "SELECT count(*) FROM response WHERE source = 'sample' AND mode <> 'import' AND status = 'complete'"
    return int(str(query(service, sql)[0][0]))


def published_n(service: Service) -> int:
    sql = "SELECT n FROM observation WHERE current AND indicator = 'smartphone-use' AND dimension IS NULL"
    return int(str(query(service, sql)[0][0]))
