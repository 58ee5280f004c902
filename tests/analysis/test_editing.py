"""Edits and error localisation: examples from the literature, brute force on small domains, bad input."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.editing import (
    CategoricalEdit,
    Categories,
    Interval,
    LinearEdit,
    balance,
    localise,
    localise_all,
    outside_domain,
    ratio,
    violations,
)
from analysis.editing.edits import Domain, Edit
from analysis.errors import (
    BadDomain,
    BadEdit,
    BadWeight,
    ColumnNotFound,
    InfeasibleEdits,
    NotNumeric,
    UnknownOption,
)

MONEY = Interval(-1e6, 1e6)

# The manual page of `locate_errors` in R's errorlocate: costs are at least 60 % of turnover.
BUSINESS: tuple[Edit, ...] = (
    balance("books", "turnover", ["profit", "costs"]),
    *ratio("cost_share", "costs", "turnover", low=0.6),
    LinearEdit("turnover_positive", {"turnover": 1}, ">="),
)
BUSINESS_DOMAINS: dict[str, Domain] = dict.fromkeys(("profit", "costs", "turnover"), MONEY)

# Fellegi and Holt 1976: age, marital status and relationship to the head of the household.
NOT_NOW_MARRIED = {"single", "divorced", "widowed", "separated"}
FAMILY: tuple[Edit, ...] = (
    CategoricalEdit(
        "child_was_married", {"age": {"0-14"}, "marital": {"married", "divorced", "widowed", "separated"}}
    ),
    CategoricalEdit("spouse_unmarried", {"marital": NOT_NOW_MARRIED, "relationship": {"spouse"}}),
)
FAMILY_DOMAINS: dict[str, Domain] = {
    "age": Categories(("0-14", "15+")),
    "marital": Categories(("single", "married", "divorced", "widowed", "separated")),
    "relationship": Categories(("head", "spouse", "other")),
}


# -- examples from the literature ------------------------------------------------------------------


def test_a_balance_edit_puts_the_profit_right() -> None:
    record = {"profit": 755, "costs": 125, "turnover": 200}
    found = localise(BUSINESS, record, BUSINESS_DOMAINS)
    assert (found.fields, found.cost) == (("profit",), 1.0)
    assert found.values["profit"] == pytest.approx(75)


def test_two_fields_change_when_no_single_one_can() -> None:
    """de Waal's four edits on turnover, profit, costs and employees; every single field leaves one failing."""
    edits = [
        balance("books", "turnover", ["profit", "costs"]),
        *ratio("profit_share", "profit", "turnover", low=-0.1, high=0.5),
        *ratio("turnover_per_head", "turnover", "employees", high=550),
    ]
    domains: dict[str, Domain] = {
        "turnover": Interval(0, 1e6),
        "profit": MONEY,
        "costs": Interval(0, 1e6),
        "employees": Interval(0, 1e4, integer=True),
    }
    record = {"turnover": 100, "profit": 40_000, "costs": 60_000, "employees": 5}
    trusted = {"turnover": 2.0, "employees": 3.0}
    assert localise(edits, record, domains, trusted).fields == ("profit", "costs")
    distrusted = localise(edits, record, domains, {"profit": 2.0, "costs": 2.0})
    assert distrusted.fields == ("turnover", "employees")
    assert distrusted.values["turnover"] == pytest.approx(100_000)
    assert distrusted.values["employees"] == 182  # the least whole number of at least 100000 / 550


def test_an_implied_edit_forbids_to_change_the_marital_status_alone() -> None:
    """Married would put a spouse right but not a child: the implied edit excludes a child as spouse."""
    child = {"age": "0-14", "marital": "single", "relationship": "spouse"}
    found = localise(FAMILY, child, FAMILY_DOMAINS)
    assert found.fields == ("relationship",)
    assert found.values["relationship"] in ("head", "other")
    both = localise(FAMILY, child, FAMILY_DOMAINS, {"relationship": 3.0})
    assert (both.fields, both.cost) == (("age", "marital"), 2.0)
    assert dict(both.values) == {"age": "15+", "marital": "married"}


def test_the_age_alone_explains_a_married_child_spouse() -> None:
    child = {"age": "0-14", "marital": "married", "relationship": "spouse"}
    assert dict(localise(FAMILY, child, FAMILY_DOMAINS).values) == {"age": "15+"}


