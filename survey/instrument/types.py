"""Question types: their kinds, and their many spellings under one name each."""

from __future__ import annotations

METADATA = frozenset(
    [
        "start",
        "end",
        "today",
        "deviceid",
        "subscriberid",
        "simserial",
        "phonenumber",
        "username",
        "email",
        "audit",
        "start-geopoint",
        "background-audio",
        "background-geopoint",
        "instanceID",
        "instanceName",
    ]
)
SELECTS_ONE = frozenset({"select_one"})
SELECTS_MANY = frozenset({"select_multiple", "rank"})
MEDIA_TYPES = frozenset({"image", "audio", "video", "file", "background-audio", "audit"})
SILENT = frozenset({"calculate", "hidden"})
NAMES = {
    "select one": "select_one",
    "select1": "select_one",
    "select_one": "select_one",
    "select one external": "select_one",
    "select all that apply": "select_multiple",
    "select_multiple": "select_multiple",
    "rank": "rank",
    "photo": "image",
    "location": "geopoint",
    "gps": "geopoint",
    "datetime": "dateTime",
    "date time": "dateTime",
    "int": "integer",
    "string": "text",
    "trigger": "acknowledge",
    "imei": "deviceid",
}
BY_BIND = {
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "dateTime",
    "geopoint": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
    "binary": "file",
}
KEPT = (
    frozenset(
        [
            "text",
            "integer",
            "decimal",
            "range",
            "date",
            "time",
            "dateTime",
            "geopoint",
            "geotrace",
            "geoshape",
            "image",
            "audio",
            "video",
            "file",
            "barcode",
            "note",
            "acknowledge",
            "calculate",
            "hidden",
            "select_one",
            "select_multiple",
            "rank",
        ]
    )
    | METADATA
)


def type_name(kind: str, bind_type: str, control_tag: str, name: str) -> str:
    """The house's name of a type: pyxform's aliases are folded, strange ones judged by their bind."""
    if name == "instanceID" and kind == "calculate":
        return "instanceID"
    kind = NAMES.get(kind, kind)
    if kind in KEPT:
        return kind
    for mark, folded in (("note", "note"), ("calculate", "calculate"), ("acknowledge", "acknowledge")):
        if mark in kind:
            return folded
    return BY_BIND.get(bind_type, "text")
