"""Synthetic fieldwork: generated respondents answer over HTTP, as phones and ODK Collect would."""

import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pandas as pd

from survey.demo.browser import answer_on_the_web, decline
from survey.demo.population import Population
from survey.demo.respondents import Answers, Visit, visit
from survey.instrument import Instrument, submission_xml

WEB_EVERY = (
    8  # one respondent in eight answers on the web pages, the others to an enumerator with ODK Collect
)
AT_ONCE = 4
TIMEOUT = 60.0


class FieldworkFailed(RuntimeError):
    """The service did not accept a generated answer."""


@dataclass(frozen=True)
class Assignment:
    """A case as the fieldwork knows it: the household's number in the population, its code and link."""

    household: int
    code: str
    token: str


@dataclass(frozen=True)
class Site:
    """The running service: its address, and the OpenRosa project of the round."""

    base: str
    project_token: str
    instrument: Instrument


def sampling_frame(population: Population) -> pd.DataFrame:
    """The households as a frame: former districts are the strata, urban before rural areas within them."""
    area = population.households["area"].to_numpy()
    places = population.frame[["district", "area_type", "psu", "commune"]].iloc[area].reset_index(drop=True)
    frame = places.assign(unit=places.index.astype(str), stratum=places["district"])
    return frame.sort_values(["stratum", "area_type", "psu"], kind="stable", ignore_index=True)


def interview_all(
    site: Site,
    population: Population,
    assignments: Iterable[Assignment],
    seed: int,
    progress: Callable[[int], None],
) -> dict[str, int]:
    """Visit every assigned household and send in what comes of it; return the number of each outcome.

    The same household gives the same answers under the same instanceID: a second call repeats harmlessly.
    """
    outcomes: dict[str, int] = {}
    limits = httpx.Limits(max_connections=AT_ONCE)
    with (
        httpx.Client(base_url=site.base, timeout=TIMEOUT, limits=limits) as client,
        ThreadPoolExecutor(AT_ONCE) as people,
    ):
        visits = ((a, visit(population, a.household, a.code, seed)) for a in assignments)
        done = people.map(lambda pair: _hand_in(client, site, *pair), visits)
        for number, outcome in enumerate(done, 1):
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            progress(number)
    return outcomes


def _hand_in(client: httpx.Client, site: Site, assignment: Assignment, visited: Visit) -> str:
    if visited.disposition == "refusal":
        decline(site.base, assignment.token)
    elif visited.answers is not None and assignment.household % WEB_EVERY == 0:
        answer_on_the_web(site.base, assignment.token, visited.answers)
    elif visited.answers is not None:
        _send(client, site, assignment.code, visited.answers)
    return visited.disposition


def send_all(site: Site, documents: Iterable[Answers], progress: Callable[[int], None]) -> int:
    """Hand in answers of nobody's sample, each under an instanceID of its own number; return how many."""
    sent = 0
    limits = httpx.Limits(max_connections=AT_ONCE)
    with (
        httpx.Client(base_url=site.base, timeout=TIMEOUT, limits=limits) as client,
        ThreadPoolExecutor(AT_ONCE) as people,
    ):
        numbered = enumerate(documents, 1)
        for sent, _ in enumerate(
            people.map(lambda one: _send(client, site, str(one[0]), one[1]), numbered), 1
        ):
            progress(sent)
    return sent


def _send(client: httpx.Client, site: Site, code: str, answers: Answers) -> None:
    instance = f"uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{site.project_token}/{code}')}"
    xml = submission_xml(site.instrument, answers, instance_id=instance)
    answer = client.post(
        f"/openrosa/{site.project_token}/submission",
        files={"xml_submission_file": ("submission.xml", xml, "text/xml")},
        headers={"X-OpenRosa-Version": "1.0"},
    )
    if answer.status_code not in (201, 202):
        raise FieldworkFailed(f"case {code}: {answer.status_code} {answer.text[:500]}")
