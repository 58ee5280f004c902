"""One base for every fault a person can cause or mend, and the one place that turns faults into pages."""

from http import HTTPStatus
from xml.sax.saxutils import escape

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

OPENROSA_ERROR = (
    '<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message nature="submit_error">{}</message>'
    "</OpenRosaResponse>"
)


class Fault(Exception):
    """What is wrong, where, and what to do about it; `status` is the HTTP status it becomes."""

    status = HTTPStatus.BAD_REQUEST
    title = "Chưa thực hiện được"

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class NotFound(Fault):
    status = HTTPStatus.NOT_FOUND
    title = "Không tìm thấy"


class Refused(Fault):
    """The person may not do this."""

    status = HTTPStatus.FORBIDDEN
    title = "Bạn không có quyền làm việc này"


class Conflict(Fault):
    """The deed meets another that was done first."""

    status = HTTPStatus.CONFLICT
    title = "Trùng với một thao tác khác"


HTTP_MESSAGES = {
    HTTPStatus.NOT_FOUND: ("Không tìm thấy trang", "Kiểm tra lại đường dẫn, hoặc về trang chủ."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("Thao tác không được hỗ trợ", "Quay lại trang trước và thử lại."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "Dữ liệu gửi lên quá lớn",
        "Gửi tệp nhỏ hơn (ảnh có thể giảm kích thước) rồi thử lại.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Gửi quá nhiều lần",
        "Đợi một phút rồi thử lại. Câu trả lời đã lưu vẫn còn.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "Hệ thống gặp lỗi",
        "Thử lại sau ít phút. Những trang đã lưu của bạn vẫn còn.",
    ),
}


def register(app: Flask) -> None:
    """Attach the handlers to the application."""
    app.register_error_handler(
        Fault, lambda fault: _respond(fault.status, fault.title, fault.message, fault.remedy)
    )
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _stale(_: Exception) -> Response:
    return _respond(
        HTTPStatus.CONFLICT,
        Conflict.title,
        "Phiếu này vừa được sửa ở một cửa sổ khác.",
        "Tải lại trang để thấy bản mới nhất rồi tiếp tục.",
    )


def _csrf(_: CSRFError) -> Response:
    return _respond(
        HTTPStatus.BAD_REQUEST,
        "Trang đã mở quá lâu",
        "Phiên làm việc của trang này không còn hiệu lực.",
        "Tải lại trang rồi gửi lại; những trang đã lưu vẫn còn.",
    )


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    title, remedy = HTTP_MESSAGES.get(HTTPStatus(error.code), (error.name, ""))
    response = _respond(HTTPStatus(error.code), title, title + ".", remedy)
    told = error.get_response().headers
    for name in ("Retry-After", "Allow"):
        if name in told:
            response.headers[name] = told[name]
    return response


def _unexpected(_: Exception) -> Response:
    current_app.logger.exception("unexpected error at %s %s", request.method, request.path)
    title, remedy = HTTP_MESSAGES[HTTPStatus.INTERNAL_SERVER_ERROR]
    return _respond(HTTPStatus.INTERNAL_SERVER_ERROR, title, title + ".", remedy)


def _respond(status: HTTPStatus, title: str, message: str, remedy: str) -> Response:
    """The fault in the form the client reads: OpenRosa's XML, the API's problem (RFC 9457), JSON or a page."""
    if request.path.startswith("/openrosa/"):
        response = make_response(OPENROSA_ERROR.format(escape(f"{message} {remedy}".strip())), status)
        response.content_type = "text/xml; charset=utf-8"
        return response
    if request.path.startswith("/api/"):
        problem = {"title": title, "status": int(status), "detail": message, "remedy": remedy}
        response = make_response(problem, status)
        response.content_type = "application/problem+json"
        return response
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return make_response({"error": message, "remedy": remedy}, status)
    page = render_template("error.html", title=title, message=message, remedy=remedy, status=int(status))
    return make_response(page, status)
