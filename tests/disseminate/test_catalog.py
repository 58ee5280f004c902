"""The DCAT-AP catalogue, read as RDF by rdflib and held against what DCAT-AP 3.0 asks of each class."""

import hashlib
from dataclasses import replace

import pytest
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, Namespace, URIRef

from survey.config import BadSetting, Settings
from survey.rounds.models import Purpose
from tests.disseminate.published import estimate, indicator, publish

# rdflib's own JSON-LD reader still makes the class that rdflib deprecates
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
# DCAT-AP 3.0: mandatory, then recommended properties by class; the licence is tested apart.
ASKED = {
    DCAT.Catalog: [DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.dataset,
                   DCTERMS.modified, DCTERMS.language, DCTERMS.spatial, FOAF.homepage],
    DCAT.Dataset: [DCTERMS.title, DCTERMS.description, DCAT.contactPoint, DCAT.distribution, DCAT.keyword,
                   DCTERMS.publisher, DCTERMS.spatial, DCTERMS.temporal, DCAT.theme, DCTERMS.issued,
                   DCTERMS.modified, DCAT.landingPage, DCTERMS.identifier, DCTERMS.accessRights],
    DCAT.Distribution: [DCAT.accessURL, DCAT.downloadURL, DCAT.mediaType, DCAT.byteSize, SPDX.checksum,
                        DCTERMS.title, DCTERMS.issued,
                        URIRef("http://data.europa.eu/r5r/availability")],
    FOAF.Agent: [FOAF.name],
    VCARD.Organization: [VCARD.fn],
    SPDX.Checksum: [SPDX.algorithm, SPDX.checksumValue],
    DCTERMS.PeriodOfTime: [DCAT.startDate, DCAT.endDate],
}  # fmt: skip


@pytest.fixture
def graph(client, areas):
    publish(estimate(72.4), estimate(70.0, dimension="sex", level="male"), time_period="2026")
    place = indicator("mobile-use", published={"value": 71.0}, registry=None, held_against_target=False)
    publish(
        estimate(71.0, "mobile-use"),
        indicators=[place],
        purpose=Purpose.VERIFICATION,
        survey="indec",
        time_period="2018-Q4",
    )
    return read(client)


def read(client):
    response = client.get("/du-lieu/catalog.jsonld")
    assert response.mimetype == "application/ld+json"
    return Graph().parse(data=response.text, format="json-ld")


def test_every_node_has_what_dcat_ap_asks_for(graph):
    for kind, properties in ASKED.items():
        nodes = list(graph.subjects(RDF.type, kind))
        assert nodes, kind
        for node in nodes:
            assert [name for name in properties if (node, name, None) not in graph] == [], (kind, node)
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 2
    assert len(set(graph.subjects(RDF.type, DCAT.Distribution))) == 12


def test_titles_are_in_vietnamese_and_english(graph):
    for node in graph.subjects(RDF.type, DCAT.Distribution):
        assert {title.language for title in graph.objects(node, DCTERMS.title)} == {"vi", "en"}


def test_size_and_checksum_are_those_of_the_file(client, graph):
    for node in graph.subjects(RDF.type, DCAT.Distribution):
        content = client.get(str(graph.value(node, DCAT.downloadURL)).removeprefix("http://localhost")).data
        assert int(graph.value(node, DCAT.byteSize)) == len(content)
        checksum = graph.value(node, SPDX.checksum)
        assert str(graph.value(checksum, SPDX.checksumValue)) == hashlib.sha256(content).hexdigest()


def test_periods_have_their_days(graph):
    days = {(str(s), str(o)) for s, o in graph.subject_objects(DCAT.startDate)}
    assert {day for _, day in days} == {"2026-01-01", "2018-10-01"}


def test_without_a_licence_the_catalogue_says_so(graph):
    assert not list(graph.objects(None, DCTERMS.license))
    told = {str(text) for text in graph.objects(None, DCTERMS.rights) if text.language == "vi"}
    assert len(told) == 1 and "chưa quy định" in told.pop()


def test_a_licence_of_the_settings_is_on_every_distribution_and_on_the_page(client, app, monkeypatch):
    publish()
    setting = replace(app.config["KHAOSAT"], license=LICENSE, contact="dulieu@vi-du.vn")
    monkeypatch.setitem(app.config, "KHAOSAT", setting)
    graph = read(client)
    licensed = set(graph.subjects(DCTERMS.license, URIRef(LICENSE)))
    assert set(graph.subjects(RDF.type, DCAT.Distribution)) <= licensed
    assert not list(graph.objects(None, DCTERMS.rights))
    assert URIRef("mailto:dulieu@vi-du.vn") in set(graph.objects(None, VCARD.hasEmail))
    assert f'rel="license">{LICENSE}' in client.get("/du-lieu").text


@pytest.mark.parametrize(
    ("name", "value"),
    [("KHAOSAT_LICENSE", "CC BY"), ("KHAOSAT_LICENSE", "javascript:1"), ("KHAOSAT_CONTACT", "khong co")],
)
def test_a_wrong_setting_is_named_at_the_start(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment()


def test_hostile_labels_are_text_in_the_catalogue(client):
    publish(indicators=[indicator(label={"vi": '</script><b>"]}', "en": "\u202eabc"})])
    keywords = set(read(client).objects(None, DCAT.keyword))
    assert Literal('</script><b>"]}', lang="vi") in keywords


def test_an_empty_catalogue_is_a_catalogue(client, read):
    graph = Graph().parse(data=client.get("/du-lieu/catalog.jsonld").text, format="json-ld")
    assert len(list(graph.subjects(RDF.type, DCAT.Catalog))) == 1
    (link,) = read("/du-lieu").xpath("//link[@rel='alternate']")
    assert link.get("href") == "/du-lieu/catalog.jsonld" and link.get("type") == "application/ld+json"
