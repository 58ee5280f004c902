"""A recipe's YAML: every fault on its line, and nothing that a hostile file brings is built."""

import pytest

from survey.process.recipes.reading import LARGEST, UnfitRecipe, read_text
from survey.process.recipes.shape import shape_faults

LAUGHS = "a: &a [x, x]\n" + "\n".join(f"b{n}: &b{n} [*a, *a]" for n in range(9))
HOSTILE = {
    "aliases of aliases": (LAUGHS, 1, "bí danh"),
    "a circle": ("a: &a [*a]", 1, "bí danh"),
    "an object of Python": ("levels:\n  a: !!python/object/apply:os.system ['true']", 2, "thẻ YAML"),
    "binary": ("a: !!binary aGFsbG8=", 1, "thẻ YAML"),
    "a thousand brackets": ("[" * 1000, 1, "lồng nhau"),
    "a thousand indents": ("\n".join(" " * n + f"a{n}:" for n in range(300)), 13, "lồng nhau"),
    "a megabyte": ("a: " + "x" * 1_000_000, 0, "1000 KB"),
    "many entries": ("[" + "1," * 25_000 + "1]", 1, "quá nhiều mục"),
    "a NUL": ("levels:\n  a: \x00", 2, "không đọc được"),
    "an escaped NUL": ('a: "\\0"', 1, "ký tự điều khiển"),
    "half a letter": ("a: \ud800", 1, "không đọc được"),
    "an escaped half letter": ('a: "\\ud800"', 1, "ký tự điều khiển"),
    "text that turns round": ("a: \u202etxt", 1, "ký tự điều khiển"),
    "no number": ("a: .nan", 1, "không phải một số"),
    "an endless number": ("a: -.inf", 1, "không phải một số"),
    "a number of 5000 digits": ("a: " + "9" * 5000, 1, "không phải một số"),
    "a day": ("a: 2026-11-22", 1, "không phải chữ hay số"),
    "a set": ("a: {? x, ? [y]}", 1, "không phải chữ"),
    "a name that is a number": ("levels:\n  7: {}", 2, "tên mục"),
    "a merge": ("<<: {a: 1}", 1, "tên mục"),
    "two documents": ("a: 1\n---\nb: 2", 2, "thứ hai"),
    "a tab": ("a:\n\tb: 1", 2, "không đọc được"),
    "an open bracket": ("a: 1\nb: [1, 2", 2, "không đọc được"),
    "nothing": ("", 1, "các mục"),
    "a list": ("- a", 1, "các mục"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_on_its_line(name: str) -> None:
    text, line, words = HOSTILE[name]
    with pytest.raises(UnfitRecipe) as refused:
        read_text(text)
    fault = refused.value.faults[0]
    assert (fault.line, words in fault.message) == (line, True), str(fault)
    assert fault.remedy


def test_a_name_that_stands_twice_is_told_with_both_lines() -> None:
    with pytest.raises(UnfitRecipe, match="Dòng 4, levels, adult: mục này đã có ở dòng 2"):
        read_text("levels:\n  adult:\n    rows: root\n  adult:\n    rows: root")


def test_the_largest_recipe_is_read() -> None:
    line = "# a comment that says why\n"
    text = "quality: {minimum_n: 30}\n" + line * (LARGEST // len(line) - 2)
    assert read_text(text).document == {"quality": {"minimum_n": 30}}


def faults(text: str) -> list[str]:
    return [str(fault) for fault in shape_faults(read_text(text))]


STEPS = """\
levels:
  adult:
    rows: root
    design: {strata: [stratum], clusters: [psu]}
    weighting:
      - {step: design_weight}
      - step: nonresponse
        classes: [stratum]
"""


def test_a_right_recipe_has_no_faults() -> None:
    assert (
        faults(
            STEPS
            + "deff: replace\nquality: {minimum_n: 30, cv_publish: 0.2}\ncontrol_sets: {controls.csv: 2}\n"
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (STEPS + "      - {step: shake, margins: [sex]}", "dòng 9, levels, adult, weighting, bước 3"),
        (STEPS + "      - {step: rake}", "dòng 9, levels, adult, weighting, bước 3"),
        (
            STEPS + "      - step: rake\n        margins: [sex]\n        colour: red",
            "dòng 11, levels, adult, weighting, bước 3, colour: không có mục 'colour'",
        ),
        (STEPS + "      - step: trim\n        upper: -3", "dòng 10, levels, adult, weighting, bước 3, upper"),
        (
            STEPS + "      - {step: design_weight}",
            "dòng 9, levels, adult, weighting, bước 3: đứng sai thứ tự",
        ),
        (STEPS + "      - rake", "dòng 9, levels, adult, weighting, bước 3: bước không có tên"),
        (STEPS.replace("strata", "stratum"), "dòng 4, levels, adult, design, stratum: không có mục này"),
        (STEPS.replace("rows: root", "rows: [x]"), "dòng 3, levels, adult, rows"),
        (STEPS + "quality: {minimum_n: many}", "dòng 9, quality, minimum_n"),
        (STEPS + "deff: maybe", "dòng 9, deff"),
        (STEPS + "control_sets: {controls.csv: new}", "dòng 9, control_sets, controls.csv"),
        (STEPS + "title: {vi: Khác}", "dòng 9, title: không có mục này"),
        ("quality: {}", "thiếu mục `levels`"),
        ("levels: {}", "cần ít nhất một bảng"),
        ("levels: {adult: {rows: root}}", "không nói trọng số từ đâu"),
        ("levels: {adult: 3}", "cần các mục của bảng"),
    ],
)
def test_a_fault_names_line_and_entry(text: str, told: str) -> None:
    assert any(told in fault for fault in faults(text)), faults(text)