def test_a_condition_links_categories_to_numbers() -> None:
    edits = [LinearEdit("wed_at_17", {"age": 1}, ">=", 17, when={"married": {True}})]
    domains: dict[str, Domain] = {"married": Categories((True, False)), "age": Interval(0, 120, integer=True)}
    record = {"married": True, "age": 16}
    assert dict(localise(edits, record, domains, {"age": 2.0}).values) == {"married": False}
    assert dict(localise(edits, record, domains, {"married": 2.0}).values) == {"age": 17}


# -- brute force -----------------------------------------------------------------------------------

NUMBERS, LETTERS = ("a", "b", "c"), ("s", "t")
SMALL: dict[str, Domain] = {
    "a": Interval(0, 3, integer=True),
    "b": Interval(-1, 2, integer=True),
    "c": Categories((0, 1, 2)),
    "s": Categories(("x", "y", "z")),
    "t": Categories(("p", "q")),
}
VALUES: dict[str, list[Any]] = {
    "a": [0, 1, 2, 3],
    "b": [-1, 0, 1, 2],
    "c": [0, 1, 2],
    "s": ["x", "y", "z"],
    "t": ["p", "q"],
}
EVERY = pd.DataFrame(list(product(*VALUES.values())), columns=list(VALUES))


def subsets(name: str) -> st.SearchStrategy[set[Any]]:
    return st.sets(st.sampled_from(VALUES[name]), min_size=1, max_size=2)


@st.composite
def combination(draw: st.DrawFn, least: int) -> dict[str, set[Any]]:
    fields = draw(st.sets(st.sampled_from((*LETTERS, "c")), min_size=least, max_size=2))
    return {name: draw(subsets(name)) for name in sorted(fields)}


@st.composite
def edit_sets(draw: st.DrawFn) -> list[Edit]:
    edits: list[Edit] = []
    for number in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            edits.append(CategoricalEdit(f"e{number}", draw(combination(2))))
        else:
            fields = draw(st.sets(st.sampled_from(NUMBERS), min_size=1))
            terms = {name: draw(st.sampled_from((-2, -1, 1, 2))) for name in sorted(fields)}
            op = draw(st.sampled_from(("<=", ">=", "==")))
            edits.append(LinearEdit(f"e{number}", terms, op, draw(st.integers(-3, 4)), draw(combination(0))))
    return edits


RECORDS = st.fixed_dictionaries({name: st.sampled_from([*VALUES[name], None, 99]) for name in VALUES})
WEIGHTS = st.fixed_dictionaries({name: st.sampled_from((1.0, 1.5, 2.0, 4.0)) for name in VALUES})


def least_weight(consistent: pd.DataFrame, record: dict[str, Any], weights: dict[str, float]) -> float:
    """The cheapest way to any consistent record of the whole product of domains."""
    costs = sum((consistent[name] != record[name]) * weights[name] for name in VALUES)
    return float(costs.min())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(edit_sets(), RECORDS, WEIGHTS)
def test_the_least_weight_is_that_of_brute_force(
    edits: list[Edit], record: dict[str, Any], weights: dict[str, float]
) -> None:
    consistent = EVERY[~violations(edits, EVERY).any(axis=1)]
    if consistent.empty:
        with pytest.raises(InfeasibleEdits) as caught:
            localise(edits, record, SMALL, weights)
        assert_smallest_conflict(edits, caught.value.edits)
        return
    found = localise(edits, record, SMALL, weights)
    assert found.cost == least_weight(consistent, record, weights)
    assert found.cost == sum(weights[name] for name in found.fields)
    after = record | dict(found.values)
    assert set(found.values) == set(found.fields)
    assert all(after[name] != record[name] for name in found.fields)
    assert tuple(after[name] for name in VALUES) in set(consistent.itertuples(index=False, name=None))


def assert_smallest_conflict(edits: list[Edit], names: list[str]) -> None:
    """The named edits have no common record, but would with any one of them left out."""
    named = [edit for edit in edits if edit.name in names]
    assert violations(named, EVERY).any(axis=1).all()
    for fewer in combinations(named, len(named) - 1):
        assert not violations(fewer, EVERY).any(axis=1).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(-50, 50), min_size=3, max_size=3), st.integers(2, 12))
