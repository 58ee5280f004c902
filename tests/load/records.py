"""Random records of a questionnaire that its own rules accept, as ODK Collect would send them."""

import random
import uuid
from typing import Any

from survey.instrument import Instrument, Question, check, choices_for, next_page, submission_xml

PLACE = "uuid:00000000-0000-4000-8000-000000000000"


def random_answers(instrument: Instrument, rng: random.Random) -> dict[str, Any]:
    """Answer page by page what is relevant, until the whole document is accepted."""
    while True:
        answers: dict[str, Any] = {}
        page = next_page(instrument, answers, None)
        while page is not None:
            for question in page.questions:
                if (question.variable, ()) in check(instrument, answers, page=page).relevant:
                    answers |= _answer(instrument, question, answers, rng)
            page = next_page(instrument, answers, page.id)
        if not check(instrument, answers).faults:
            return answers


def _answer(
    instrument: Instrument, question: Question, answers: dict[str, Any], rng: random.Random
) -> dict[str, Any]:
    if question.type in ("select_one", "select_multiple"):
        name = rng.choice(choices_for(instrument, question.variable, answers)).name
        return {question.variable: name if question.type == "select_one" else [name]}
    if question.type == "integer":
        return {question.variable: rng.randint(15, 90) if question.name == "age" else rng.randint(1, 6)}
    return {}


def record_pool(instrument: Instrument, size: int, seed: int = 7) -> list[tuple[bytes, bytes]]:
    """Records as the parts before and after the instanceID; most respondents agree to answer."""
    rng = random.Random(seed)
    pool = []
    while len(pool) < size:
        answers = random_answers(instrument, rng)
        if answers.get("consent") == "yes" or len(pool) % 30 == 0:
            before, after = submission_xml(instrument, answers, instance_id=PLACE).split(PLACE.encode())
            pool.append((before, after))
    return pool


def fresh_record(pool: list[tuple[bytes, bytes]], number: int) -> bytes:
    """A record of the pool under an instanceID of its own."""
    before, after = pool[number % len(pool)]
    return before + f"uuid:{uuid.uuid4()}".encode() + after


def multipart(record: bytes) -> tuple[bytes, dict[str, str]]:
    """The body and headers of an OpenRosa POST."""
    boundary = "----khaosat7d91"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="record.xml"\r\n'
        "Content-Type: text/xml\r\n\r\n"
    )
    body = head.encode() + record + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}", "X-OpenRosa-Version": "1.0"}
