"""One package over the line: an HTTP POST that follows no redirect and believes nothing that comes back."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import httpx

from survey.config import Settings
from survey.delivery.endpoints import BadEndpoint, Resolver, Target, Unresolved, addresses_of, target_of
from survey.delivery.models import Delivery, Endpoint, Form, Push
from survey.delivery.signature import Signer, signer_of

TIMEOUT = 30.0
ANSWER_SECONDS = 30.0
ANSWER_BYTES = 4_000
ANSWER_LETTERS = 500
DUPLICATE = 409
LATER = frozenset({408, 425, 429})
LONGEST_WAIT = timedelta(hours=6)
COVERED = ("@method", "@target-uri", "content-type", "content-digest", "idempotency-key")


class Outcome(StrEnum):
    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """What a recipient said: `text` is its first characters, `wait` how long it wants to be left alone."""

    outcome: Outcome
    status: int | None = None
    text: str = ""
    reason: str = ""
    wait: timedelta = timedelta(0)


def push_package(
    push: Push,
    endpoint: Endpoint,
    config: Settings,
    *,
    timeout: float = TIMEOUT,
    resolve: Resolver = addresses_of,
) -> Answer:
    """Post a delivery's package to its endpoint and tell what became of it; never raises for what a network does."""
    try:
        target = target_of(endpoint, resolve)
    except BadEndpoint as fault:
        return Answer(Outcome.REFUSED, reason=str(fault)[:500])
    except Unresolved as fault:
        return Answer(Outcome.LATER, reason=str(fault)[:500])
    body, kind = WRAPPINGS[Form(endpoint.form)](push.delivery)
    headers = _headers(push, endpoint, body, kind, signer_of(config.home), config)
    try:
        return _posted(target, headers, body, timeout)
    except httpx.HTTPError as error:
        return Answer(Outcome.LATER, reason=f"{_failure(error)} ({type(error).__name__})")


def _posted(target: Target, headers: Mapping[str, str], body: bytes, timeout: float) -> Answer:
    """Connect to the address that was checked, under the name that was configured."""
    extensions = {"sni_hostname": target.name}
    with (
        httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST", target.url, content=body, headers={**headers, "Host": target.host}, extensions=extensions
        ) as reply,
    ):
        return answer_of(reply.status_code, reply.headers, _beginning(reply))


def _beginning(reply: httpx.Response) -> bytes:
    """The first bytes of an answer that may be endless, or come a byte a minute."""
    end, taken = time.monotonic() + ANSWER_SECONDS, b""
    for chunk in reply.iter_raw():
        taken += chunk
        if len(taken) >= ANSWER_BYTES or time.monotonic() > end:
            break
    return taken[:ANSWER_BYTES]


def answer_of(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """2xx and "I have it already" (409) are taken; what may pass is later; the rest is refused."""
    text = "".join(letter if letter.isprintable() else " " for letter in body.decode("utf-8", "replace"))
    text = text[:ANSWER_LETTERS]
    if 200 <= status < 300 or status == DUPLICATE:
        return Answer(Outcome.TAKEN, status, text)
    if status >= 500 or status in LATER:
        return Answer(Outcome.LATER, status, text, f"Máy nhận trả lời {status}.", _wait(headers))
    return Answer(Outcome.REFUSED, status, text, REFUSALS.get(status, REFUSALS[status // 100]).format(status))


REFUSALS = {
    1: "Máy nhận trả lời {}, không phải câu trả lời của HTTP POST.",
    3: "Máy nhận chuyển hướng ({}); hệ thống không đi theo. Sửa địa chỉ nhận.",
    4: "Máy nhận từ chối ({}). Hỏi cơ quan nhận, rồi bấm gửi lại.",
    401: "Máy nhận không chấp nhận mã bí mật ({}). Kiểm tra KHAOSAT_DELIVERY_SECRETS.",
    403: "Máy nhận không cho phép ({}). Kiểm tra mã bí mật và quyền ở cơ quan nhận.",
    404: "Địa chỉ nhận không có ở máy nhận ({}). Sửa địa chỉ nhận.",
    413: "Máy nhận báo gói quá lớn ({}).",
}


def _wait(headers: Mapping[str, str]) -> timedelta:
    """What Retry-After asks for in seconds, at most six hours."""
    told = headers.get("Retry-After", "")
    return (
        min(timedelta(seconds=int(told[:9])), LONGEST_WAIT)
        if told.isascii() and told.isdigit()
        else timedelta(0)
    )


def _failure(error: httpx.HTTPError) -> str:
    for kind, words in FAILURES.items():
        if isinstance(error, kind):
            return words
    return "Không gửi được"


FAILURES: Mapping[type[httpx.HTTPError], str] = {
    httpx.ConnectTimeout: "Máy nhận không trả lời",
    httpx.TimeoutException: "Máy nhận trả lời quá chậm",
    httpx.ConnectError: "Không nối được với máy nhận",
    httpx.RemoteProtocolError: "Máy nhận trả lời không theo HTTP",
}


def _zip(delivery: Delivery) -> tuple[bytes, str]:
    return delivery.package, "application/zip"


def _json(delivery: Delivery) -> tuple[bytes, str]:
    told = {
        "delivery": delivery.id,
        "number": delivery.number,
        "agency": delivery.agency.code,
        "synthetic": delivery.is_synthetic,
        "made_at": delivery.made_at.isoformat(),
        "lines": len(delivery.lines),
        "sha256": delivery.sha256,
        "package": base64.b64encode(delivery.package).decode(),
    }
    return json.dumps(told, ensure_ascii=False).encode(), "application/json"


WRAPPINGS: Mapping[Form, Callable[[Delivery], tuple[bytes, str]]] = {Form.ZIP: _zip, Form.JSON: _json}


def _headers(
    push: Push, endpoint: Endpoint, body: bytes, kind: str, signer: Signer, config: Settings
) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers = {
        "Content-Type": kind,
        "Content-Digest": f"sha-256=:{digest}:",
        "Idempotency-Key": push.key,
        "Khaosat-Delivery": str(push.delivery_id),
        "User-Agent": "khaosat",
    }
    if secret := config.delivery_secrets.get(endpoint.agency.code):
        headers["Authorization"] = f"Bearer {secret}"
    return headers | signed(headers, endpoint.url, signer, datetime.now(UTC))


def signed(headers: Mapping[str, str], url: str, signer: Signer, at: datetime) -> dict[str, str]:
    """The headers of an HTTP message signature (RFC 9421, ed25519) over method, address, type, digest and key."""
    known = {"@method": "POST", "@target-uri": url} | {name.lower(): value for name, value in headers.items()}
    names = " ".join(f'"{name}"' for name in COVERED)
    parameters = f'({names});created={int(at.timestamp())};keyid="{signer.key_id}";alg="ed25519"'
    base = "\n".join(
        [*(f'"{name}": {known[name]}' for name in COVERED), f'"@signature-params": {parameters}']
    )
    signature = base64.b64encode(signer.sign(base.encode())).decode()
    return {"Signature-Input": f"khaosat={parameters}", "Signature": f"khaosat=:{signature}:"}
