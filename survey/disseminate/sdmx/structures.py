"""The structures of a dataflow: concepts, codelists, data structure definition, dataflow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    ItemReference,
    Role,
    Schema,
)
from pysdmx.model.__base import MaintainableArtefact

from survey.cases.areas import area_names
from survey.cases.models import AreaKind
from survey.disseminate.sdmx.flows import (
    AGENCY,
    ATTRIBUTES,
    INDICATOR,
    NUMBERS,
    REF_AREA,
    TIME,
    TOTAL,
    VALUE,
    VERSION,
    Flow,
    code_id,
    identifier,
)
from survey.disseminate.wording import breakdowns_in, survey_title
from survey.process.labels import Labels, labels_of
from survey.process.service import recipe_used
from survey.text import in_language

Names = tuple[str, str]
"""In English, which SDMX's tools expect, and Vietnamese."""

CONCEPTS: Mapping[str, Names] = {
    INDICATOR: ("Indicator", "Chỉ tiêu"),
    REF_AREA: ("Reference area", "Vùng"),
    TIME: ("Time period", "Kỳ số liệu"),
    VALUE: ("Observation value", "Giá trị"),
    "STD_ERROR": ("Standard error", "Sai số chuẩn"),
    "CI_LOW": ("95 % confidence interval, lower limit", "Khoảng tin cậy 95 %, cận dưới"),
    "CI_HIGH": ("95 % confidence interval, upper limit", "Khoảng tin cậy 95 %, cận trên"),
    "CV": ("Coefficient of variation", "Hệ số biến thiên"),
    "DEFF": ("Design effect", "Hệ số thiết kế"),
    "N": ("Number of respondents", "Số người trả lời"),
    "TARGET": ("Target", "Mục tiêu"),
    "UNIT_MEASURE": ("Unit of measure", "Đơn vị tính"),
    "OBS_STATUS": ("Observation status", "Tình trạng quan sát"),
    "CONF_STATUS": ("Confidentiality status", "Tình trạng bảo mật"),
    "VERDICT": ("Whether the target is met", "Đạt mục tiêu hay không"),
    "SYNTHETIC": ("Whether answers were generated", "Số liệu mô phỏng hay không"),
    "OWNERS": ("Agencies that lead the indicator", "Cơ quan chủ trì"),
    "LEGAL_BASIS": ("Legal basis", "Căn cứ pháp lý"),
    "INSTRUMENT_HASH": ("SHA-256 of the questionnaire", "Mã băm phiếu hỏi"),
    "SNAPSHOT_HASH": ("SHA-256 of the data snapshot", "Mã băm dữ liệu đã chụp"),
    "RECIPE_HASH": ("SHA-256 of the processing plan", "Mã băm phương án tính"),
    "CODE_VERSION": ("Version of the program", "Phiên bản mã nguồn"),
}
STATUSES: Mapping[str, Mapping[str, Names]] = {
    "OBS_STATUS": {
        "A": ("Normal value", "Bình thường"),
        "U": ("Low reliability", "Độ tin cậy thấp"),
        "L": ("Not published", "Không công bố"),
    },
    "CONF_STATUS": {"F": ("Free", "Không hạn chế")},
}
ALL: Names = ("Total", "Tổng số")


@dataclass(frozen=True)
class Structures:
    """All artefacts of a flow; `vietnamese` has the second name of each: by list (or its own) and item id."""

    dataflow: Dataflow
    definition: DataStructureDefinition
    concepts: ConceptScheme
    codelists: Sequence[Codelist]
    vietnamese: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def schema(self) -> Schema:
        """What a message of data refers to."""
        return Schema("dataflow", AGENCY, self.dataflow.id, self.definition.components, VERSION)

    def __iter__(self) -> Iterator[MaintainableArtefact]:
        yield from (self.dataflow, self.definition, self.concepts, *self.codelists)


def structures_of(flow: Flow) -> Structures:
    """The structures of one survey's figures."""
    texts: dict[tuple[str, str], str] = {}
    labels = _labels(flow, "en"), _labels(flow, "vi")
    names = _concept_names(flow, labels)
    lists = {
        dimension: _codelist(flow, dimension, names[dimension], items, texts)
        for dimension, items in _items(flow, labels).items()
    }
    concepts = _concepts(flow, names, texts)
    components = Components(list(_components(flow, lists)))
    title = _both(lambda language: survey_title(flow.observations[0], language))
    for one in (flow.id, f"DSD_{flow.stem}"):
        texts[one, ""] = title[1]
    definition = DataStructureDefinition(
        id=f"DSD_{flow.stem}", name=title[0], agency=AGENCY, version=VERSION, components=components
    )
    dataflow = Dataflow(id=flow.id, name=title[0], agency=AGENCY, version=VERSION, structure=definition)
    return Structures(dataflow, definition, concepts, list(lists.values()), texts)


