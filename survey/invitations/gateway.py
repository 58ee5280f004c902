"""SMS through a gateway that takes an HTTP POST with JSON, as most carriers offer."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from survey.invitations.dispatch import ChannelDown, Dispatch, Postponed, Refused
from survey.invitations.texts import filled

TIMEOUT = 30.0
# Names under which gateways give their id of a message.
ID_FIELDS = ("id", "message_id", "messageId", "sms_id", "smsId", "SMSID")
WRONG_SETTING = frozenset({301, 302, 307, 308, 401, 402, 403, 404, 405})
LATER = frozenset({408, 425, 429})


class GatewaySender:
    """Posts `body`, a JSON template whose texts may hold {phone}, {text} and {id}, to `url`.

    The id is sent as Idempotency-Key too. 2xx is sent; 401, 403, 429 and the like and a broken line hold the channel
    up; 5xx postpones the message; any other 4xx refuses it.
    """

    def __init__(self, url: str, body: str, headers: Mapping[str, str]) -> None:
        self.url, self.body, self.headers = url, json.loads(body), dict(headers)
        self.client = httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def __enter__(self) -> "GatewaySender":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def send(self, dispatch: Dispatch) -> str:
        """Post the message and return the gateway's id of it, if it gives one."""
        values = {"phone": dispatch.to, "text": dispatch.text, "id": dispatch.id}
        headers = {**self.headers, "Idempotency-Key": dispatch.id}
        try:
            answer = self.client.post(self.url, json=_filled(self.body, values), headers=headers)
        except httpx.HTTPError as error:
            raise ChannelDown(f"Cổng SMS: {type(error).__name__}: {error}", dispatch) from error
        if answer.is_success:
            return _provider_id(answer)
        reason = f"Cổng SMS trả lời {answer.status_code}: {answer.text[:200]}"
        if answer.status_code in WRONG_SETTING or answer.status_code in LATER:
            raise ChannelDown(reason, dispatch)
        raise (Postponed if answer.is_server_error else Refused)(reason, dispatch)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """The template with its texts filled after it was parsed: no text can add a field."""
    if isinstance(value, dict):
        return {name: _filled(item, values) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    return filled(value, values) if isinstance(value, str) else value


def _provider_id(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return ""
    found = [told[name] for name in ID_FIELDS if name in told] if isinstance(told, dict) else []
    return str(found[0])[:200] if found else ""