def test_wide_domains_do_not_hide_a_change(values: list[int], digits: int) -> None:
    """Changes of 1 within domains of up to 10^12: tied to a big constant, a solver would not see them."""
    domain = Interval(-(10.0**digits), 10.0**digits)
    record = dict(zip(("t", "p", "c"), values, strict=True))
    found = localise([balance("sum", "t", ["p", "c"])], record, dict.fromkeys(record, domain))
    assert found.cost == float(values[0] != values[1] + values[2])
    after = pd.DataFrame([record | dict(found.values)])
    assert not violations([balance("sum", "t", ["p", "c"])], after).any(axis=None)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from(("yes", "no")),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 4),
    st.integers(1, 12),
)
def test_conditions_hold_exactly_in_wide_domains(
    sells: str, sales: int, other: int, total: int, digits: int
) -> None:
    edits = [
        LinearEdit("none_sold", {"sales": 1}, "<=", 0, when={"sells": {"no"}}),
        LinearEdit("some_sold", {"sales": 1}, ">=", 1, when={"sells": {"yes"}}),
        balance("sum", "total", ["sales", "other"]),
    ]
    amount = Interval(0, 10.0**digits)
    domains: dict[str, Domain] = {"sells": Categories(("yes", "no"))}
    domains |= dict.fromkeys(("sales", "other", "total"), amount)
    record = {"sells": sells, "sales": sales, "other": other, "total": total}
    found = localise(edits, record, domains, {"sells": 1.5})
    # Whole numbers up to 8 hold a cheapest mended record: none needs more than the sum of what is there.
    assert found.cost == min(
        1.5 * (answer != sells) + (sold != sales) + (rest != other) + (sold + rest != total)
        for answer, sold, rest in product(("yes", "no"), range(9), range(9))
        if (sold == 0) == (answer == "no")
    )


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e6])
def test_the_choice_of_fields_does_not_depend_on_the_unit(unit: float) -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"profit": rng.integers(-100, 900, 30), "costs": rng.integers(500, 3000, 30)})
    data["turnover"] = (data["profit"] + data["costs"]) * np.where(data.index % 2, 1, 10)
    domains: dict[str, Domain] = dict.fromkeys(data, Interval(-1e6 * unit, 1e6 * unit))
    cost = localise_all(BUSINESS, data * unit, domains).cost
    expected = localise_all(BUSINESS, data, BUSINESS_DOMAINS).cost
    assert cost.tolist() == expected.tolist()
    assert {1.0, 2.0} >= set(cost) and len(cost) >= 15


# -- whole tables ----------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    {
        "profit": [75.0, 755.0, np.nan, 75.0],
        "costs": [125.0, 125.0, 125.0, 125.0],
        "turnover": [200.0, 200.0, 200.0, 5e9],
    },
    index=["good", "wrong", "missing", "outside"],
)


def test_violations_judge_each_record_by_each_edit() -> None:
    found = violations(BUSINESS, TABLE)
    assert list(found.columns) == ["books", "cost_share_low", "turnover_positive"]
    assert found["books"].tolist() == [False, True, False, True]
    assert found["cost_share_low"].tolist() == [False, False, False, True]
    assert outside_domain(BUSINESS_DOMAINS, TABLE).any(axis=1).tolist() == [False, False, True, True]


def test_all_failing_records_are_localised_and_put_right() -> None:
    found = localise_all(BUSINESS, TABLE, BUSINESS_DOMAINS)
    assert list(found.changed.index) == ["wrong", "missing", "outside"]
    assert found.changed.idxmax(axis=1).tolist() == ["profit", "profit", "turnover"]
    assert found.cost.tolist() == [1.0, 1.0, 1.0]
    done = found.into(TABLE)
    assert not violations(BUSINESS, done).any(axis=None)
    assert done["profit"].tolist() == pytest.approx([75, 75, 75, 75])
    assert done["profit_edited"].tolist() == [False, True, True, False]
    assert "costs_edited" not in done
    assert TABLE.loc["wrong", "profit"] == 755


def test_records_agree_one_by_one_and_all_together() -> None:
    rows = list(product(*(domain.values for domain in FAMILY_DOMAINS.values())))  # type: ignore[union-attr]
    data = pd.DataFrame(rows, columns=list(FAMILY_DOMAINS))
    found = localise_all(FAMILY, data, FAMILY_DOMAINS)
    assert len(found.cost) == violations(FAMILY, data).any(axis=1).sum() > 0
    for label, cost in found.cost.items():
        assert localise(FAMILY, data.loc[label].to_dict(), FAMILY_DOMAINS).cost == cost
    assert not violations(FAMILY, found.into(data)).any(axis=None)


