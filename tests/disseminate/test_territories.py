"""The merged province beside the provinces that set the targets: compared only where it means something."""

from tests.disseminate.published import BREAKDOWNS, estimate, indicator, publish

FORMER = {"former_province": {"label": {"vi": "Tỉnh trước 01/7/2025"}, "areas": "province_old"}}
OF_OLD = {"levels": {"adult": {}}, "ref_area": {"code": "86", "kind": "province_old"}}
OF_NEW = {"levels": {"adult": {}}, "ref_area": {"code": "86", "kind": "province"}}


def told(page) -> str:
    return " ".join(" ".join(page.xpath("//main//text()")).split()).replace("\xa0", " ")


def by_province(**values: float):
    return [
        estimate(value, dimension="former_province", level=code.removeprefix("p"), std_error=1.0)
        for code, value in values.items()
    ]


def test_the_target_is_held_against_the_territory_whose_plan_set_it(areas, monkeypatch):
    monkeypatch.setitem(BREAKDOWNS, "former_province", FORMER["former_province"])
    figures = publish(estimate(80.0), *by_province(p83=70.0, p84=76.0, p86=71.0), design=OF_NEW)
    held = {figure.level: figure.verdict for figure in figures if figure.target is not None}
    assert held == {None: "met", "86": "not_met"}  # KH54 is a plan of the former Vĩnh Long


def test_the_page_shows_the_three_and_says_which_one_the_target_is_for(read, areas, monkeypatch):
    monkeypatch.setitem(BREAKDOWNS, "former_province", FORMER["former_province"])
    publish(estimate(80.0), *by_province(p83=70.0, p84=76.0, p86=71.0), design=OF_NEW)
    page = read("/chi-tieu/smartphone-use")
    assert "Tỉnh Trà Vinh (trước 01/7/2025) 76,0 %" in told(page)
    assert "do tỉnh Vĩnh Long (trước 01/7/2025) đặt ra. Trong địa giới đó: 71,0 %" in told(page)
    assert not page.xpath("//section[@aria-labelledby='theo-former_province']")  # told once


def test_an_earlier_survey_of_the_old_province_stands_beside_that_territory_and_not_in_the_new_ones_trend(
    read, areas, monkeypatch
):
    monkeypatch.setitem(BREAKDOWNS, "former_province", FORMER["former_province"])
    publish(estimate(60.0), time_period="2024", design=OF_OLD)
    publish(estimate(80.0), *by_province(p83=70.0, p84=76.0, p86=71.0), design=OF_NEW)
    page = read("/chi-tieu/smartphone-use")
    rows = {
        row.xpath("string(th)"): row.xpath("td/text()")
        for row in page.xpath("//table[caption='Theo tỉnh trước 01/7/2025']//tbody/tr")
    }
    assert rows["Tỉnh Vĩnh Long (trước 01/7/2025)"][::2] == ["60,0\xa0%", "71,0\xa0%"]
    assert rows["Tỉnh Trà Vinh (trước 01/7/2025)"][::2] == ["–", "76,0\xa0%"]
    new_series = page.xpath("//figure[figcaption[contains(., 'nối đứt')]]")
    assert new_series, "the break between the old and the new province is drawn and said"


def test_another_definition_is_not_compared(read, areas, monkeypatch):
    monkeypatch.setitem(BREAKDOWNS, "former_province", FORMER["former_province"])
    publish(
        estimate(60.0), time_period="2024", design=OF_OLD, indicators=[indicator(population="${age} >= 18")]
    )
    publish(estimate(80.0), *by_province(p86=71.0), design=OF_NEW)
    assert "60,0 %" not in told(read("/chi-tieu/smartphone-use"))


def test_a_survey_that_cannot_tell_the_provinces_apart_shows_none(read, areas):
    publish(estimate(60.0), time_period="2024", design=OF_OLD)
    publish(estimate(80.0), design=OF_NEW)
    assert "ba tỉnh trước" not in told(read("/chi-tieu/smartphone-use"))
