"""A package: every format, whole, signed so that openssl says so, and the same bytes for the same figures."""

import csv
import hashlib
import io
import json
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask import Flask
from pysdmx.io import read_sdmx

from survey.delivery.packages import MANIFEST, PUBLIC_KEY, SIGNATURE, make_package
from survey.delivery.queues import queue_of
from survey.delivery.signature import FILE, BadKey, signer_of
from survey.disseminate.sdmx.flows import VALUE
from survey.disseminate.service import withdraw
from survey.extensions import db
from survey.rounds.models import Purpose
from tests.delivery.conftest import OFFICE, agency, put_out
from tests.disseminate.published import estimate, indicator, publish

pytestmark = pytest.mark.usefixtures("registry")


@pytest.fixture
def packed(app: Flask, deliver) -> dict[str, bytes]:
    """The files of a package of a total and a breakdown."""
    put_out(estimate(72.4), estimate(75.25, dimension="sex", level="male"), estimate(40.0, code="skills"))
    return opened(deliver(OFFICE).package)


def opened(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def test_it_has_the_figures_in_every_format(packed: dict[str, bytes]) -> None:
    survey = "sdmx/ict-ho-gia-dinh"
    assert set(packed) == {
        MANIFEST, SIGNATURE, PUBLIC_KEY, "SHA256SUMS", "cach-kiem-tra.txt", "phieu-gui.pdf", "nguon-goc.json",
        "so-lieu.csv", "so-lieu.xlsx", f"{survey}.sdmx-ml-2.1.xml", f"{survey}.sdmx-ml-3.0.xml", f"{survey}.sdmx.csv",
        f"{survey}.sdmx-ml-2.1.structure.xml",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(packed["so-lieu.csv"].decode("utf-8-sig"))))
    assert [row["obs_value"] for row in rows] == ["72.4", "75.25", "40.0"]
    sheet = openpyxl.load_workbook(io.BytesIO(packed["so-lieu.xlsx"]))["so_lieu"]
    assert sheet.max_row == 4
    assert json.loads(packed["nguon-goc.json"])


@pytest.mark.parametrize("form", ["sdmx-ml-2.1.xml", "sdmx-ml-3.0.xml", "sdmx.csv"])
def test_statistical_tools_read_its_sdmx(packed: dict[str, bytes], form: str) -> None:
    message = read_sdmx(packed[f"sdmx/ict-ho-gia-dinh.{form}"].decode("utf-8"))
    (data,) = message.get_datasets()
    assert sorted(float(value) for value in data.data[VALUE]) == [40.0, 72.4, 75.25]


def test_its_structure_describes_what_the_data_use(packed: dict[str, bytes]) -> None:
    name = "sdmx/ict-ho-gia-dinh.sdmx-ml-2.1"
    (definition,) = read_sdmx(packed[f"{name}.structure.xml"].decode()).get_data_structure_definitions()
    (data,) = read_sdmx(packed[f"{name}.xml"].decode()).get_datasets()
    assert {one.id for one in definition.components} == set(data.data.columns)
    assert "SEX" in data.data


def test_the_manifest_has_the_digest_of_every_file(packed: dict[str, bytes]) -> None:
    listed = {entry["name"]: entry["sha256"] for entry in json.loads(packed[MANIFEST])["files"]}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in packed.items()}
    assert listed == {name: found[name] for name in set(packed) - {MANIFEST, SIGNATURE}}


def test_the_signature_holds_for_the_manifest_and_nothing_else(packed: dict[str, bytes]) -> None:
    key = load_pem_public_key(packed[PUBLIC_KEY])
    key.verify(packed[SIGNATURE], packed[MANIFEST])
    with pytest.raises(InvalidSignature):
        key.verify(packed[SIGNATURE], packed[MANIFEST].replace(b'"new"', b'"old"', 1))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_and_sha256sum_say_so_too(packed: dict[str, bytes], tmp_path: Path) -> None:
    """With the very commands that the package tells."""
    for name, content in packed.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    told = [line.strip() for line in packed["cach-kiem-tra.txt"].decode().splitlines()]
    verify, sums = (line for line in told if line.startswith(("openssl", "sha256sum")))
    assert "Verified Successfully" in run(verify, tmp_path).stdout
    assert run(sums, tmp_path).returncode == 0
    (tmp_path / "so-lieu.csv").write_bytes(packed["so-lieu.csv"].replace(b"72.4", b"92.4"))
    assert run(sums, tmp_path).returncode != 0
    (tmp_path / MANIFEST).write_bytes(packed[MANIFEST] + b" ")
    assert run(verify, tmp_path).returncode != 0