def test_nothing_to_change_leaves_an_empty_proposal() -> None:
    good = TABLE.iloc[[0]]
    found = localise_all(BUSINESS, good, BUSINESS_DOMAINS)
    assert len(found.changed) == len(found.cost) == 0
    pd.testing.assert_frame_equal(found.into(good), good)


# -- bad input -------------------------------------------------------------------------------------


def test_edits_in_conflict_are_named() -> None:
    edits = [
        LinearEdit("low", {"x": 1}, "<=", 2),
        LinearEdit("harmless", {"x": 1}, "<=", 9),
        LinearEdit("high", {"x": 1}, ">=", 3),
    ]
    with pytest.raises(InfeasibleEdits, match="'low', 'high' together") as caught:
        localise(edits, {"x": 1}, {"x": Interval(0, 10)})
    assert caught.value.edits == ["low", "high"]


def test_fields_that_may_not_change_are_named_in_a_conflict() -> None:
    record = {"profit": 755, "costs": 125, "turnover": 200}
    forever = dict.fromkeys(record, float("inf"))
    with pytest.raises(InfeasibleEdits, match="'profit', 'costs', 'turnover' may not change"):
        localise(BUSINESS, record, BUSINESS_DOMAINS, forever)
    with pytest.raises(BadDomain, match=r"'profit'.*forbids"):
        localise(BUSINESS, record | {"profit": None}, BUSINESS_DOMAINS, forever)


SIMPLE = LinearEdit("e", {"x": 1}, "<=", 2)


@pytest.mark.parametrize(
    ("error", "said", "edits", "domains"),
    [
        (BadDomain, "'x'.*edit 'e' needs it", [SIMPLE], {}),
        (BadDomain, "'x'.*finite", [SIMPLE], {"x": Interval(0, float("inf"))}),
        (BadDomain, "'x'.*no value", [SIMPLE], {"x": Interval(0.2, 0.8, integer=True)}),
        (BadDomain, "'x'.*only once", [SIMPLE], {"x": Categories((1, 1))}),
        (BadEdit, "'e'.*used twice", [SIMPLE, SIMPLE], {"x": Interval(0, 1)}),
        (BadEdit, "'e'.*not numbers", [SIMPLE], {"x": Categories(("a", "b"))}),
        (
            BadEdit,
            "'c'.*'z' is not in the domain",
            [CategoricalEdit("c", {"x": {"z"}})],
            {"x": Categories(("a",))},
        ),
        (BadEdit, "'c'.*interval", [CategoricalEdit("c", {"x": {1}})], {"x": Interval(0, 1)}),
    ],
)
def test_edits_and_domains_that_do_not_fit_are_refused(
    error: type[Exception], said: str, edits: list[Edit], domains: dict[str, Domain]
) -> None:
    with pytest.raises(error, match=said):
        localise(edits, {"x": 1}, domains)


def test_misshapen_edits_are_refused_where_they_are_written() -> None:
    with pytest.raises(UnknownOption, match="'<'"):
        LinearEdit("e", {"x": 1}, "<", 2)  # type: ignore[arg-type]
    with pytest.raises(BadEdit, match="no field"):
        LinearEdit("e", {"x": 0}, "<=", 2)
    with pytest.raises(BadEdit, match="finite"):
        LinearEdit("e", {"x": float("nan")}, "<=", 2)
    with pytest.raises(BadEdit, match="excludes no combination"):
        CategoricalEdit("e", {})
    with pytest.raises(BadEdit, match="'x' needs a set"):
        CategoricalEdit("e", {"x": "spouse"})
    with pytest.raises(BadEdit, match="lower or an upper"):
        ratio("e", "x", "y")


def test_records_and_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ColumnNotFound, match="'x'"):
        localise([SIMPLE], {"y": 1}, {"x": Interval(0, 9)})
    with pytest.raises(BadWeight, match="above 0"):
        localise([SIMPLE], {"x": 1}, {"x": Interval(0, 9)}, {"x": 0})
    with pytest.raises(NotNumeric, match="'many'"):
        violations([SIMPLE], pd.DataFrame({"x": [1, "many"]}))
