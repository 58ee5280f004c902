"""The OpenRosa API that ODK Collect, KoboCollect and Enketo speak (docs.getodk.org/openrosa)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from wsgiref.handlers import format_date_time

from flask import Blueprint, current_app, request, url_for
from flask import Response as Reply
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from survey.errors import NotFound
from survey.extensions import db
from survey.intake.service import Receipt, Upload
from survey.openrosa.documents import ListedForm, MediaFile, form_list, manifest, md5_of, response
from survey.openrosa.service import Package, SubmissionBroken, receive
from survey.rounds.files import content_of, find_file
from survey.rounds.models import InstrumentVersion, Round
from survey.rounds.service import instrument_of, round_of_token

PREFIX = "/openrosa/"
openrosa = Blueprint("openrosa", __name__, url_prefix=f"{PREFIX}<token>")
XML_FIELD = "xml_submission_file"
XML_TYPES = ("text/xml", "application/xml")
LARGEST_XML = 5 * 1024 * 1024
LONGEST_FILE_NAME = 255


@openrosa.get("/formList")
@openrosa.get("/formList/")
def list_forms(token: str) -> Reply:
    """The form of the project's round while it is open; `?formID=` asks for one form only."""
    round_ = round_of_token(token)
    wanted = request.args.get("formID", round_.instrument_version.form_id)
    listed = round_.is_open and wanted == round_.instrument_version.form_id
    return _xml(form_list([_listed(token, round_)] if listed else []))


def _listed(token: str, round_: Round) -> ListedForm:
    version = round_.instrument_version
    return ListedForm(
        form_id=version.form_id,
        name=instrument_of(version).title() or version.form_id,
        version=version.version,
        hash=_hash_of(version),
        download_url=url_for("openrosa.form_xml", token=token, form_id=version.form_id, _external=True),
        manifest_url=url_for("openrosa.form_manifest", token=token, form_id=version.form_id, _external=True),
    )


def _hash_of(version: InstrumentVersion) -> str:
    """The md5 of the form's bytes; they are frozen, so it is computed once a process."""
    if version.hash not in _hashes:
        _hashes[version.hash] = md5_of(version.xml)
    return _hashes[version.hash]


_hashes: dict[str, str] = {}


@openrosa.get("/forms/<path:form_id>/form.xml")
def form_xml(token: str, form_id: str) -> Reply:
    """The XForm, byte for byte as it was frozen and as the list's hash says."""
    return _xml(_round_with_form(token, form_id).instrument_version.xml)


@openrosa.get("/forms/<path:form_id>/manifest")
def form_manifest(token: str, form_id: str) -> Reply:
    """The files that the form shows or looks things up in."""
    round_ = _round_with_form(token, form_id)
    return _xml(manifest(_media_files(token, round_)))


def _media_files(token: str, round_: Round) -> Iterator[MediaFile]:
    form_id = round_.instrument_version.form_id
    for file in round_.instrument_version.files:
        address = url_for(
            "openrosa.form_file", token=token, form_id=form_id, file_name=file.name, _external=True
        )
        yield MediaFile(file.name, f"md5:{file.stored.md5}", address)


@openrosa.get("/forms/<path:form_id>/files/<file_name>")
def form_file(token: str, form_id: str, file_name: str) -> Reply:
    """One of the form's files, as it was frozen."""
    file = find_file(_round_with_form(token, form_id).instrument_version, file_name)
    return Reply(content_of(file.sha256), content_type="application/octet-stream")


def _round_with_form(token: str, form_id: str) -> Round:
    round_ = round_of_token(token)
    if form_id != round_.instrument_version.form_id:
        raise NotFound(f"Dự án này không có mẫu phiếu “{form_id}”.", "Tải lại danh sách mẫu phiếu.")
    return round_


@openrosa.route("/submission", methods=["HEAD"])
def before_submission(token: str) -> Reply:
    """Where to send, and how much at once."""
    round_of_token(token)
    address = url_for("openrosa.submission", token=token, _external=True)
    return Reply(status=204, headers={"Location": address})


@openrosa.post("/submission")
def submission(token: str) -> Reply:
    """Take a submission: 201 when it is in the database, 202 when it was there already."""
    round_ = round_of_token(token)
    receipt = receive(round_, _package())
    db.session.commit()
    return _xml(response(_words(receipt)), 202 if receipt.repeated else 201)


def _words(receipt: Receipt) -> str:
    """What became of the record, for the enumerator."""
    if receipt.withdrawn:
        return (
            "Người trả lời đã rút lại câu trả lời của phiếu này: không có gì được lưu."
            " Xóa phiếu này trên thiết bị."
        )
    told = ["Phiếu này đã có trên máy chủ." if receipt.repeated else "Đã nhận phiếu."]
    if not receipt.consent:
        told.append("Đã ghi nhận việc không tham gia; các câu trả lời khác trong phiếu không được lưu.")
    if receipt.late:
        told.append(
            "Đợt khảo sát đã kết thúc: phiếu được giữ lại và ghi là nộp muộn, chỉ được tính nếu người quản lý"
            " mở lại đợt. Báo người quản lý biết."
        )
    if receipt.code:
        code = f"{receipt.code[:4]}-{receipt.code[4:]}"
        told.append(f"Mã biên nhận: {code}. Người trả lời cần mã này nếu muốn rút lại câu trả lời.")
    return " ".join(told)


def _package() -> Package:
    if request.mimetype in XML_TYPES:
        return Package(_limited(request.get_data(cache=False)), detail=_device())
    xml, uploads = b"", []
    for name, file in request.files.items(multi=True):
        if name == XML_FIELD and not xml:
            xml = _limited(file.stream.read(LARGEST_XML + 1))
        elif name != XML_FIELD:
            uploads.append(Upload(_file_name(file), file.mimetype[:100], file.stream.read()))
    xml = xml or request.form.get(XML_FIELD, "").encode()
    if not xml:
        raise SubmissionBroken(
            f"Không có phần “{XML_FIELD}” trong dữ liệu gửi lên, hoặc dữ liệu bị cắt giữa chừng.",
            "Gửi lại từ ODK Collect, KoboCollect hoặc Enketo.",
        )
    return Package(xml, tuple(uploads), _device())


def _limited(xml: bytes) -> bytes:
    if len(xml) > LARGEST_XML:
        raise RequestEntityTooLarge
    return xml


def _file_name(file: FileStorage) -> str:
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    if not name.isprintable() or not 0 < len(name) <= LONGEST_FILE_NAME:
        raise SubmissionBroken("Tên tệp đính kèm không dùng được.", "Đổi tên tệp rồi gửi lại.")
    return name


def _device() -> dict[str, str]:
    """Paradata: which device and program sent it."""
    known = {"device": request.args.get("deviceID", ""), "program": request.headers.get("User-Agent", "")}
    return {name: value.replace("\0", "")[:200] for name, value in known.items() if value}


def _xml(document: bytes, status: int = 200) -> Reply:
    return Reply(document, status, content_type="text/xml; charset=utf-8")


@openrosa.after_app_request
def add_headers(reply: Reply) -> Reply:
    """What OpenRosa asks of every answer, also of those to a wrong address."""
    if request.path.startswith(PREFIX):
        reply.headers["X-OpenRosa-Version"] = "1.0"
        reply.headers["X-OpenRosa-Accept-Content-Length"] = str(current_app.config["MAX_CONTENT_LENGTH"])
        if "gunicorn" not in request.environ.get("SERVER_SOFTWARE", ""):  # gunicorn writes Date itself
            reply.headers["Date"] = format_date_time(datetime.now(UTC).timestamp())
    return reply
