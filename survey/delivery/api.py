"""`/api/v1/deliveries`: what an agency's client does with its token."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, request
from msgspec import Struct

from survey.delivery import answers, tokens
from survey.delivery.entities import (
    Acknowledged,
    Acknowledgement,
    CorrectionRequest,
    Corrections,
    Delivery,
    DeliveryQuery,
    Objection,
)
from survey.disseminate.api.description import JSON, PROBLEM_JSON
from survey.disseminate.api.entities import NoQuery, Page
from survey.disseminate.api.operations import ADDED, NUMBER, Operation
from survey.disseminate.api.views import BadQuery, json_reply, query_of
from survey.errors import Fault
from survey.extensions import limiter

RATE = "1200 per hour"
ZIP = "application/zip"
ONE, WHERE = "/deliveries/<int:number>", {"number": NUMBER}


def _number(text: str) -> float | int:
    """JSON Schema holds 5.0 to be an integer."""
    number = float(text)
    return int(number) if number.is_integer() else number


DECODER = msgspec.json.Decoder(float_hook=_number)
deliveries_api = Blueprint("deliveries_api", __name__, url_prefix="/api/v1")


class NotJson(Fault):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "Không phải JSON"


OPERATIONS = (
    Operation("deliveries", "/deliveries", "/deliveries", answers.deliveries, DeliveryQuery,
              Page[Delivery], "Packages for the token's agency, oldest first", scope=tokens.READ),
    Operation("delivery", ONE, "/deliveries/{number}", answers.delivery, NoQuery,
              Delivery, "One package", WHERE, scope=tokens.READ),
    Operation("package", f"{ONE}/package", "/deliveries/{number}/package", answers.package, NoQuery,
              bytes, "The signed package itself", WHERE, scope=tokens.READ, media_type=ZIP),
    Operation("acknowledge", f"{ONE}/acknowledgement", "/deliveries/{number}/acknowledgement", answers.acknowledge,
              NoQuery, Acknowledged, "Say that a package arrived; again is the same as once", WHERE,
              method="POST", takes=Acknowledgement, scope=tokens.ACKNOWLEDGE),
    Operation("corrections", f"{ONE}/corrections", "/deliveries/{number}/corrections", answers.corrections, NoQuery,
              Corrections, "Requests for correction and their answers", WHERE, scope=tokens.READ),
    Operation("request_correction", f"{ONE}/corrections", "/deliveries/{number}/corrections",
              answers.request_correction, NoQuery, Objection,
              "Ask for a correction; the same words again give the same request", WHERE,
              method="POST", takes=CorrectionRequest, scope=tokens.CORRECT),
)  # fmt: skip


def handler(operation: Operation) -> Callable[..., Response]:
    """What Flask calls for an operation: first the token, then the query, then the body."""

    def answer(**places: Any) -> Response:
        token = tokens.holder_of(request.headers.get("Authorization"), operation.scope)
        given = [query_of(operation.query), *([_body(operation.takes)] if operation.takes else [])]
        return _reply(operation.answer(token, *given, **places), operation)

    answer.__name__ = answer.__qualname__ = operation.name  # the limiter counts by name
    return limiter.limit(lambda: RATE)(answer)


for one in OPERATIONS:
    deliveries_api.add_url_rule(one.rule, one.name, handler(one), methods=[one.method])
ADDED.extend(OPERATIONS)


@deliveries_api.errorhandler(tokens.NoToken)
def ask_for_token(fault: tokens.NoToken) -> Response:
    """401 says how to come in (RFC 6750)."""
    told = {
        "title": fault.title,
        "status": int(fault.status),
        "detail": fault.message,
        "remedy": fault.remedy,
    }
    reply = make_response(told, fault.status)
    reply.content_type = PROBLEM_JSON
    reply.headers["WWW-Authenticate"] = 'Bearer realm="khaosat"'
    return reply


@deliveries_api.after_request
def for_nobody_else(reply: Response) -> Response:
    """No proxy keeps what one agency got."""
    reply.headers["Cache-Control"] = "private, no-store"
    return reply


def _body(wanted: type[Struct]) -> Any:
    if request.mimetype != JSON:
        raise NotJson("Nội dung gửi không phải JSON.", f"Gửi với Content-Type: {JSON}.")
    try:
        return msgspec.convert(DECODER.decode(request.get_data()), wanted)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadQuery(f"Nội dung gửi không hợp lệ: {error}.", "Xem /api/v1/openapi.json.") from error


def _reply(content: Any, operation: Operation) -> Response:
    if operation.media_type == JSON:
        return json_reply(content)
    reply = Response(content, content_type=operation.media_type)
    reply.headers["Content-Disposition"] = "attachment"
    return reply
