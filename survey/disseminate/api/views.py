"""The addresses of the API."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from msgspec import Struct

from survey.disseminate.api.description import JSON, openapi
from survey.disseminate.api.operations import OPERATIONS, Operation
from survey.disseminate.caching import revalidated
from survey.errors import Fault

api = Blueprint("api", __name__, url_prefix="/api/v1")


class BadQuery(Fault):
    title = "Yêu cầu chưa đúng"


def handler(operation: Operation) -> Callable[..., Response]:
    """What Flask calls for an operation."""

    def answer(**places: Any) -> Response:
        return json_reply(operation.answer(query_of(operation.query), **places))

    return revalidated(answer)


for one in OPERATIONS:
    api.add_url_rule(one.rule, one.name, handler(one), methods=["GET"])


@api.get("/openapi.json")
@revalidated
def description() -> Response:
    """What this API is."""
    return json_reply(openapi())


@api.after_request
def let_others_read(reply: Response) -> Response:
    """Open data: pages of other sites may read it."""
    reply.headers["Access-Control-Allow-Origin"] = "*"
    return reply


def query_of(wanted: type[Struct]) -> Any:
    """The query's parameters as its type; raise `BadQuery` for what is unknown, repeated or out of range."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise BadQuery(f"Tham số {', '.join(repeated)} được nêu nhiều lần.", "Mỗi tham số chỉ nêu một lần.")
    try:
        return msgspec.convert(request.args.to_dict(), wanted, strict=False)
    except msgspec.ValidationError as error:
        raise BadQuery(f"Tham số không hợp lệ: {error}.", "Xem /api/v1/openapi.json.") from error


def json_reply(content: Any) -> Response:
    """An answer as JSON."""
    return Response(msgspec.json.encode(content), content_type=JSON)
