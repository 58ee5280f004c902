"""Synthetic respondents: who answers in a sampled household of the demonstration, and with what answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
import yaml

from survey.demo.frame import DATA
from survey.demo.population import Population

Answers = dict[str, Any]
Disposition = Literal["complete", "refusal", "noncontact"]
LAST_WHEN_NOTHING_FITS = {"no_internet_reasons": "other", "online_purchase_channels": "other"}
# An account one does not have cannot have paid.
PAID_FROM = {
    "bank_transfer": "bank_account",
    "card": "bank_account",
    "ewallet": "ewallet",
    "mobile_money": "mobile_money",
}


@dataclass(frozen=True)
class Visit:
    """What came of approaching one sampled household; `answers` only when complete."""

    household: int
    adult: int
    propensity: float
    disposition: Disposition
    answers: Answers | None


def visit(population: Population, household: int, case_code: str = "", seed: int = 1) -> Visit:
    """Select an adult at random (as the last birthday does) and see whether and what that person answers.

    Depends on the population, `seed` and `household` only. Without a case code the answers name the place.
    """
    rng = np.random.default_rng([population.seed, seed, household])
    adult = int(rng.choice(population.adults_of(household)))
    age = int(population.adults["age"].iloc[adult])
    urban = place_of(population, household)["area_type"] == "urban"
    propensity = response_propensity(age, urban)
    if rng.random() >= propensity:
        away = rng.random() < (0.6 if urban else 0.45)
        return Visit(household, adult, propensity, "noncontact" if away else "refusal", None)
    return Visit(household, adult, propensity, "complete", answers_of(population, adult, case_code, rng))


def response_propensity(age: int, urban: bool) -> float:
    """Chance of a complete interview: lower in town and for the young, about 0.78 on average."""
    logit = 1.35 - 0.45 * urban + 0.012 * (min(age, 75) - 45)
    return float(1 / (1 + np.exp(-logit)))


def place_of(population: Population, household: int) -> pd.Series:
    return population.frame.iloc[int(population.households["area"].iloc[household])]


def answers_of(population: Population, adult: int, case_code: str, rng: np.random.Generator) -> Answers:
    """A complete, valid answer document by variable: canonical values, only what this person is asked."""
    person = told(population.adults.iloc[adult])
    household = int(person.pop("household"))
    home = told(population.households.iloc[household])
    place = place_of(population, household)
    known = home | person
    answers: Answers = {"case_code": case_code} if case_code else {}
    answers["consent"] = "yes"
    if not case_code:
        answers["former_province"] = str(place["former_province"])
        answers["commune"] = str(place["commune"])
    answers |= {"household_size": int(home["size"]), "adults_15plus": int(home["adults"])}
    answers |= {name: known[name] for name in ("internet_at_home", "fibre_available")}
    answers |= connection(known, rng)
    answers |= {"answered_by": pick("answered_by", known, rng)}
    answers |= {name: known[name] for name in PERSON if name in known}
    answers |= details(known, rng)
    return answers


PERSON = [
    "sex",
    "age",
    "mobile_phone_use",
    "mobile_phone_own",
    "smartphone_own",
    "smartphone_use",
    "internet_last_use",
    "bank_account",
    "ewallet",
    "mobile_money",
    "online_purchase",
    "online_public_service",
    "public_service_satisfaction",
    "vneid_account",
    "identity_qr",
    "digital_signature",
    "health_record",
    "telehealth",
    "health_care",
    "own_record_online",
    "hospital_fee_payment",
    "work_status",
    "sought_work",
    "available_work",
    "job_ict_industry",
    "job_ict_occupation",
    "job_platform",
]


def told(row: pd.Series) -> dict[str, Any]:
    """A row's answers without those that were not asked; whole numbers as int."""
    return {
        str(name): int(value) if isinstance(value, np.integer) else value
        for name, value in row.items()
        if not pd.isna(value)
    }


def connection(known: Mapping[str, Any], rng: np.random.Generator) -> Answers:
    if known["internet_at_home"] == "yes":
        return {"internet_connection": str(known["internet_connection"]).split()}
    if known["internet_at_home"] == "no":
        return {"no_internet_reasons": tick("no_internet_reasons", known, rng)}
    return {}


def details(known: Mapping[str, Any], rng: np.random.Generator) -> Answers:
    """Answers that follow from the modelled ones, for the questions that this person is asked."""
    online, bought = known["internet_last_use"] == "m3", known.get("online_purchase") in ("m3", "m3_12")
    device = online or "yes" in (known["mobile_phone_use"], known["smartphone_use"])
    answers: Answers = {}
    if online:
        answers["internet_frequency"] = pick("internet_frequency", known, rng)
        answers["internet_activities"] = tick("internet_activities", known, rng, without=not_done(known))
    if device:
        answers["digital_skills"] = tick("digital_skills", known, rng)
    if online:
        answers["security_measures"] = tick("security_measures", known, rng)
    answers["cashless_payments"] = payments(known, rng)
    if bought:
        without = [paid for paid, account in PAID_FROM.items() if known[account] != "yes"]
        answers["online_purchase_channels"] = tick("online_purchase_channels", known, rng)
        answers["online_purchase_payment"] = pick("online_purchase_payment", known, rng, without)
        answers["einvoice"] = pick("einvoice", known, rng)
    return answers


def not_done(known: Mapping[str, Any]) -> list[str]:
    """Internet activities that other answers rule out."""
    ruled_out = {
        "purchase": known.get("online_purchase") != "m3",
        "government_transaction": known.get("online_public_service") not in ("self", "assisted"),
        "internet_banking": known["bank_account"] != "yes",
    }
    return [activity for activity, impossible in ruled_out.items() if impossible]


def payments(known: Mapping[str, Any], rng: np.random.Generator) -> list[str]:
    if rng.random() < 0.003:
        return ["refused"]
    if "yes" not in (known["bank_account"], known["ewallet"], known["mobile_money"]):
        return ["none"]
    return tick("cashless_payments", known, rng)


@cache
def chances() -> dict[str, dict[str, dict[str, list[float]]]]:
    document: dict[str, dict[str, dict[str, list[float]]]] = yaml.safe_load(
        (DATA / "details.yaml").read_text(encoding="utf-8")
    )
    return document


def at_age(ends: Sequence[float], age: int) -> float:
    return float(np.interp(age, (20, 75), ends))


def pick(name: str, known: Mapping[str, Any], rng: np.random.Generator, without: Sequence[str] = ()) -> str:
    weights = {
        choice: at_age(ends, known["age"])
        for choice, ends in chances()["single"][name].items()
        if choice not in without
    }
    total = sum(weights.values())
    return str(rng.choice(list(weights), p=[weight / total for weight in weights.values()]))


def tick(
    name: str, known: Mapping[str, Any], rng: np.random.Generator, without: Sequence[str] = ()
) -> list[str]:
    """Choices ticked in a list; when none applies, the list's own "none" or "other"."""
    ticked = [
        choice
        for choice, ends in chances()["several"][name].items()
        if rng.random() < at_age(ends, known["age"]) and choice not in without
    ]
    return ticked or [LAST_WHEN_NOTHING_FITS.get(name, "none")]
