"""The signed package of a delivery: the figures in every format, a note, and a manifest that is signed.

The same lines for the same agency give the same bytes: all times in it are those of publication.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pysdmx.io.format import Format

from survey.delivery import note
from survey.delivery.models import Change
from survey.delivery.queues import Line, Queue
from survey.delivery.signature import Signer
from survey.delivery.verifying import how_to_verify
from survey.disseminate import export
from survey.disseminate.models import Observation
from survey.disseminate.sdmx.flows import Flow, flows_of
from survey.disseminate.sdmx.messages import data_message, structure_message
from survey.disseminate.sdmx.structures import structures_of
from survey.formats import local_day
from survey.text import defused

MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.json.sig", "khoa-cong-khai.pem"
SUMS, HOW = "SHA256SUMS", "cach-kiem-tra.txt"
DATA_FORMATS = {
    "sdmx-ml-2.1.xml": Format.DATA_SDMX_ML_2_1_GEN.value,
    "sdmx-ml-3.0.xml": Format.DATA_SDMX_ML_3_0.value,
    "sdmx.csv": Format.DATA_SDMX_CSV_2_0_0.value,
}
STRUCTURES = ("sdmx-ml-2.1.structure.xml", Format.STRUCTURE_SDMX_ML_2_1.value)
WITHDRAWN_COLUMNS = (
    "observation", "survey", "indicator", "registry", "label_vi", "ref_area", "time_period", "breakdown", "level",
    "note",
)  # fmt: skip
OWNER_READS = 0o644 << 16
LARGEST_LEVEL = 9


@dataclass(frozen=True)
class Package:
    """A ZIP with its number and the SHA-256 of its bytes."""

    number: str
    content: bytes
    sha256: str


def make_package(queue: Queue, signer: Signer) -> Package:
    """Pack and sign what an agency is to get; the queue has at least one line."""
    number, at = number_of(queue), last_change(queue.lines)
    files = dict(_files(queue, number, at))
    files[PUBLIC_KEY] = signer.public_pem
    files[HOW] = how_to_verify(signer.key_id).encode()
    files[SUMS] = _sums(files)
    manifest = _manifest(queue, number, at, files, signer.key_id)
    content = _zipped({MANIFEST: manifest, SIGNATURE: signer.sign(manifest), **files}, at)
    return Package(number, content, hashlib.sha256(content).hexdigest())


def number_of(queue: Queue) -> str:
    """`20261130-3F2A9C1B/GSL`: the day of the last change, and a digest of whom it goes to and what is in it."""
    told = [
        queue.agency.code,
        *(
            f"{line.change} {line.observation.id} {line.observation.published_at.timestamp()}"
            for line in queue.lines
        ),
    ]
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:8].upper()
    return f"{local_day(last_change(queue.lines)):%Y%m%d}-{digest}/GSL"


def last_change(lines: Sequence[Line]) -> datetime:
    """When the latest of the figures was published or withdrawn."""
    times = (line.observation.release.withdrawn_at or line.observation.published_at for line in lines)
    return max(times).astimezone(UTC).replace(microsecond=0)


def _files(queue: Queue, number: str, at: datetime) -> Iterator[tuple[str, bytes]]:
    there = [line.observation for line in queue.lines if line.change != Change.WITHDRAWN]
    gone = [line.observation for line in queue.of(Change.WITHDRAWN)]
    if there:
        yield from _figures(there, at)
    if gone:
        yield "so-lieu-rut-lai.csv", _taken_back(gone)
    yield "nguon-goc.json", export.lineage_json([*there, *gone])
    yield "phieu-gui.pdf", note.pdf_of(queue, number, at)


def _figures(figures: Sequence[Observation], at: datetime) -> Iterator[tuple[str, bytes]]:
    yield "so-lieu.csv", export.csv_bytes(figures)
    yield "so-lieu.xlsx", export.xlsx_bytes(figures)
    for flow in flows_of(figures):
        yield from _sdmx(flow, at)


def _taken_back(figures: Sequence[Observation]) -> bytes:
    """What is to be used no more, and why; its numbers are told to nobody again."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(WITHDRAWN_COLUMNS)
    for figure in figures:
        told = (
            figure.id, figure.survey, figure.indicator, figure.registry_code or "", figure.definition["label"]["vi"],
            figure.ref_area, figure.time_period, figure.dimension or export.TOTAL, figure.level or export.TOTAL,
            figure.release.public_note,
        )  # fmt: skip
        writer.writerow([defused(cell) for cell in told])
    return file.getvalue().encode("utf-8-sig")


def _sdmx(flow: Flow, at: datetime) -> Iterator[tuple[str, bytes]]:
    for suffix, kind in DATA_FORMATS.items():
        yield f"sdmx/{flow.survey}.{suffix}", data_message(flow, flow.data, kind, at).encode()
    suffix, kind = STRUCTURES
    structures = structures_of(flow)
    yield (
        f"sdmx/{flow.survey}.{suffix}",
        structure_message(structures, structures.vietnamese, kind, at).encode(),
    )


def _sums(files: Mapping[str, bytes]) -> bytes:
    """As `sha256sum -c` reads them."""
    return "".join(f"{_digest(content)}  {name}\n" for name, content in sorted(files.items())).encode()


def _manifest(queue: Queue, number: str, at: datetime, files: Mapping[str, bytes], key_id: str) -> bytes:
    told = {
        "number": number,
        "agency": {"code": queue.agency.code, "name": queue.agency.name},
        "until": at.isoformat(),
        "synthetic": queue.is_synthetic,
        "signature": {"algorithm": "Ed25519", "key_id": key_id, "file": SIGNATURE},
        "lines": [_line(line) for line in queue.lines],
        "files": [
            {"name": name, "bytes": len(content), "sha256": _digest(content)}
            for name, content in sorted(files.items())
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _line(line: Line) -> dict[str, object]:
    figure = line.observation
    return {
        "observation": figure.id,
        "change": str(line.change),
        "replaces": line.replaces.id if line.replaces else None,
        "indicator": figure.indicator,
        "registry": figure.registry_code,
        "time_period": figure.time_period,
        "breakdown": figure.dimension,
        "level": figure.level,
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _zipped(files: Mapping[str, bytes], at: datetime) -> bytes:
    """A ZIP whose bytes depend on nothing but names, contents and the time given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=LARGEST_LEVEL) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type, entry.external_attr, entry.create_system = (
                zipfile.ZIP_DEFLATED,
                OWNER_READS,
                3,
            )
            archive.writestr(entry, content)
    return buffer.getvalue()
