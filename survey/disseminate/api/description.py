"""The OpenAPI 3.1 description, made from the operations and their types."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from survey.disseminate.api.entities import Problem
from survey.disseminate.api.operations import Operation, described

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
REFERENCE = "#/components/schemas/{name}"
TOKEN = "token"
DESCRIPTION = (
    "Published indicators of Vĩnh Long's digital economy and society: read only, no key is needed. Figures marked"
    " `synthetic` come from generated answers and are not to be quoted. Every figure carries its lineage;"
    " `khaosat reproduce` computes it again. Deliveries to agencies need a token that the administrator gives."
)


@cache
def openapi() -> dict[str, Any]:
    """The whole document; its servers' address is relative, so that it holds under any host."""
    operations = described()
    schemas, components = msgspec.json.schema_components(
        [Problem, *(operation.gives for operation in operations)], ref_template=REFERENCE
    )
    problem, *given = schemas
    paths: dict[str, dict[str, Any]] = {}
    for operation, schema in zip(operations, given, strict=True):
        told = _operation(operation, schema, problem)
        paths.setdefault(operation.path, {})[operation.method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Khảo Sát Số",
            "version": "1",
            "description": DESCRIPTION,
        },
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {TOKEN: {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, schema: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    given = schema if operation.media_type == JSON else {}
    told = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*_places(operation), *_choices(operation)],
        "responses": {
            "200": _reply("As asked", operation.media_type, given),
            "400": _reply("Not understood", PROBLEM_JSON, problem),
            "404": _reply("Not there", PROBLEM_JSON, problem),
            **{status: _reply(words, PROBLEM_JSON, problem) for status, words in _further(operation).items()},
        },
    }
    if operation.takes:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": _body(operation.takes)}}}
    if operation.scope:
        told["security"] = [{TOKEN: []}]
        told["description"] = f"The token needs the scope `{operation.scope}`."
    return told


def _further(operation: Operation) -> dict[str, str]:
    """Answers that not every operation has."""
    token = {"401": "No token that holds", "403": "A token for other deeds", "429": "Too often"}
    body = {"413": "Too large", "415": "Not JSON"}
    return (token if operation.scope else {}) | (body if operation.takes else {})


def _body(taken: type[msgspec.Struct]) -> dict[str, Any]:
    _, components = msgspec.json.schema_components([taken], ref_template=REFERENCE)
    schema: dict[str, Any] = components[taken.__name__]
    return schema


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
