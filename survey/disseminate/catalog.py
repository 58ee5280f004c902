"""The catalogue of open data as DCAT-AP 3.0 in JSON-LD, for data portals that harvest it.

Sources: W3C DCAT 3 (Recommendation, 2024) and DCAT-AP 3.0 (semiceu.github.io/DCAT-AP/releases/3.0.0).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app, request, url_for

from survey.cases.areas import area_names
from survey.cases.models import AreaKind
from survey.config import Settings
from survey.disseminate import export, pages
from survey.disseminate.models import Observation
from survey.disseminate.sdmx.selection import BadSelection, span
from survey.disseminate.wording import survey_title
from survey.process.labels import in_language
from survey.rounds.models import Purpose

MEDIA_TYPE = "application/ld+json"
PROVINCE = "86"
LANGUAGES = {"vi": "VIE", "en": "ENG"}
AUTHORITY = "http://publications.europa.eu/resource/authority"
IANA = "https://www.iana.org/assignments/media-types"
SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
NO_LICENSE = {
    "vi": "Giấy phép sử dụng lại: chưa quy định. Muốn sử dụng lại ngoài điều luật cho phép, hỏi nơi công bố.",
    "en": "No licence for re-use has been laid down yet. Beyond what law allows, ask the publisher first.",
}
SYNTHETIC = {
    "vi": "SỐ LIỆU MÔ PHỎNG: người trả lời do máy tạo ra để thử hệ thống; không được trích dẫn.",
    "en": "SYNTHETIC DATA: the respondents were generated to try out the system; not to be quoted.",
}
TITLE = {"vi": "Dữ liệu mở Khảo Sát Số, tỉnh Vĩnh Long", "en": "Khảo Sát Số open data, Vĩnh Long province"}
ABOUT = {
    "vi": "Số liệu điều tra kinh tế số, xã hội số đã công bố, mỗi con số kèm sai số, cỡ mẫu, định nghĩa và nguồn gốc.",
    "en": "Published survey statistics of the digital economy and society, with errors, sample sizes and lineage.",
}
FIGURES = {"vi": "số liệu đã công bố", "en": "published figures"}
Texts = Mapping[str, str]
Node = dict[str, Any]

SOURCES: list[Callable[[], Iterable[Node]]] = []
"""Rooms above this one add what makes the nodes of their own datasets."""


def catalog() -> Node:
    """The whole catalogue; every address in it is absolute."""
    found = [dataset_of(one) for one in pages.datasets()]
    found += [node for source in SOURCES for node in source()]
    changed = [node["dct:modified"] for node in found]
    return {
        "@context": CONTEXT,
        "@id": absolute("disseminate.catalogue"),
        "@type": "dcat:Catalog",
        "dct:title": texts(TITLE),
        "dct:description": texts(ABOUT),
        "dct:publisher": publisher(),
        "dct:language": [authority("language", code) for code in LANGUAGES.values()],
        "dct:spatial": [place(PROVINCE)],
        "foaf:homepage": {"@id": absolute("disseminate.open_data")},
        **rights(),
        **({"dct:modified": max(changed, key=lambda moment: moment["@value"])} if changed else {}),
        "dcat:dataset": found,
    }


def dataset_of(found: pages.Dataset) -> Node:
    """The published figures of one survey."""
    figures = found.figures
    title = {lang: f"{survey_title(figures[0], lang)}: {FIGURES[lang]}" for lang in LANGUAGES}
    about = {lang: _about(figures, lang) for lang in LANGUAGES}
    names = {figure.indicator: figure.definition["label"] for figure in figures}
    keywords = [node for label in names.values() for node in texts(label)]
    times = [figure.published_at for figure in figures]
    page = absolute("disseminate.open_data")
    return dataset(
        f"{page}#{found.survey}",
        title,
        about,
        issued=min(times),
        modified=max(times),
        periods=[figure.time_period for figure in figures],
        places=[place(code) for code in dict.fromkeys(figure.ref_area for figure in figures)],
        page=page,
        distributions=[_file(found, suffix) for suffix in export.WRITERS],
        more={"dct:identifier": found.survey, "dcat:keyword": keywords},
    )


def dataset(
    identity: str,
    title: Texts,
    about: Texts,
    *,
    issued: datetime,
    modified: datetime,
    periods: Iterable[str],
    places: Sequence[Node],
    page: str,
    distributions: Sequence[Node],
    more: Mapping[str, Any],
) -> Node:
    """A dataset with what DCAT-AP asks of each."""
    return {
        "@id": identity,
        "@type": "dcat:Dataset",
        "dct:title": texts(title),
        "dct:description": texts(about),
        "dct:publisher": publisher(),
        "dcat:contactPoint": contact(),
        "dct:issued": _moment(issued),
        "dct:modified": _moment(modified),
        "dct:temporal": [time for period in sorted(set(periods)) for time in _temporal(period)],
        "dct:spatial": list(places),
        "dct:language": [authority("language", code) for code in LANGUAGES.values()],
        "dcat:theme": [authority("data-theme", "SOCI"), authority("data-theme", "TECH")],
        "dct:accessRights": authority("access-right", "PUBLIC"),
        "dcat:landingPage": {"@id": page, "@type": "foaf:Document"},
        "dcat:distribution": list(distributions),
        **more,
    }


def distribution(
    address: str, name: Texts, media_type: str, *, page: str, size: int, sha256: str, issued: datetime
) -> Node:
    """A file of a dataset; `page` is where people find it."""
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": texts(name),
        "dcat:accessURL": {"@id": page},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": f"{IANA}/{media_type}", "@type": "dct:MediaType"},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(size)},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": SHA256},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": sha256},
        },
        "dct:issued": _moment(issued),
        "dcatap:availability": authority("planned-availability", "STABLE"),
        **rights(),
    }


def _file(found: pages.Dataset, suffix: str) -> Node:
    content = export.WRITERS[suffix](found.figures)
    label = export.NAMES[suffix]
    return distribution(
        absolute("disseminate.survey_file", survey=found.survey, suffix=suffix),
        {"vi": label["vi"], "en": label["en"]},
        export.MEDIA_TYPES[suffix].partition(";")[0],
        page=absolute("disseminate.open_data"),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        issued=max(figure.published_at for figure in found.figures),
    )


def rights() -> Node:
    """The licence, or a statement that there is none yet."""
    address = _settings().license
    return {"dct:license": {"@id": address}} if address else {"dct:rights": texts(NO_LICENSE)}


def publisher() -> Node:
    """Who answers for the data."""
    return {"@id": f"{_base()}/#publisher", "@type": "foaf:Agent", "foaf:name": _settings().publisher}


def contact() -> Node:
    """Where questions go: the mail address of the settings, else the page for opinions and complaints."""
    mail = _settings().contact
    way = (
        {"vcard:hasEmail": {"@id": f"mailto:{mail}"}}
        if mail
        else {"vcard:hasURL": {"@id": f"{_base()}/y-kien"}}
    )
    return {
        "@id": f"{_base()}/#contact",
        "@type": "vcard:Organization",
        "vcard:fn": _settings().publisher,
        **way,
    }


def place(code: str) -> Node:
    """A province, or another area that a survey is about, by name and code."""
    name = area_names(AreaKind.PROVINCE).get(code, code)
    return {"@type": "dct:Location", "skos:prefLabel": texts({"vi": name}), "dct:identifier": code}


def texts(by_language: Texts) -> list[Node]:
    """A text in each language that has it."""
    return [{"@language": lang, "@value": text} for lang, text in by_language.items() if text]


def absolute(endpoint: str, **values: Any) -> str:
    """An address of this service as the world writes it."""
    return _base() + url_for(endpoint, **values).removeprefix(request.script_root)


def _base() -> str:
    return _settings().public_url or request.url_root.rstrip("/")


def _settings() -> Settings:
    settings: Settings = current_app.config["KHAOSAT"]
    return settings


def _about(figures: Sequence[Observation], lang: str) -> str:
    """Whom the figures are about, and a warning where nobody answered."""
    design = figures[0].release.run.recipe["design"]
    about = in_language(design.get("population") or {}, lang) or survey_title(figures[0], lang)
    warning = SYNTHETIC[lang] if any(figure.is_synthetic for figure in figures) else ""
    checked = CHECKED[lang] if figures[0].purpose == Purpose.VERIFICATION else ""
    return " ".join(part for part in (warning, checked, f"{about.rstrip('.')}.") if part)


CHECKED = {
    "vi": "Khảo sát có thật của nước khác, tính lại để kiểm chứng phương pháp.",
    "en": "A real survey of another country, recomputed to verify the method.",
}


def _temporal(period: str) -> list[Node]:
    try:
        start, end = span(period)
    except BadSelection:  # a round without a period says nothing of its time
        return []
    days = {"dcat:startDate": start, "dcat:endDate": end}
    return [
        {"@type": "dct:PeriodOfTime"}
        | {name: {"@type": "xsd:date", "@value": day.isoformat()} for name, day in days.items()}
    ]


def _moment(moment: datetime) -> Node:
    return {"@type": "xsd:dateTime", "@value": moment.isoformat()}


def authority(table: str, code: str) -> Node:
    """An entry of the controlled vocabularies that DCAT-AP names."""
    return {"@id": f"{AUTHORITY}/{table}/{code}"}
