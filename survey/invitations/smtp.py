"""E-mail by SMTP: one connection for many messages, encrypted where the server can."""

import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from survey.invitations.dispatch import Bounced, ChannelDown, Dispatch, Postponed, Refused

TIMEOUT = 30.0
PERMANENT = 500
# "No such mailbox" and its kin (RFC 5321, 4.2.3).
NO_RECIPIENT = (550, 551, 553)


class SmtpSender:
    """`url`: smtp://user:password@host:port (STARTTLS where offered) or smtps://… (TLS from the start)."""

    def __init__(self, url: str, mail_from: str) -> None:
        self.parts, self.mail_from = urlsplit(url), mail_from
        self.connection: smtplib.SMTP | None = None

    def __enter__(self) -> "SmtpSender":
        return self

    def __exit__(self, *_: object) -> None:
        if self.connection is not None:
            try:
                self.connection.quit()
            except (smtplib.SMTPException, OSError):
                self.connection.close()
            self.connection = None

    def send(self, dispatch: Dispatch) -> str:
        """Hand the mail to the server and return its Message-ID."""
        mail = compose(dispatch, self.mail_from)
        server = self._server()
        try:
            server.send_message(mail, from_addr=parseaddr(self.mail_from)[1], to_addrs=[dispatch.to])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            fault = _recipient_fault(code)
            raise fault(f"{code} {_text(reason)}", dispatch) from error
        except smtplib.SMTPDataError as error:
            fault = Refused if error.smtp_code >= PERMANENT else Postponed
            raise fault(f"{error.smtp_code} {_text(error.smtp_error)}", dispatch) from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise ChannelDown(f"{type(error).__name__}: {error}", dispatch) from error
        return str(mail["Message-ID"])

    def _server(self) -> smtplib.SMTP:
        if self.connection is None:
            try:
                self.connection = self._connected()
            except (smtplib.SMTPException, OSError) as error:
                raise ChannelDown(f"Máy chủ thư {self.parts.hostname}: {_without_secret(error)}") from error
        return self.connection

    def _connected(self) -> smtplib.SMTP:
        host, context = self.parts.hostname or "", ssl.create_default_context()
        if self.parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self.parts.port or 465, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(host, self.parts.port or 587, timeout=TIMEOUT)
        try:
            server.ehlo()
            if self.parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            if self.parts.username:
                if not isinstance(server.sock, ssl.SSLSocket) and not _is_here(host):
                    raise smtplib.SMTPException("máy chủ không mã hóa nên không gửi mật khẩu; dùng smtps://")
                server.login(unquote(self.parts.username), unquote(self.parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server

    def _drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def compose(dispatch: Dispatch, mail_from: str) -> EmailMessage:
    """The mail: plain text, with what lets a mail program offer to stop it (RFC 2369, RFC 8058).

    The library refuses a line break in a header, so that a title cannot add recipients. The Message-ID is made of
    the message's own id: a mail that had to be sent again is known as the same one.
    """
    name, address = parseaddr(mail_from)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=name, addr_spec=address)
    mail["To"] = Address(addr_spec=dispatch.to)
    mail["Subject"] = dispatch.subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{dispatch.id}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if dispatch.stop_link:
        mail["List-Unsubscribe"] = f"<{dispatch.stop_link}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(dispatch.text + "\n", charset="utf-8")
    return mail


def _recipient_fault(code: int) -> type[Refused] | type[Postponed]:
    if code < PERMANENT:
        return Postponed
    return Bounced if code in NO_RECIPIENT else Refused


def _text(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason


def _without_secret(error: Exception) -> str:
    """What went wrong; an answer to a sign-in may quote what was sent, so only its code is told."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{error.smtp_code}: tên hoặc mật khẩu không được chấp nhận"
    return f"{type(error).__name__}: {error}"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
