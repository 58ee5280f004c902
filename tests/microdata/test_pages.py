"""From a published run to files that the public takes, through the pages: drafts, two signatures, terms, withdrawal."""

import json
import re

import pytest
from rdflib import DCAT, RDF, Graph

from survey.accounts.models import AuditEvent, Role
from survey.demo.microdata import release_microdata
from survey.disseminate import service as dissemination
from survey.extensions import db
from survey.microdata.models import MicrodataRelease
from survey.signoff import service as signoff
from tests.microdata.sampled import person, run_of
from tests.microdata.sampled_plans import AGE_BANDS
from tests.staff import read, send, signed_in, token, words

PUBLIC = "/du-lieu/dien-thoai/vi-du-lieu"
FORM = {
    "variables-0-name": "sex", "variables-0-take": "y", "variables-0-role": "key", "variables-0-recode": "",
    "variables-1-name": "age", "variables-1-take": "y", "variables-1-role": "key", "variables-1-recode": AGE_BANDS,
    "variables-2-name": "smartphone", "variables-2-take": "y", "variables-2-role": "other", "variables-2-recode": "",
    "k": "3", "l": "2", "suppress": "y", "design": "replicates", "access": "terms",
}  # fmt: skip


@pytest.fixture
def lan(app, run_id):
    return signed_in(app, "lan")


@pytest.fixture
def draft(lan, run_id):
    """The address of a draft."""
    address = f"/vi-du-lieu/luot/{run_id}/adult"
    answer = send(lan, address, **FORM)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


@pytest.fixture
def public(app, lan, draft):
    """The address of a release that two people signed."""
    assert send(lan, draft, f"{draft}/de-nghi").status_code == 303
    minh = signed_in(app, "minh")
    assert send(minh, draft, f"{draft}/ky").status_code == 303
    return f"{PUBLIC}/{draft.rpartition('/')[2]}"


def test_the_desk_leads_to_the_form_and_the_form_to_a_draft(lan, run_id, draft):
    assert f"/vi-du-lieu/luot/{run_id}/adult" in read(lan, "/vi-du-lieu/").xpath("//a/@href")
    page = read(lan, draft)
    assert "bản nháp" in words(page) and "15–17" in words(page)
    file = page.xpath("//a[contains(@href, 'v1.csv')]/@href")[0]
    with lan.get(file) as answer:
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    form = read(lan, f"/vi-du-lieu/luot/{run_id}/adult")  # the next one starts from this one
    assert form.xpath("//input[@value=$bands]", bands=AGE_BANDS)


def test_nothing_is_public_before_two_people_signed(app, lan, draft, client):
    number = draft.rpartition("/")[2]
    assert client.get(f"{PUBLIC}/{number}").status_code == 404
    assert send(lan, draft, f"{draft}/de-nghi").status_code == 303
    assert lan.post(f"{draft}/ky", data={}).status_code == 400  # no token
    assert send(lan, draft, f"{draft}/ky").status_code == 403  # the same person
    assert client.get(f"{PUBLIC}/{number}").status_code == 404
    assert "Chưa có vi dữ liệu" in words(read(client, PUBLIC))
    with app.app_context():
        assert db.session.get_one(MicrodataRelease, int(number)).status == "checked"


def test_files_are_given_after_the_terms(app, client, public):
    name = "dien-thoai-2026-adult-v1.csv"
    assert client.get(f"{public}/tep/{name}").status_code == 403
    page = read(client, public)
    assert not page.xpath("//a[@download]") and name in words(page)
    assert send(client, public, f"{public}/dong-y").status_code == 422
    assert send(client, public, f"{public}/dong-y", agreed="y").status_code == 303
    links = read(client, public).xpath("//a[@download]/@href")
    assert len(links) == 12
    for link in links:
        with client.get(link) as answer:
            assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith(
                "attachment"
            )
    with client.get(f"{public}/tep/{name}") as first:
        assert "final_weight" in first.text and "private" in first.headers["Cache-Control"]
    with client.get(f"{public}/tep/{name}", headers={"If-None-Match": first.headers["ETag"]}) as again:
        assert again.status_code == 304
    with app.app_context():
        trail = [event.action for event in db.session.query(AuditEvent).order_by(AuditEvent.id)]
    assert trail[-4:] == [
        "microdata.propose",
        "microdata.approve",
        "microdata.publish",
        "microdata.agree",
    ] or (
        {"microdata.make", "microdata.propose", "microdata.approve", "microdata.publish", "microdata.agree"}
        <= set(trail)
    )


