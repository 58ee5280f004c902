"""How a message leaves: adapters by the scheme of their setting, chosen in `survey.config`."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from survey.config import Settings
from survey.formats import LOCAL_TIME
from survey.invitations.models import Channel


@dataclass(frozen=True)
class Dispatch:
    """A message ready to go. `id` stays the same over all attempts, so that a carrier can drop a repetition."""

    id: str
    to: str
    text: str
    subject: str = ""
    stop_link: str = ""


class NotSent(Exception):
    """A message did not go; the text holds no address."""

    def __init__(self, reason: str, dispatch: Dispatch | None = None) -> None:
        shown = " ".join(reason.split())
        super().__init__((shown.replace(dispatch.to, "…") if dispatch else shown)[:500])


class Postponed(NotSent):
    """This message did not go now; later it may."""


class ChannelDown(NotSent):
    """Nothing goes by this channel now: the others wait too."""


class Refused(NotSent):
    """The carrier will not take this message however often it is tried."""


class Bounced(Refused):
    """There is no such recipient."""


class Sender(Protocol):
    """Open for a number of messages, then closed."""

    def __enter__(self) -> "Sender": ...

    def __exit__(self, *_: object) -> None: ...

    def send(self, dispatch: Dispatch) -> str:
        """Hand a message over and return the carrier's id of it; raise `NotSent`."""
        ...


class FileSender:
    """Writes messages to a folder as JSON lines, a file a day: for trials, and for carriers that take files."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        self.channel, self.folder = channel, folder

    def __enter__(self) -> "FileSender":
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, dispatch: Dispatch) -> str:
        """Append a line and have it on the disk before the message counts as sent."""
        now = datetime.now(LOCAL_TIME)
        path = self.folder / f"{self.channel}-{now:%Y-%m-%d}.jsonl"
        line = json.dumps({**asdict(dispatch), "at": now.isoformat(timespec="seconds")}, ensure_ascii=False)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ChannelDown(f"Không ghi được {path.name}: {error.strerror}") from error
        return path.name


def _file(channel: Channel, config: Settings) -> Sender:
    folder = url_of(channel, config).removeprefix("file:")
    return FileSender(channel, Path(folder) if folder else config.home / "outbox")


def _smtp(channel: Channel, config: Settings) -> Sender:
    from survey.invitations.smtp import SmtpSender

    return SmtpSender(config.mail_url, config.mail_from)


def _gateway(channel: Channel, config: Settings) -> Sender:
    from survey.invitations.gateway import GatewaySender

    return GatewaySender(config.sms_url, config.sms_body, config.sms_headers)


SENDERS: Mapping[str, Callable[[Channel, Settings], Sender]] = {
    "file": _file,
    "smtp": _smtp,
    "smtps": _smtp,
    "https": _gateway,
    "http": _gateway,
}


def url_of(channel: Channel, config: Settings) -> str:
    """The setting that names a channel's carrier."""
    return {Channel.EMAIL: config.mail_url, Channel.SMS: config.sms_url}[channel]


def sender_of(channel: Channel, config: Settings) -> Sender:
    """The adapter that the settings name for a channel."""
    return SENDERS[urlsplit(url_of(channel, config)).scheme](channel, config)


def is_real(channel: Channel, config: Settings) -> bool:
    """Whether messages leave this machine; else they are written to a file."""
    return not url_of(channel, config).startswith("file:")
