"""How a message leaves: adapters by the scheme of their setting, chosen in `survey.config`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from survey.config import Settings
from survey.invitations.dispatch import Sender
from survey.invitations.files import FileSender
from survey.invitations.gateway import GatewaySender
from survey.invitations.models import Channel
from survey.invitations.smtp import SmtpSender


def _file(channel: Channel, config: Settings) -> Sender:
    folder = url_of(channel, config).removeprefix("file:")
    return FileSender(channel, Path(folder) if folder else config.home / "outbox")


def _smtp(channel: Channel, config: Settings) -> Sender:
    return SmtpSender(config.mail_url, config.mail_from)


def _gateway(channel: Channel, config: Settings) -> Sender:
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