def test_the_lists_of_open_data_know_it_at_once(client, lan, draft, app):
    before = client.get("/du-lieu")
    catalogue = client.get("/du-lieu/catalog.jsonld")
    send(lan, draft, f"{draft}/de-nghi")
    send(signed_in(app, "minh"), draft, f"{draft}/ky")
    after = client.get("/du-lieu", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and PUBLIC in after.text
    again = client.get("/du-lieu/catalog.jsonld", headers={"If-None-Match": catalogue.headers["ETag"]})
    with pytest.warns(DeprecationWarning):  # rdflib's own JSON-LD reader
        graph = Graph().parse(data=again.text, format="json-ld")
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 2
    found = next(n for n in json.loads(again.text)["dcat:dataset"] if "version" in str(n["dct:title"]))
    assert found["dct:accessRights"]["@id"].endswith("/RESTRICTED")
    assert not any("dcat:downloadURL" in node for node in found["dcat:distribution"])


def test_a_public_use_file_needs_no_terms(app, lan, run_id, client):
    draft = send(lan, f"/vi-du-lieu/luot/{run_id}/adult", **{**FORM, "access": "public"}).headers["Location"]
    send(lan, draft, f"{draft}/de-nghi")
    send(signed_in(app, "minh"), draft, f"{draft}/ky")
    page = read(client, f"{PUBLIC}/{draft.rpartition('/')[2]}")
    with client.get(page.xpath("//a[@download]/@href")[0]) as answer:
        assert answer.status_code == 200


def test_versions_follow_each_other_and_the_older_one_says_so(app, lan, run_id, client, public):
    again = send(lan, f"/vi-du-lieu/luot/{run_id}/adult", **FORM).headers["Location"]
    send(lan, again, f"{again}/de-nghi")
    send(signed_in(app, "minh"), again, f"{again}/ky")
    assert "phiên bản 2" in words(read(client, PUBLIC)) and "Đã có bản mới hơn" in words(read(client, PUBLIC))
    assert "Đã có bản mới hơn" in words(read(client, public))
    told = re.search(r"SHA-256 ([0-9a-f]{16})", words(read(client, public)))
    with app.app_context():
        first = db.session.query(MicrodataRelease).filter_by(version=1).one()
        files = {file.name: file.sha256 for file in first.files}
    assert told and files["dien-thoai-2026-adult-v1.csv"].startswith(told[1])


def test_what_is_withdrawn_says_why_and_gives_no_files(app, client, public):
    send(client, public, f"{public}/dong-y", agreed="y")
    minh, desk = signed_in(app, "minh"), f"/vi-du-lieu/ban/{public.rpartition('/')[2]}"
    assert send(minh, desk, f"{desk}/rut-lai", reason="", public_note="").status_code == 422
    note = "<script>alert(1)</script> Sai nhãn biến tuổi."
    assert send(minh, desk, f"{desk}/rut-lai", reason="sai", public_note=note).status_code == 303
    assert (
        "Sai nhãn biến tuổi" in words(read(client, public)) and "<script>alert" not in client.get(public).text
    )
    assert client.get(f"{public}/tep/dien-thoai-2026-adult-v1.csv").status_code == 410


def test_what_stays_under_the_thresholds_is_refused_with_its_report(lan, run_id):
    address = f"/vi-du-lieu/luot/{run_id}/adult"
    fields = {**FORM, "variables-1-recode": ""}
    del fields["suppress"]
    answer = send(lan, address, **fields)
    assert answer.status_code == 422 and "dưới k = 3" in answer.text and "Trước" in answer.text


WRONG = [
    {"variables-0-name": "remark"},
    {"variables-0-name": "\x00"},
    {"variables-0-role": "root"},
    {"variables-1-recode": "'; DROP TABLE run; --"},
    {"variables-1-recode": "1" * 1_000_000},
    {"variables-1-recode": "\u202e15, 30\ud800".encode("utf-8", "surrogatepass")},
    {"k": "1"},
    {"k": "tám"},
    {"l": "-1"},
    {"design": "all"},
    {"access": ""},
]


def test_hostile_and_wrong_forms_are_answered_and_change_nothing(app, lan, run_id):
    address = f"/vi-du-lieu/luot/{run_id}/adult"
    key = token(lan, address)
    for wrong in WRONG:
        answer = lan.post(address, data={"csrf_token": key, **FORM, **wrong})
        assert answer.status_code == 422, wrong
    with app.app_context():
        assert db.session.query(MicrodataRelease).count() == 0


def test_what_is_not_there_is_not_found(client, lan, run_id):
    for address in (
        "/du-lieu/khong-co/vi-du-lieu", f"{PUBLIC}/999999", f"{PUBLIC}/99999999999999", f"{PUBLIC}/1/tep/x.csv",
    ):  # fmt: skip
        assert client.get(address).status_code == 404
    assert lan.get(f"/vi-du-lieu/luot/{run_id}/khong-co").status_code == 400
    assert lan.get("/vi-du-lieu/luot/999999/adult").status_code == 404


def test_no_file_outside_the_release_is_given(client, public):
    send(client, public, f"{public}/dong-y", agreed="y")
    for name in ("..%2f..%2fsecret_key", "%2e%2e/secret_key", "/etc/passwd", "x" * 5000, "%00"):
        assert client.get(f"{public}/tep/{name}").status_code in (400, 404, 308)


def test_only_statisticians_make_and_sign(app, run_id, draft):
    quan = signed_in(app, "quan", Role.MANAGER)
    assert read(quan, "/vi-du-lieu/") is not None and read(quan, draft) is not None
    assert quan.get(f"/vi-du-lieu/luot/{run_id}/adult").status_code == 403
    for deed in ("de-nghi", "ky", "tra-lai", "rut-lai", "xoa"):
        assert send(quan, draft, f"{draft}/{deed}").status_code == 403
    assert app.test_client().get(draft).status_code in (302, 401)


def test_a_draft_is_sent_back_and_dropped(app, lan, draft):
    send(lan, draft, f"{draft}/de-nghi")
    minh = signed_in(app, "minh")
    assert send(minh, draft, f"{draft}/tra-lai", reason="").status_code == 422
    assert send(minh, draft, f"{draft}/tra-lai", reason="Tuổi còn quá chi tiết").status_code == 303
    assert "Tuổi còn quá chi tiết" in words(read(lan, draft))
    assert send(lan, draft, f"{draft}/xoa").status_code == 303
    assert lan.get(draft).status_code == 404


def test_the_demonstration_releases_one_file_once(app, run_id):
    with app.app_context():
        run, first, second = run_of(run_id), person("lan"), person("minh")
        release = release_microdata(run, first, second)
        db.session.commit()
        assert release.status == "published" and release.facts["example"] == "smartphone-use"
        assert release_microdata(run, first, second) is None


def test_figures_that_are_taken_back_are_told_beside_their_microdata(app, client, public, run_id):
    with app.app_context():
        run = run_of(run_id)
        signoff.withdraw(dissemination.find_release(run), person("minh"), "sai", "Số liệu sai, sẽ có số mới.")
        db.session.commit()
    assert "đã được rút lại" in words(read(client, public))