def _both(told: Callable[[str], str]) -> Names:
    return told("en"), told("vi")


def _items(flow: Flow, labels: tuple[Labels, Labels]) -> dict[str, dict[str, Names]]:
    """The codes of each coded component, with their names."""
    return {
        INDICATOR: _indicators(flow),
        REF_AREA: _areas(flow),
        **{identifier(name): _levels(flow, name, labels) for name in flow.breakdowns},
        **STATUSES,
    }


def _labels(flow: Flow, language: str) -> Labels:
    run = flow.observations[0].release.run
    return labels_of(run.round.instrument_version, recipe_used(run), language)


def _indicators(flow: Flow) -> dict[str, Names]:
    labels = {code_id(one.indicator): one.definition["label"] for one in flow.observations}
    return {code: (in_language(texts, "en"), in_language(texts, "vi")) for code, texts in labels.items()}


def _areas(flow: Flow) -> dict[str, Names]:
    """The areas that figures are for."""
    kinds = {
        entry["areas"]
        for one in flow.observations
        for entry in breakdowns_in(one).values()
        if "areas" in entry
    }
    known = {code: name for kind in sorted(kinds) for code, name in area_names(AreaKind(kind)).items()}
    known |= area_names(AreaKind.PROVINCE)
    return {area: (known.get(area, area),) * 2 for area in dict.fromkeys(flow.data[REF_AREA])}


def _levels(flow: Flow, name: str, labels: tuple[Labels, Labels]) -> dict[str, Names]:
    english, vietnamese = (one.levels.get(name, {}) for one in labels)
    named = {code_id(code): (english.get(code, code), text) for code, text in vietnamese.items()}
    used = {code: (code, code) for code in flow.data[identifier(name)]}
    return {**used, **named, TOTAL: ALL}


def _codelist(
    flow: Flow, dimension: str, name: Names, items: Mapping[str, Names], texts: dict[tuple[str, str], str]
) -> Codelist:
    own = f"CL_{dimension}" if dimension in STATUSES else f"CL_{dimension}_{flow.stem}"
    texts[own, ""] = name[1]
    texts |= {(own, code): names[1] for code, names in items.items()}
    codes = [Code(id=code, name=names[0]) for code, names in items.items()]
    return Codelist(id=own, name=name[0], agency=AGENCY, version=VERSION, items=codes)


def _concept_names(flow: Flow, labels: tuple[Labels, Labels]) -> dict[str, Names]:
    english, vietnamese = labels
    own = {
        identifier(name): (english.dimension(name), vietnamese.dimension(name)) for name in flow.breakdowns
    }
    return {**CONCEPTS, **own}


def _concepts(flow: Flow, names: Mapping[str, Names], texts: dict[tuple[str, str], str]) -> ConceptScheme:
    scheme = f"CS_{flow.stem}"
    texts |= {(scheme, code): both[1] for code, both in names.items()}
    items = [Concept(id=code, name=both[0]) for code, both in names.items()]
    return ConceptScheme(id=scheme, name="Concepts", agency=AGENCY, version=VERSION, items=items)


def _components(flow: Flow, lists: Mapping[str, Codelist]) -> Iterator[Component]:
    for name in flow.dimensions:
        yield _component(flow, name, Role.DIMENSION, lists)
    yield _component(flow, TIME, Role.DIMENSION, lists, DataType.PERIOD)
    yield _component(flow, VALUE, Role.MEASURE, lists, DataType.DOUBLE)
    for name in ATTRIBUTES:
        yield _component(flow, name, Role.ATTRIBUTE, lists, TYPES.get(name, DataType.STRING))


TYPES = dict.fromkeys(NUMBERS, DataType.DOUBLE) | {"N": DataType.INTEGER, "SYNTHETIC": DataType.BOOLEAN}
CODELIST_URN = "urn:sdmx:org.sdmx.infomodel.codelist.Codelist={agency}:{id}({version})"


def _component(
    flow: Flow, name: str, role: Role, lists: Mapping[str, Codelist], kind: DataType | None = None
) -> Component:
    """Figures and their attributes may be missing; what a key consists of may not."""
    codes = lists.get(name)
    concept = ItemReference(
        sdmx_type="Concept", agency=AGENCY, id=f"CS_{flow.stem}", version=VERSION, item_id=name
    )
    urn = CODELIST_URN.format(agency=AGENCY, id=codes.id, version=VERSION) if codes else None
    return Component(
        id=name,
        required=role == Role.DIMENSION,
        role=role,
        concept=concept,
        local_dtype=None if codes else kind,
        local_codes=codes,
        local_enum_ref=urn,
        attachment_level="O" if role == Role.ATTRIBUTE else None,
    )
