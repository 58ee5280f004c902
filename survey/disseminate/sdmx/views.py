"""SDMX REST 2.1 (`/sdmx/2.1/…`) and 3.0 (`/sdmx/3.0/…`): structures and data for statistical tools."""

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import unquote

from flask import Blueprint, Response, request

from survey.disseminate.caching import revalidated
from survey.disseminate.sdmx import selection
from survey.disseminate.sdmx.flows import AGENCY, VERSION, Flow, flows
from survey.disseminate.sdmx.graph import ANY, KINDS, LATEST, RELATIONS, catalogue
from survey.disseminate.sdmx.messages import (
    DATA,
    FIRST,
    STRUCTURE,
    chosen,
    data_message,
    error_message,
    structure_message,
)
from survey.disseminate.sdmx.selection import BadSelection
from survey.errors import Fault, NotFound

sdmx = Blueprint("sdmx", __name__, url_prefix="/sdmx")
ERROR_TYPE = "application/xml; charset=utf-8"


class NotAcceptable(Fault):
    status = HTTPStatus.NOT_ACCEPTABLE
    title = "Không có định dạng này"


class NotOffered(Fault):
    status = HTTPStatus.NOT_IMPLEMENTED
    title = "Chưa hỗ trợ"


@sdmx.errorhandler(Fault)
def tell(fault: Fault) -> Response:
    """Faults as SDMX tools read them."""
    return Response(error_message(fault.status, str(fault)), fault.status, content_type=ERROR_TYPE)


@sdmx.after_request
def for_everyone(reply: Response) -> Response:
    """The same address gives other formats to other readers; pages of other sites may read."""
    reply.vary.add("Accept")
    reply.headers["Access-Control-Allow-Origin"] = "*"
    return reply


@sdmx.get("/2.1/data/<flow>", strict_slashes=False)
@sdmx.get("/2.1/data/<flow>/<key>", strict_slashes=False)
@sdmx.get("/2.1/data/<flow>/<key>/<provider>", strict_slashes=False)
@revalidated
def data_21(flow: str, key: str = "all", provider: str = "all") -> Response:
    """Data of `AGENCY,ID,VERSION` (or the id alone) by key."""
    agency, name, version = _flow_reference(flow)
    return _data(_flow(agency, name, version), key, "2.1")


@sdmx.get("/3.0/data/dataflow/<agency>/<name>/<version>", strict_slashes=False)
@sdmx.get("/3.0/data/dataflow/<agency>/<name>/<version>/<key>", strict_slashes=False)
@revalidated
def data_30(agency: str, name: str, version: str, key: str = "*") -> Response:
    """Data of one dataflow by key and by `c[COMPONENT]=…`."""
    return _data(_flow(agency, name, version), key, "3.0")


@sdmx.get("/2.1/<kind>", strict_slashes=False)
@sdmx.get("/2.1/<kind>/<agency>", strict_slashes=False)
@sdmx.get("/2.1/<kind>/<agency>/<name>", strict_slashes=False)
@sdmx.get("/2.1/<kind>/<agency>/<name>/<version>", strict_slashes=False)
@revalidated
def structure_21(kind: str, agency: str = "all", name: str = "all", version: str = "latest") -> Response:
    """Structures of a kind; `structure` for all kinds."""
    kinds = list(KINDS.values()) if kind == "structure" else [kind]
    return _structures(kinds, agency, name, version, "2.1")


@sdmx.get("/3.0/structure/<kind>", strict_slashes=False)
@sdmx.get("/3.0/structure/<kind>/<agency>", strict_slashes=False)
@sdmx.get("/3.0/structure/<kind>/<agency>/<name>", strict_slashes=False)
@sdmx.get("/3.0/structure/<kind>/<agency>/<name>/<version>", strict_slashes=False)
@revalidated
def structure_30(kind: str, agency: str = "*", name: str = "*", version: str = "~") -> Response:
    """Structures of a kind; `*` for all kinds."""
    kinds = list(KINDS.values()) if kind == "*" else kind.split(",")
    return _structures(kinds, agency, name, version, "3.0")


def _structures(kinds: list[str], agency: str, name: str, version: str, interface: str) -> Response:
    if not set(kinds) & set(KINDS.values()):
        raise NotOffered(
            f"Không có cấu trúc loại {', '.join(kinds)[:60]}.", f"Có: {', '.join(KINDS.values())}."
        )
    references = request.args.get("references", "none")
    if references not in (*RELATIONS, *KINDS.values()):
        raise BadSelection(f"references={references[:40]} không hợp lệ.", f"Chọn: {', '.join(RELATIONS)}.")
    kind = _format(STRUCTURE, FIRST[interface][1])
    there = catalogue()
    artefacts = there.with_references(there.find(kinds, agency, name, version), references)
    return Response(structure_message(artefacts, there.vietnamese, kind), content_type=kind)


def _data(flow: Flow, key: str, interface: str) -> Response:
    asked = request.args
    rows = selection.by_key(flow, flow.data, unquote(key))
    rows = selection.by_components(flow, rows, asked)
    rows = selection.by_period(rows, asked.get("startPeriod", ""), asked.get("endPeriod", ""))
    if rows.empty:
        raise NotFound("Không có số liệu như yêu cầu.", "Bớt điều kiện lọc.")
    rows = selection.in_detail(rows, flow.dimensions, asked.get("detail", "full"))
    kind = _format(DATA, FIRST[interface][0])
    return Response(data_message(flow, rows, kind), content_type=kind)


def _format(offered: Iterable[str], first: str) -> str:
    kinds = list(offered)
    kind = chosen(request.accept_mimetypes, kinds, first)
    if kind is None:
        raise NotAcceptable("Không có định dạng như Accept yêu cầu.", f"Có: {', '.join(kinds)}.")
    return kind


def _flow_reference(text: str) -> tuple[str, str, str]:
    """`AGENCY,ID,VERSION`, `AGENCY,ID` or `ID`."""
    parts = text.split(",")
    if len(parts) == 1:
        return "all", parts[0], "latest"
    return parts[0], parts[1], parts[2] if len(parts) > 2 else "latest"


def _flow(agency: str, name: str, version: str) -> Flow:
    known = agency in (AGENCY, *ANY) and version in (VERSION, *ANY, *LATEST)
    found = next((flow for flow in flows() if known and flow.id == name), None)
    if found is None:
        raise NotFound(f"Không có luồng số liệu {agency}:{name}({version}).", "Xem /sdmx/2.1/dataflow.")
    return found
