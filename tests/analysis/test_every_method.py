"""Every method on every kind of bad or odd input: a clear fault, or figures that are all defined.

What each cell must be is in `FAULTS` (words of the message) or, for all other cells, finite estimates and
errors; `DEFINED` holds those that are infinite or NaN by definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design, SurveyError

N = 48


def survey() -> pd.DataFrame:
    """Three strata of four clusters of four; g is the column that most cases change."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "h": np.repeat(["a", "b", "c"], 16),
            "c": np.repeat(np.arange(12), 4),
            "w": rng.uniform(1, 3, N),
            "N": np.repeat([40, 50, 60], 16),
            "y": rng.normal(10, 2, N),
            "x": rng.uniform(1, 3, N),
            "age": rng.choice(["old", "young"], N),
            "g": np.tile(["f", "m"], N // 2),
            "online": rng.integers(0, 2, N),
            "responded": np.where(np.arange(N) % 5 == 0, 0, 1),
        }
    )


def design(data: pd.DataFrame, **options: Any) -> Design:
    return Design(data, **{"weight": "w", "strata": "h", "clusters": "c", **options})


def totals(d: Design) -> dict[Any, float]:
    """Equal totals for the levels of g that carry weight."""
    g = d.data["g"]
    known = g[d.weight > 0].dropna()
    levels = ["f", "m"] if known.map(type).eq(list).any() else list(pd.unique(known))
    return {level: 100 / len(levels) for level in levels}


def shares(d: Design) -> dict[Any, float]:
    return {level: total / 100 for level, total in totals(d).items()}


METHODS: dict[str, Callable[[Design], Any]] = {
    "mean": lambda d: d.mean("y"),
    "mean by": lambda d: d.mean("y", by="g"),
    "mean of levels": lambda d: d.mean("g", categorical="g"),
    "mean where": lambda d: d.mean("y", where=lambda t: np.arange(len(t)) % 3 == 0),
    "total": lambda d: d.total("y", deff=True),
    "proportion": lambda d: d.proportion("g", categorical="g"),
    "ratio": lambda d: d.ratio("y", "x"),
    "quantile": lambda d: d.quantile("y", [0.25, 0.5]),
    "quantile beta": lambda d: d.quantile("y", interval="beta"),
    "quantile score": lambda d: d.quantile("y", interval="score"),
    "population_variance": lambda d: d.population_variance("y"),
    "glm": lambda d: d.glm("y ~ C(g)"),
    "logit": lambda d: d.glm("online ~ x + C(g)", "binomial"),
    "margins": lambda d: d.glm("y ~ x + C(g)").margins("g"),
    "crosstab": lambda d: d.crosstab("g", "age"),
    "crosstab wald": lambda d: d.crosstab("g", "age", "wald"),
    "ttest": lambda d: d.ttest("y", "g"),
    "ttest of one": lambda d: d.ttest("y", mean=9.0),
    "ranktest": lambda d: d.ranktest("y", "g"),
    "compare": lambda d: d.compare(d.mean(["y", "x"]), {"y": 1, "x": -1}),
    "poststratify": lambda d: d.poststratify("g", totals(d)).mean("x"),
    "rake": lambda d: d.rake({"g": totals(d), "age": {"old": 50, "young": 50}}).mean("x"),
    "calibrate": lambda d: d.calibrate({"g": totals(d)}).mean("x"),
    "calibrate number": lambda d: d.calibrate({"y": 1000.0}).mean("x"),
    "standardise": lambda d: d.standardise("g", shares(d)).mean("x"),
    "adjust_nonresponse": lambda d: d.adjust_nonresponse("responded", "g").mean("x"),
    "propensity": lambda d: d.adjust_nonresponse(method="propensity", formula="~ x + C(g)").mean("x"),
    "trim": lambda d: d.trim(1.2, 2.5).mean("x"),
    "jkn": lambda d: d.to_replicates("jkn").mean("y"),
    "rao_wu": lambda d: d.to_replicates("rao_wu", replicates=9).mean("y", by="g"),
    "preston": lambda d: d.to_replicates("preston", replicates=9).total("y"),
    "sdr": lambda d: d.to_replicates("sdr").mean("y"),
}
USES_Y = {
    "mean", "mean by", "mean where", "total", "ratio", "quantile", "quantile beta", "quantile score",
    "population_variance", "glm", "margins", "ttest", "ttest of one", "ranktest", "compare",
    "calibrate number", "jkn", "rao_wu", "preston", "sdr",
}  # fmt: skip
TALLIES = {"mean", "mean by", "mean where", "total", "jkn", "rao_wu", "preston", "sdr"}  # text becomes levels
NEEDS_NUMBERS = USES_Y - TALLIES
USES_G = {
    "mean by", "mean of levels", "proportion", "glm", "logit", "margins", "crosstab", "crosstab wald", "ttest",
    "ranktest", "poststratify", "rake", "calibrate", "standardise", "adjust_nonresponse", "propensity", "rao_wu",
}  # fmt: skip
WEIGHTING = {"poststratify", "rake", "calibrate", "standardise", "adjust_nonresponse", "propensity"}
REPLICATES = {"jkn", "rao_wu", "preston", "sdr"}
CONSTANT = dict.fromkeys(("glm", "margins", "ttest"), "in every row")

