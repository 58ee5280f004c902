"""Recodes: what a statistician writes becomes the values and labels of the release."""

import pandas as pd
import pytest

from survey.microdata.recodes import LONGEST, BadRecode, in_words, labels, parse, recoded


def changed(text, values):
    return recoded(pd.Series(values), parse(text, "age"), "age").tolist()


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("15, 18, 30, 60", [15, 17, 18, 59, 60, 99], [15, 15, 18, 30, 60, 60]),
        ("max 80", [79, 80, 81], [79, 80, 80]),
        ("tối đa 80", [81], [80]),
        ("min 5; max 7", [1, 6, 9], [5, 6, 7]),
        ("Làm tròn 1000", [1499, 1501], [1000, 2000]),
        ("a=ab; b=ab", ["a", "b", "c"], ["ab", "ab", "c"]),
        ("a=ab; b=ab", ["a b c"], ["ab c"]),
        ("", [1, 2], [1, 2]),
    ],
)
def test_values(text, before, after):
    assert changed(text, before) == after


def test_what_is_missing_stays_missing():
    assert pd.isna(changed("15, 30", [20, None])[1]) and pd.isna(changed("a=b", ["a", None])[1])


@pytest.mark.parametrize(
    ("text", "values", "told"),
    [
        ("30, 15", [20], "không tăng dần"),
        ("15, 30", [14], "nhỏ hơn mốc đầu 15"),
        ("max tám", [20], "không hiểu “max tám”"),
        ("__import__('os')", [20], "không hiểu"),
        ("=1+1", [20], "không hiểu"),
        ("max 80", ["a"], "không phải số"),
        ("x=y", ["a"], "không có mã 'x'"),
        ("round 0", [1], "lớn hơn 0"),
        ("1" * (LONGEST + 1), [1], "dài quá"),
        ("max 1e400", [1], "không hiểu"),
        ("\x00\u202e", [1], "không hiểu"),
    ],
)
def test_what_is_wrong_is_named(text, values, told):
    with pytest.raises(BadRecode, match="age") as fault:
        changed(text, values)
    assert told in fault.value.message and fault.value.remedy


def test_labels_of_the_values_that_are_there():
    steps = parse("15, 18, 30, 60", "age")
    assert labels(steps, pd.Series([15.0, 18.0, 60.0])) == {15.0: "15–17", 18.0: "18–29", 60.0: "từ 60"}
    assert "15–17" in in_words(steps)
