"""The OpenAPI 3.1 description, made from the operations and their types."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from survey.disseminate.api.entities import Problem
from survey.disseminate.api.operations import OPERATIONS, Operation

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
REFERENCE = "#/components/schemas/{name}"
DESCRIPTION = (
    "Published indicators of Vĩnh Long's digital economy and society. Read only; no key is needed. Figures marked"
    " `synthetic` come from generated answers and are not to be quoted. Every figure carries its lineage;"
    " `khaosat reproduce` computes it again."
)


@cache
def openapi() -> dict[str, Any]:
    """The whole document; its servers' address is relative, so that it holds under any host."""
    schemas, components = msgspec.json.schema_components(
        [Problem, *(operation.gives for operation in OPERATIONS)], ref_template=REFERENCE
    )
    problem, *given = schemas
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Khảo Sát Số",
            "version": "1",
            "description": DESCRIPTION,
        },
        "servers": [{"url": "/api/v1"}],
        "paths": {
            operation.path: {"get": _operation(operation, schema, problem)}
            for operation, schema in zip(OPERATIONS, given, strict=True)
        },
        "components": {"schemas": components},
    }


def _operation(operation: Operation, schema: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    replies = {
        "200": _reply("As asked", JSON, schema),
        "400": _reply("Not understood", PROBLEM_JSON, problem),
    }
    if operation.places:
        replies["404"] = _reply("Not there", PROBLEM_JSON, problem)
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*_places(operation), *_choices(operation)],
        "responses": {
            "200": _reply("As asked", JSON, schema),
            "400": _reply("Not understood", PROBLEM_JSON, problem),
            "404": _reply("Not there", PROBLEM_JSON, problem),
        },
    }


def _reply(words: str, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {media_type: {"schema": schema}}}


def _places(operation: Operation) -> Iterator[dict[str, Any]]:
    for name, schema in operation.places.items():
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _choices(operation: Operation) -> Iterator[dict[str, Any]]:
    """The query's fields as parameters."""
    _, components = msgspec.json.schema_components([operation.query], ref_template=REFERENCE)
    for name, schema in components[operation.query.__name__]["properties"].items():
        words = {"description": schema.pop("description")} if "description" in schema else {}
        yield {"name": name, "in": "query", "required": False, "schema": schema, **words}