Faults = dict[str, str]


def every(names: set[str], words: str) -> Faults:
    return dict.fromkeys(names, words)


# input: the changed columns, and the words of the fault for each method that must refuse it
COLUMNS: dict[str, tuple[dict[str, Any], Faults]] = {
    "as it should be": ({}, {}),
    "y: gaps": ({"y": [np.nan, *range(N - 1)]}, {"calibrate number": "'y' has 1 missing"}),
    "y: nothing known": (
        {"y": np.nan},
        every(USES_Y - {"glm", "margins", "ttest", "calibrate number"}, "no unit with positive weight")
        | every({"glm", "margins", "ttest"}, "y")
        | {"calibrate number": "'y' has 48 missing"},
    ),
    "y: infinite": ({"y": [np.inf, *range(N - 1)]}, every(USES_Y, "'y' must be numeric but holds inf")),
    "y: immense": ({"y": 1e300}, every(USES_Y, "'y' must be numeric but holds 1e+300")),
    "y: all equal": ({"y": 5.1}, CONSTANT),
    "y: all zero": ({"y": 0.0}, CONSTANT | {"calibrate number": "'y'"}),
    "y: numbers as text": ({"y": [f"{k}.5" for k in range(N)]}, {"compare": "contrast"}),
    "y: text": (
        {"y": "ab"},
        every(NEEDS_NUMBERS - {"compare"}, "'y' must be numeric but holds 'ab'") | {"compare": "contrast"},
    ),
    "y: mixed": (
        {"y": pd.Series([1, "ab", 2.5] * 16, dtype=object)},
        every(NEEDS_NUMBERS - {"compare"}, "'y' must be numeric but holds 'ab'") | {"compare": "contrast"},
    ),
    "y: lists": (
        {"y": pd.Series([[1], [2]] * 24)},
        every(USES_Y, "'y' must"),
    ),
    "y: true/false": ({"y": np.tile([True, False, False], 16)}, {"compare": "contrast"}),
    "y: boolean with gaps": (
        {"y": pd.array([True, None, False] * 16, dtype="boolean")},
        {"compare": "contrast", "calibrate number": "16 missing"},
    ),
    "y: Int64 with gaps": (
        {"y": pd.array([1, None, 3] * 16, dtype="Int64")},
        {"calibrate number": "16 missing"},
    ),
    "y: string": ({"y": pd.array(["1", "2", "3"] * 16, dtype="string")}, {"compare": "contrast"}),
    "y: Decimal": ({"y": [Decimal(k) for k in range(N)]}, {"compare": "contrast"}),
    "y: dates": (
        {"y": pd.date_range("2026-01-01", periods=3).repeat(16)},
        every(NEEDS_NUMBERS - {"compare"}, "'y' must be numeric but holds Timestamp")
        | {"compare": "contrast"},
    ),
    "y: categories": (
        {"y": pd.Categorical([1, 2, 3] * 16)},
        every(NEEDS_NUMBERS - {"compare"}, "'y' must be numeric but holds 1") | {"compare": "contrast"},
    ),
    "y: complex": ({"y": np.ones(N) * 1j}, every(USES_Y, "'y' must be numeric")),
    "g: unused category": ({"g": pd.Categorical(np.tile(["f", "m"], 24), ["f", "m", "q"])}, {}),
    "g: mixed": ({"g": pd.Series([1, "x"] * 24, dtype=object)}, {}),
    "g: gaps": (
        {"g": pd.Series(["f", "m", None, "f"] * 12, dtype=object)},
        every(WEIGHTING - {"propensity"}, "'g' has 12 missing") | {"propensity": "12 sampled row(s)"},
    ),
    "g: nothing known": (
        {"g": pd.Series([None] * N, dtype=object)},
        every(
            {"mean by", "mean of levels", "proportion", "crosstab", "crosstab wald", "ranktest", "rao_wu"},
            "g",
        )
        | {"ttest": "0 levels", "standardise": "'g'", "adjust_nonresponse": "'g'", "propensity": "g"}
        | every({"poststratify", "rake", "calibrate"}, "'g'")
        | every({"glm", "logit", "margins"}, "'g' has a single level"),
    ),
    "g: one level": (
        {"g": "only"},
        every({"glm", "logit", "margins", "propensity"}, "'g' has a single level")
        | every({"crosstab", "crosstab wald"}, "1 level(s)")
        | {"ttest": "1 levels", "ranktest": "single level"},
    ),
    "g: true/false": ({"g": np.tile([True, False], 24)}, {}),
    "g: Int64": ({"g": pd.array([1, 2] * 24, dtype="Int64")}, {}),
    "g: string": ({"g": pd.array(["f", "m"] * 24, dtype="string")}, {}),
    "g: dates": ({"g": pd.to_datetime(["2026-01-01", "2026-01-02"] * 24)}, {}),
    "g: lists": ({"g": [[1], [2]] * 24}, every(USES_G, "'g' must hold categories but holds [1]")),
    "w: text": ({"w": [f"{1 + k / N:.3f}" for k in range(N)]}, {}),
    "w: true": ({"w": True}, {"trim": "1 cannot be brought within"}),
    "w: some zero": ({"w": np.tile([0.0, 1.0, 2.0], 16)}, {"mean where": "positive weight"}),
    "h: unused category": ({"h": pd.Categorical(np.repeat(["a", "b", "c"], 16), ["a", "b", "c", "d"])}, {}),
    "h: mixed": ({"h": pd.Series([1] * 16 + ["b"] * 16 + [2.5] * 16, dtype=object)}, {}),
    "c: mixed": ({"c": pd.Series([1, "b", 2.5, "k"] * 12, dtype=object)}, {}),
    "c: dates": ({"c": pd.date_range("2026-01-01", periods=4).tolist() * 12}, {}),
}
# cells where a figure is infinite or NaN by definition
DEFINED: set[tuple[str, str]] = {
    ("y: all equal", "ttest of one"),  # no error at all: t is infinite
    ("y: all zero", "ttest of one"),
}


