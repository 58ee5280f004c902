"""The public pages say what was published: value, interval, verdict, owner, lineage, what is synthetic."""

import csv
import io

from survey.rounds.models import Purpose
from tests.disseminate.published import estimate, indicator, publish

TEXT = "normalize-space(string({}))"


def told(page, path="//main"):
    return page.xpath(TEXT.format(path)).replace("\xa0", " ")


def test_pages_exist_before_anything_is_published(read):
    for address in ("/", "/chi-tieu", "/kiem-chung", "/du-lieu", "/phuong-phap", "/chi-tieu/KH54-37"):
        read(address)
    assert "Chưa có chỉ tiêu nào được công bố" in told(read("/"))
    assert "Chưa có số liệu công bố" in told(read("/chi-tieu/KH54-37"))


def test_a_tile_tells_value_interval_target_and_verdict(read):
    publish(estimate(72.4, std_error=0.6))
    page = read("/")
    tile = told(page, "//li[@class='tile']")
    assert "72,4 % Khoảng tin cậy 95 %: 71,2–73,6 %" in tile
    assert "SỐ LIỆU MÔ PHỎNG" in tile and page.xpath("//aside[@class='synthetic-banner']")
    assert (
        "Mục tiêu ≥ 75 % · 2026 kế hoạch Vĩnh Long (trước 01/7/2025)" in tile and "Chưa đạt mục tiêu" in tile
    )


def test_real_rounds_are_not_called_synthetic(read):
    publish(purpose=Purpose.PRODUCTION)
    assert not read("/").xpath("//aside[@class='synthetic-banner']")
    assert "MÔ PHỎNG" not in told(read("/chi-tieu/smartphone-use"))


def test_indicators_are_found_without_diacritics(read):
    publish()
    assert len(read("/?q=dien thoai THONG minh").xpath("//li[@class='tile']")) == 1
    page = read("/?q=tài khoản")
    assert not page.xpath("//li[@class='tile']")
    assert page.xpath("//ul[@class='lines']/li"), "lines of the registry are found as well"
    assert "Không tìm thấy" in told(read("/?q=khong co gi nhu the"))


def test_an_indicator_is_explained_from_definition_to_lineage(read):
    publish(
        estimate(),
        estimate(70.0, dimension="sex", level="female"),
        estimate(75.0, dimension="sex", level="male"),
    )
    text = told(read("/chi-tieu/smartphone-use"))
    for piece in (
        "KH54-37",
        "Người từ 15 tuổi có dùng điện thoại thông minh.",
        "3 tháng trước ngày phỏng vấn",
        "Ông/bà có dùng không?",
        "${smartphone_use} = 'yes'",
        "instrument ict-ho-gia-dinh 2026",
        "snapshot ict-ho-gia-dinh 2026",
        "Lan; Minh",
        "30/11/2026 10:00",
    ):
        assert piece in text
    assert "Chỉ tiêu được giao" in text and "Cơ quan chủ trì" in text


def test_rows_of_a_breakdown_stand_in_the_order_and_under_the_names_of_the_plan(read):
    publish(
        estimate(),
        estimate(70.0, dimension="sex", level="female"),
        estimate(75.0, dimension="sex", level="male"),
    )
    page = read("/chi-tieu/smartphone-use")
    assert page.xpath("//section[@aria-labelledby='theo-sex']//tbody/tr/th/text()") == ["Nam", "Nữ"]
    assert len(page.xpath("//section[@aria-labelledby='theo-sex']//*[@role='img']")) == 2


def test_the_order_of_the_plan_is_neither_that_of_codes_nor_that_of_estimates(read):
    groups = (estimate(60.0, dimension="age_group", level=level) for level in ("15-29", "60+"))
    publish(estimate(), *groups)
    page = read("/chi-tieu/smartphone-use")
    assert page.xpath("//section[@aria-labelledby='theo-age_group']//tbody/tr/th/text()") == [
        "Từ 60",
        "15–29",
    ]


def test_districts_are_mapped_and_small_ones_are_not_told(read, areas):
    publish(
        estimate(),
        estimate(61.0, dimension="district", level="829"),
        estimate(50.0, dimension="district", level="831", n=12, quality="unpublishable"),
        estimate(55.0, dimension="district", level="847"),
    )
    page = read("/chi-tieu/smartphone-use")
    areas = [t.replace("\xa0", " ") for t in page.xpath("//div[@class='map']//*[@class='area']/title/text()")]
    assert areas == [
        "Thành phố Bến Tre: 61,0 % (58,6–63,4)",
        "Huyện Châu Thành (Bến Tre): không công bố",
        "Huyện Châu Thành (Trà Vinh): 55,0 % (52,6–57,4)",
    ]
    assert "50,0" not in page.text_content()


