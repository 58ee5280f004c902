"""The address and scheme that people see, as told by a reverse proxy that may be believed."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class NearbyProxy:
    """Believe X-Forwarded-For, -Proto, -Host and -Prefix of one proxy on this machine or a private network.

    A request straight from the Internet could claim any address in these headers, and so escape the limits
    that are kept by address.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app
        self.behind_proxy = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chosen: Callable[..., Any] = self.behind_proxy if _is_near(environ.get("REMOTE_ADDR")) else self.app
        return chosen(environ, start_response)


def _is_near(address: str | None) -> bool:
    """Whether the peer is this machine (a Unix socket has no address) or on a private network."""
    if not address:
        return True
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