def figures(result: Any) -> np.ndarray:
    """The figures of a result that must be defined."""
    table = getattr(result, "coefficients", result)
    if isinstance(table, pd.DataFrame):
        assert len(table) > 0
        return table[["estimate", "se"]].to_numpy(dtype=float)
    test = getattr(result, "test", result)
    return np.array([test.statistic, test.p_value], dtype=float)


def cells() -> Iterator[Any]:
    for name, (changes, faults) in COLUMNS.items():
        for method in METHODS:
            yield pytest.param(name, method, changes, faults.get(method), id=f"{name}-{method}")


@pytest.mark.parametrize(("name", "method", "changes", "words"), list(cells()))
def test_every_method_on_every_column(
    name: str, method: str, changes: dict[str, Any], words: str | None
) -> None:
    changed = design(survey().assign(**changes))
    if words is not None:
        with pytest.raises(SurveyError) as caught:
            METHODS[method](changed)
        assert words in str(caught.value)
        return
    found = figures(METHODS[method](changed))
    assert np.isfinite(found).all() or (name, method) in DEFINED, found


FRAMES: dict[str, Callable[[], Design]] = {
    "duplicate index": lambda: design(survey().set_axis([0] * N, axis=0)),
    "MultiIndex": lambda: design(survey().set_axis(pd.MultiIndex.from_product([range(6), range(8)]), axis=0)),
    "text index": lambda: design(survey().set_axis([f"r{k}" for k in range(N)], axis=0)),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("frame", FRAMES)
def test_the_index_does_not_matter(frame: str, method: str) -> None:
    plain = figures(METHODS[method](design(survey())))
    assert figures(METHODS[method](FRAMES[frame]())) == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize("method", sorted(USES_Y))
def test_duplicate_column_names_are_refused(method: str) -> None:
    doubled = design(pd.concat([survey(), survey()[["y"]]], axis=1))
    with pytest.raises(SurveyError, match="column 'y' occurs 2 times"):
        METHODS[method](doubled)


RENAMED = {"y": "thu nhập (triệu đồng)", "g": "giới tính", "h": "tầng", "c": "cụm 1", "w": "hệ số w"}


def test_names_with_spaces_and_diacritics() -> None:
    data = survey()
    renamed = Design(data.rename(columns=RENAMED), weight="hệ số w", strata="tầng", clusters="cụm 1")
    y, g = RENAMED["y"], RENAMED["g"]
    pairs = [
        (design(data).mean("y", by="g"), renamed.mean(y, by=g)),
        (design(data).glm("y ~ x + g").coefficients, renamed.glm(f"`{y}` ~ x + `{g}`").coefficients),
        (design(data).glm("y ~ x + g").margins("g"), renamed.glm(f"`{y}` ~ x + `{g}`").margins(g)),
        (design(data).quantile("y"), renamed.quantile(y)),
    ]
    for left, right in pairs:
        assert figures(left) == pytest.approx(figures(right), rel=1e-12)
    assert design(data).ttest("y", "g").p_value == renamed.ttest(y, g).p_value


SMALL: dict[str, tuple[Callable[[], Design], str]] = {
    "one row": (lambda: design(survey().iloc[:1]), "LonelyPsu"),
    "two rows of one cluster": (lambda: design(survey().iloc[:2]), "LonelyPsu"),
    "one lonely cluster": (
        lambda: design(survey().assign(c=[*np.repeat(range(8), 4), *[8] * 16])),
        "LonelyPsu",
    ),
}


@pytest.mark.parametrize("method", ["mean", "total", "ratio", "glm", "ttest", *sorted(REPLICATES)])
@pytest.mark.parametrize("name", SMALL)
def test_too_few_units_are_refused(name: str, method: str) -> None:
    build, fault = SMALL[name]
    with pytest.raises(SurveyError) as caught:
        METHODS[method](build())
    names = {type(caught.value).__name__, "LonelyPsu"}
    assert fault in names or "single level" in str(caught.value)


@pytest.mark.parametrize("rule", ["certainty", "remove", "adjust", "average"])
@pytest.mark.parametrize("method", sorted(set(METHODS) - REPLICATES))
def test_lonely_clusters_by_rule_give_figures(rule: str, method: str) -> None:
    lonely = design(survey().assign(c=[*np.repeat(range(8), 4), *[8] * 16]), lonely_psu=rule)
    assert np.isfinite(figures(METHODS[method](lonely))).all()


def test_one_row_taken_with_certainty() -> None:
    one = design(survey().iloc[:1], lonely_psu="certainty")
    row = one.mean("y").iloc[0]
    assert (row["estimate"], row["se"], row["df"]) == (survey()["y"][0], 0.0, 0.0)
    assert one.quantile("y")["estimate"].item() == survey()["y"][0]
    with pytest.raises(SurveyError, match="single row"):
        one.population_variance("y")
    with pytest.raises(SurveyError, match="single PSU"):
        one.to_replicates("jkn")
    with pytest.raises(SurveyError, match="no degrees of freedom"):
        one.ttest("y", mean=1.0)


def test_a_census_has_no_error() -> None:
    whole = design(survey().assign(N=4), fpc="N")
    assert whole.mean("y")["se"].item() == 0
    test = whole.ttest("y", "g")
    assert (abs(test.statistic), test.p_value) == (np.inf, 0.0)
    with pytest.raises(SurveyError, match="zero"):
        whole.ranktest("y", "g")
    with pytest.raises(SurveyError, match="covariance of the table"):
        whole.crosstab("g", "age")


@pytest.mark.parametrize(
    ("changes", "options", "words"),
    [
        ({"w": pd.Timestamp("2026-01-01")}, {}, "'w' must be numeric but holds Timestamp"),
        ({"w": pd.array([1, 2, None] * 16, dtype="Int64")}, {}, "'w' has 16 missing"),
        ({"w": "two"}, {}, "'w' must be numeric but holds 'two'"),
        ({"w": pd.Categorical([1, 2] * 24)}, {}, "'w' must be numeric"),
        ({"h": pd.array(["a", None] * 24, dtype="string")}, {}, "'h' has 24 missing"),
        ({"c": pd.array([1, None] * 24, dtype="Int64")}, {}, "'c' has 24 missing"),
        ({"c": [[1], [2]] * 24}, {}, "'c' must hold categories"),
        ({"N": 3}, {"fpc": "N"}, "stratum 'a' has 4 sampled units"),
        ({"N": np.nan}, {"fpc": "N"}, "'N' has 48 missing"),
        ({"N": "many"}, {"fpc": "N"}, "'N' must be numeric"),
        ({"N": np.inf}, {"fpc": "N"}, "'N' must be numeric but holds inf"),
    ],
)
def test_designs_that_cannot_be(changes: dict[str, Any], options: dict[str, Any], words: str) -> None:
    with pytest.raises(SurveyError) as caught:
        design(survey().assign(**changes), **options)
    assert words in str(caught.value)
