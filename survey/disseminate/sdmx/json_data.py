"""Data as SDMX-JSON 2.0, which pysdmx reads but does not write."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from pysdmx.model import Codelist, Component, Role

from survey.disseminate.sdmx.flows import AGENCY, TIME, VERSION
from survey.disseminate.sdmx.structures import Structures

SCHEMA = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
FLOW_URN = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={agency}:{id}({version})"
LANGUAGES = ["en", "vi"]


def json_data(structures: Structures, data: pd.DataFrame) -> str:
    """A message whose observations stand under the places of their dimensions' values: `0:0:1`."""
    components = [one for one in structures.definition.components if one.id in data]
    values = {one.id: list(dict.fromkeys(data[one.id])) for one in components if _is_listed(one)}
    places = {name: {value: place for place, value in enumerate(listed)} for name, listed in values.items()}
    urn = FLOW_URN.format(agency=AGENCY, id=structures.dataflow.id, version=VERSION)
    links = [{"urn": urn, "rel": "dataflow"}]
    message = {
        "meta": _meta(),
        "data": {
            "structures": [
                {"links": links, "dataSets": [0], **_structure(structures, components, values)}
            ],
            "dataSets": [{"structure": 0, "links": links, "action": "Information",
                          "observations": dict(_observations(components, places, data))}],
        },
    }  # fmt: skip
    return json.dumps(message, ensure_ascii=False)


def _is_listed(component: Component) -> bool:
    """Whether its values are given once, and stand in the observations by their places."""
    return component.role == Role.DIMENSION or component.local_codes is not None


def _meta() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "schema": SCHEMA,
        "id": f"KS{now:%Y%m%dT%H%M%S%f}",
        "prepared": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "contentLanguages": LANGUAGES,
        "sender": {"id": AGENCY},
    }


ROLES = {Role.DIMENSION: "dimensions", Role.MEASURE: "measures", Role.ATTRIBUTE: "attributes"}


def _structure(
    structures: Structures, components: list[Component], values: Mapping[str, list[Any]]
) -> dict[str, Any]:
    parts: dict[str, Any] = {name: {"observation": []} for name in ROLES.values()}
    for place, component in enumerate(components):
        told = _component(structures, component, values.get(component.id))
        if component.role == Role.DIMENSION:
            told["keyPosition"] = place
        if component.role == Role.ATTRIBUTE:
            told["relationship"] = {"observation": {}}
        parts[ROLES[component.role]]["observation"].append(told)
    return parts


def _component(structures: Structures, component: Component, values: list[Any] | None) -> dict[str, Any]:
    concept = structures.concepts[component.id]
    assert concept is not None
    told = {"id": component.id, **_names(structures, structures.concepts.id, component.id, concept.name)}
    if component.id == TIME:
        told["roles"] = [TIME]
    if values is not None:
        told["values"] = [_value(structures, component, value) for value in values]
    return told


def _value(structures: Structures, component: Component, value: Any) -> dict[str, Any]:
    codes = component.local_codes
    if not isinstance(codes, Codelist):
        return {"value": str(value)}
    code = codes[value]
    return {"id": value, **_names(structures, codes.id, value, code.name if code else value)}


def _names(structures: Structures, owner: str, item: str, english: str | None) -> dict[str, Any]:
    both = {"en": english or item, "vi": structures.vietnamese.get((owner, item), english or item)}
    return {"name": both["en"], "names": both}


def _observations(
    components: list[Component], places: Mapping[str, Mapping[Any, int]], data: pd.DataFrame
) -> Iterator[tuple[str, list[Any]]]:
    key = [one.id for one in components if one.role == Role.DIMENSION]
    told = [one for one in components if one.role != Role.DIMENSION]
    for row in data.to_dict("records"):
        place = ":".join(str(places[name][row[name]]) for name in key)
        yield place, [_cell(one, row[one.id], places) for one in told]


def _cell(component: Component, value: Any, places: Mapping[str, Mapping[Any, int]]) -> Any:
    """The place of a code; a number or text as it is; None for what is missing."""
    if component.id in places:
        return places[component.id][value]
    return None if value == "" or pd.isna(value) else value