def run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)


def test_the_same_figures_give_the_same_bytes(app: Flask) -> None:
    put_out(estimate(72.4), estimate(40.0, code="skills"))
    signer = signer_of(app.config["KHAOSAT"].home)
    first, second = (make_package(queue_of(agency(OFFICE), is_synthetic=False), signer) for _ in range(2))
    assert first.sha256 == second.sha256 == hashlib.sha256(second.content).hexdigest()
    other = make_package(queue_of(agency("ubnd-xa"), is_synthetic=False), signer)
    assert other.number != first.number


def test_the_note_is_an_administrative_letter_with_interval_and_verdict(packed: dict[str, bytes]) -> None:
    told = text(packed["phieu-gui.pdf"])
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập", "Kính gửi: Thống kê tỉnh Vĩnh Long", "/GSL",
        "ngày 30 tháng 11 năm 2026", "KH54-37", "72,4 %", "70,0–74,8 %", "Chưa đạt", "Giới tính: Nam",
    ):  # fmt: skip
        assert part in told, part
    assert "MÔ PHỎNG" not in told


def test_generated_figures_are_marked_on_the_note_and_in_the_manifest(deliver) -> None:
    put_out(estimate(72.4), purpose=Purpose.DEMONSTRATION)
    files = opened(deliver(OFFICE, is_synthetic=True).package)
    assert "SỐ LIỆU MÔ PHỎNG" in text(files["phieu-gui.pdf"])
    assert json.loads(files[MANIFEST])["synthetic"] is True


def test_hostile_labels_are_text_everywhere(deliver) -> None:
    label = {"vi": '=HYPERLINK("http://x")<script>#panic()\u202e', "en": "+1"}
    publish(estimate(10.0), indicators=[indicator(label=label)], purpose=Purpose.PRODUCTION)
    files = opened(deliver(OFFICE).package)
    assert b"'=HYPERLINK" in files["so-lieu.csv"]
    cell = openpyxl.load_workbook(io.BytesIO(files["so-lieu.xlsx"]))["so_lieu"]["D2"]
    assert cell.data_type == "s"
    assert "<script>#panic()" in text(files["phieu-gui.pdf"])


def test_a_withheld_figure_is_sent_without_a_value(deliver) -> None:
    put_out(estimate(30.0, quality="unpublishable"))
    files = opened(deliver(OFFICE).package)
    assert b"30.0" not in files["so-lieu.csv"]
    assert "không công bố" in text(files["phieu-gui.pdf"])


def test_what_is_taken_back_is_named_with_its_reason_and_without_its_number(deliver) -> None:
    (figure,) = put_out(estimate(72.4))
    deliver(OFFICE)
    withdraw(figure.release, figure.release.proposed_by, "nhầm", "=Sai trọng số của một xã.")
    db.session.commit()
    files = opened(deliver(OFFICE).package)
    assert "so-lieu.csv" not in files
    assert "'=Sai trọng số" in files["so-lieu-rut-lai.csv"].decode("utf-8-sig")
    assert "72.4" not in files["so-lieu-rut-lai.csv"].decode("utf-8-sig")
    note = text(files["phieu-gui.pdf"])
    assert "không sử dụng nữa" in note
    assert "Sai trọng số của một xã" in note
    assert "72,4" not in note


def test_the_key_is_made_once_and_only_its_owner_reads_it(home: Path) -> None:
    first = signer_of(home)
    assert signer_of(home).public_pem == first.public_pem
    assert stat.S_IMODE((home / FILE).stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == [FILE]


def test_a_broken_key_is_told_and_not_replaced(home: Path) -> None:
    (home / FILE).write_text("-----BEGIN PRIVATE KEY-----\nxxx\n-----END PRIVATE KEY-----\n")
    with pytest.raises(BadKey, match="bản sao lưu"):
        signer_of(home)
    assert "xxx" in (home / FILE).read_text()
