"""The areas of the merged province and the crosswalk from what was before."""

from flask import Flask
from sqlalchemy import func, select

from survey.cases.areas import load_areas
from survey.cases.models import Area, AreaKind, AreaLink
from survey.extensions import db


def test_areas_are_loaded_once(app: Flask) -> None:
    with app.app_context():
        load_areas()
        db.session.commit()
        assert load_areas() == 1 + 3 + 26 + 354 + 124
        counts = dict(db.session.execute(select(Area.kind, func.count()).group_by(Area.kind)).all())
    assert counts == {
        "province": 1,
        "province_old": 3,
        "district_old": 26,
        "commune_old": 354,
        "commune": 124,
    }


def test_every_old_commune_has_a_successor_and_five_were_divided(app: Flask) -> None:
    with app.app_context():
        load_areas()
        links = db.session.execute(
            select(AreaLink.predecessor_id, func.count(), func.min(AreaLink.relation)).group_by(
                AreaLink.predecessor_id
            )
        ).all()
    assert len(links) == 354
    assert sorted(relation for _, count, relation in links if count > 1) == ["part"] * 5


def test_districts_ended_with_the_merger_and_communes_began(app: Flask) -> None:
    with app.app_context():
        load_areas()
        districts = db.session.scalars(select(Area).where(Area.kind == AreaKind.DISTRICT_OLD)).all()
        communes = db.session.scalars(select(Area).where(Area.kind == AreaKind.COMMUNE)).all()
        assert {area.valid_to for area in districts} == {area.valid_from for area in communes}
        assert all(area.search_name.isascii() for area in (*districts, *communes))
