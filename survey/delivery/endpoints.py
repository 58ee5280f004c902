"""Where packages are pushed to: an address that an administrator named, and no other that it may lead to."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import select

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.delivery.models import Endpoint, Form
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.registry.models import Agency

IpAddress = IPv4Address | IPv6Address
LONGEST_URL = 500
PORTS = {"https": 443, "http": 80}


class BadEndpoint(Fault):
    title = "Địa chỉ nhận không dùng được"


class Unresolved(Exception):
    """The name has no address now; it may have one later."""


@dataclass(frozen=True)
class Target:
    """One address that was looked at: the connection goes there, whatever the name says a moment later.

    `url` holds the IP address, `host` what the Host header says, `name` whose certificate is asked for.
    """

    url: str
    host: str
    name: str


@dataclass(frozen=True)
class Settled:
    """What an administrator chose for an endpoint."""

    url: str
    form: Form = Form.ZIP
    allow_private: bool = False
    takes_synthetic: bool = False


def set_endpoint(agency: Agency, chosen: Settled, user: User | None) -> Endpoint:
    """Keep where an agency takes packages; raise `BadEndpoint` for an address that is not to be used."""
    user = require(user, "connect")
    split_url(chosen.url, allow_private=chosen.allow_private)
    endpoint = db.session.get(Endpoint, agency.id) or Endpoint(agency_id=agency.id)
    db.session.add(endpoint)
    endpoint.url, endpoint.form = chosen.url, chosen.form
    endpoint.allow_private, endpoint.takes_synthetic = chosen.allow_private, chosen.takes_synthetic
    db.session.flush()
    record("endpoint.set", f"agency:{agency.code}", {"host": urlsplit(chosen.url).hostname}, user=user)
    return endpoint


def remove_endpoint(agency: Agency, user: User | None) -> None:
    """Push to this agency no more; what was sent stays in the history."""
    user = require(user, "connect")
    endpoint = endpoint_of(agency)
    if endpoint is None:
        raise NotFound(f"{agency.name} không có địa chỉ nhận.", "Không cần làm gì thêm.")
    db.session.delete(endpoint)
    record("endpoint.remove", f"agency:{agency.code}", user=user)


def endpoint_of(agency: Agency) -> Endpoint | None:
    """Where an agency takes packages, if anywhere."""
    return db.session.get(Endpoint, agency.id)


def endpoints() -> list[Endpoint]:
    """All endpoints."""
    return list(db.session.scalars(select(Endpoint).order_by(Endpoint.agency_id)))


def split_url(url: str, *, allow_private: bool) -> SplitResult:
    """The parts of an address that may be pushed to; raise `BadEndpoint`.

    https, or http to this very machine where private addresses are allowed; no user name, no fragment.
    """
    remedy = "Ghi địa chỉ như https://lgsp.vinhlong.gov.vn/so-lieu."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadEndpoint("Địa chỉ không đúng dạng.", remedy) from error
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadEndpoint("Địa chỉ quá dài hoặc có ký tự lạ.", remedy)
    if not parts.hostname or parts.scheme not in PORTS or port == 0:
        raise BadEndpoint("Địa chỉ thiếu https:// hoặc tên máy.", remedy)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadEndpoint("Địa chỉ không được chứa tên, mật khẩu hay dấu #.", "Để mã bí mật trong cấu hình.")
    if parts.scheme == "http" and not (allow_private and is_here(parts.hostname)):
        raise BadEndpoint("Địa chỉ http:// không mã hóa.", "Dùng https://; http chỉ cho chính máy này.")
    literal = _literal(parts.hostname)
    if literal is not None and not _may(literal, allow_private):
        raise BadEndpoint(*_not_outside(parts.hostname))
    return parts


def is_here(host: str) -> bool:
    """Whether a host is this very machine."""
    literal = _literal(host)
    return literal.is_loopback if literal else host.lower() == "localhost"


Resolver = Callable[[str, int], Sequence[str]]


def addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a name; raise `Unresolved`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolved(f"Không tìm thấy máy {host}: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def target_of(endpoint: Endpoint, resolve: Resolver = addresses_of) -> Target:
    """Where to connect, checked now; raise `BadEndpoint` for a place not allowed, `Unresolved` for no place."""
    parts = split_url(endpoint.url, allow_private=endpoint.allow_private)
    host = parts.hostname or ""
    found = resolve(host, parts.port or PORTS[parts.scheme])
    for address in found:
        if not _may(ip_address(address.partition("%")[0]), endpoint.allow_private):
            raise BadEndpoint(*_not_outside(host))
    if not found:
        raise Unresolved(f"Không tìm thấy máy {host}.")
    shown = f"[{found[0]}]" if ":" in found[0] else found[0]
    port = f":{parts.port}" if parts.port else ""
    return Target(parts._replace(netloc=f"{shown}{port}").geturl(), parts.netloc, host)


def _literal(host: str) -> IpAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _may(address: IpAddress, allow_private: bool) -> bool:
    """Never what belongs to no recipient: link-local (clouds' metadata), multicast, unspecified."""
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or (allow_private and (address.is_private or address.is_loopback))


def _not_outside(host: str) -> tuple[str, str]:
    return (
        f"Máy {host[:100]} nằm trong mạng nội bộ hoặc không phải nơi nhận số liệu.",
        "Nếu đúng là nơi nhận, người quản trị đánh dấu “cho phép mạng nội bộ”.",
    )
