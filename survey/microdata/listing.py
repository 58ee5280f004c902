"""Microdata in the lists of open data: a count on the page, datasets in the DCAT-AP catalogue."""

from collections.abc import Iterable

from sqlalchemy import func, select

from survey.disseminate import caching, catalog
from survey.extensions import db
from survey.microdata.models import MicrodataFile, MicrodataRelease
from survey.microdata.papers import SYNTHETIC, title
from survey.microdata.plan import PUBLIC
from survey.microdata.service import is_newest
from survey.rounds.models import Round, Survey
from survey.signoff.models import SignOffStatus

LISTED = (".csv", ".parquet", ".dta", ".sav", ".xml")
ENGLISH = "anonymised microdata, version {version}"


def count_of(survey: str) -> int:
    """How many releases of a survey are public."""
    query = select(func.count()).select_from(MicrodataRelease).join(Round).join(Survey)
    query = query.where(Survey.code == survey, MicrodataRelease.status == SignOffStatus.PUBLISHED)
    return db.session.scalar(query) or 0


def stamp() -> object:
    """What tells one state of the public releases from another."""
    query = select(
        func.count(MicrodataRelease.id),
        func.max(MicrodataRelease.published_at),
        func.max(MicrodataRelease.withdrawn_at),
    )
    return tuple(db.session.execute(query).one())


def datasets() -> Iterable[catalog.Node]:
    """The newest public release of each period and level, as DCAT datasets."""
    query = select(MicrodataRelease).where(MicrodataRelease.status == SignOffStatus.PUBLISHED)
    public = list(db.session.scalars(query.order_by(MicrodataRelease.id)))
    return [_dataset(one) for one in public if is_newest(one, public)]


def _dataset(one: MicrodataRelease) -> catalog.Node:
    survey = one.round.survey.code
    page = catalog.absolute("microdata.release", survey=survey, release_id=one.id)
    name = title(one.run, one.level, one.version)
    about = f"{SYNTHETIC} {name}." if one.round.is_synthetic else f"{name}."
    assert one.published_at is not None
    rights = "PUBLIC" if one.access == PUBLIC else "RESTRICTED"
    design = one.run.recipe["design"]
    return catalog.dataset(
        page,
        {"vi": name, "en": f"{survey} {one.round.time_period}: {ENGLISH.format(version=one.version)}"},
        {"vi": about},
        issued=one.published_at,
        modified=one.published_at,
        periods=[one.round.time_period],
        places=[catalog.place(str((design.get("ref_area") or {}).get("code", catalog.PROVINCE)))],
        page=page,
        distributions=[_distribution(one, file, page) for file in one.files if file.name.endswith(LISTED)],
        more={
            "dct:identifier": f"{survey}-{one.level}-v{one.version}",
            "dcat:version": str(one.version),
            "dcat:keyword": catalog.texts({"vi": "vi dữ liệu ẩn danh", "en": "anonymised microdata"}),
            "dct:accessRights": catalog.authority("access-right", rights),
        },
    )


def _distribution(one: MicrodataRelease, file: MicrodataFile, page: str) -> catalog.Node:
    address = catalog.absolute(
        "microdata.file", survey=one.round.survey.code, release_id=one.id, name=file.name
    )
    assert one.published_at is not None
    node = catalog.distribution(
        address,
        {"vi": file.name, "en": file.name},
        file.media_type.partition(";")[0],
        page=page,
        size=file.size,
        sha256=file.sha256,
        issued=one.published_at,
    )
    if one.access != PUBLIC:
        del node["dcat:downloadURL"]  # the way leads over the terms
    return node


def register() -> None:
    """Put microdata into the lists that the room below keeps."""
    catalog.SOURCES.append(datasets)
    caching.STAMPS.append(stamp)


register()