def test_a_registry_line_shows_the_measure_held_against_its_target_and_the_others_beside_it(read):
    adults = indicator("smartphone-use-18plus", held_against_target=False, label={"vi": "Từ 18 tuổi"})
    publish(estimate(), estimate(80.0, "smartphone-use-18plus"), indicators=[adults, indicator()])
    page = read("/chi-tieu/KH54-37")
    assert told(page, "//h1") == "Tỷ lệ người từ 15 tuổi sử dụng điện thoại thông minh"
    assert page.xpath("//main//table//a/@href")[0] == "/chi-tieu/smartphone-use-18plus"
    assert told(read("/chi-tieu/smartphone-use-18plus"), "//h1") == "Từ 18 tuổi"


def test_an_undecided_verdict_is_explained(read, client):
    publish(estimate(60.0, std_error=8.0, ci_low=40.0, ci_high=99.0))
    assert "chưa thể nói là đạt hay chưa đạt" in told(read("/chi-tieu/smartphone-use"))


def test_two_periods_make_a_trend_with_a_break_where_the_definition_changed(read):
    publish(estimate(60.0), time_period="2025")
    publish(estimate(70.0), time_period="2026", indicators=[indicator(population="${age} >= 18")])
    page = read("/chi-tieu/smartphone-use")
    assert "Qua các kỳ" in told(page)
    assert told(page, "//p[contains(@class, 'estimate')]").startswith("70,0 %")


def test_recomputed_surveys_stand_apart_from_the_provinces_figures(read):
    _verify()
    assert not read("/").xpath("//li[@class='tile']")
    page = read("/chi-tieu/indec-computer-use")
    assert told(page, "//h1") == "Kiểm chứng trên cuộc điều tra có thật", "leads to the page of verification"


def test_ours_stands_beside_the_published_figure_and_the_reference(read):
    _verify()
    page = read("/kiem-chung")
    first = [" ".join(cell.text_content().split()) for cell in page.xpath("(//table)[1]/tbody/tr[1]/*")]
    assert [first[1], first[2], first[5]] == ["42,6 %", "42,6 %", "Trùng khớp"]
    reference = told(page, "(//table)[2]")
    assert "42,6221500908" in reference and "trùng 12 chữ số thập phân" in reference
    assert "INDEC, EPH-MAUTIC" in told(page) and "Nguồn: INDEC" in told(page)


def test_a_figure_that_differs_from_the_published_one_is_said_to_differ(read):
    _verify(value=42.74)
    assert "Lệch 0,1" in told(read("/kiem-chung"))


def test_areas_of_a_recomputed_survey_carry_the_names_of_its_choices(read):
    _verify()
    rows = read("/kiem-chung?chi-tieu=indec-computer-use").xpath("//section//section//tbody/tr/th/text()")
    assert rows == ["Gran La Plata", "Posadas"]


def _verify(value: float = 42.6221500908235):
    computer = indicator(
        "indec-computer-use",
        label={"vi": "Tỷ lệ người dùng máy tính"},
        registry=None,
        held_against_target=False,
        published={"value": 42.6, "decimals": 1, "source": "INDEC, EPH-MAUTIC, 4th quarter 2018"},
        reference={"estimate": 42.6221500908235 + 8e-13, "std_error": 0.5, "by": "R survey 4.1-1"},
    )
    publish(
        estimate(value, "indec-computer-use", std_error=0.5),
        estimate(40.0, "indec-computer-use", dimension="agglomerate", level="2"),
        estimate(41.0, "indec-computer-use", dimension="agglomerate", level="7"),
        indicators=[computer],
        purpose=Purpose.VERIFICATION,
        survey="indec-ict-2018",
        design={"attribution": {"vi": "Nguồn: INDEC."}},
    )


def test_a_figure_that_is_no_share_is_written_with_its_own_unit_and_decimals(read, client):
    unit = {"code": "VND", "vi": "triệu đồng", "en": "million dong"}
    mean = indicator(
        "turnover", estimand="mean", value="${turnover}", unit=unit, decimals=0, held_against_target=False
    )
    del mean["numerator"]
    whole = {"std_error": 12000.4}
    publish(
        estimate(2310000.4, "turnover", **whole),
        estimate(1200000.4, "turnover", dimension="sex", level="male", **whole),
        indicators=[mean],
    )
    page = read("/chi-tieu/turnover")
    assert "2.310.000 triệu đồng Khoảng tin cậy 95 %: 2.286.000–2.334.001 triệu đồng" in told(page)
    assert "Sai số chuẩn12.000,4 triệu đồng" in told(page, "//dl[@class='facts']")
    assert "1.200.000 triệu đồng" in told(page, "//table")
    assert "Trung bình của${turnover}" in told(page)
    assert "%" not in told(page, "//p[@class='estimate large']/span[@class='value']")
    file = client.get("/chi-tieu/turnover/so-lieu.sdmx.csv").data.decode("utf-8-sig")
    assert {row["UNIT_MEASURE"] for row in csv.DictReader(io.StringIO(file))} == {"VND"}
