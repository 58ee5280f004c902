"""`khaosat invite`: letters, invitations and reminders of a round."""

from pathlib import Path

import click
from flask import current_app

from survey.commands.address import local_address
from survey.commands.running import console, in_app, progress_bar, settings
from survey.errors import Fault
from survey.extensions import db
from survey.invitations import outbox
from survey.invitations.audience import SAYS, Audience, Way, audience
from survey.invitations.batches import PART, write_letters
from survey.invitations.letters import NoLetters, Scope, count_letters
from survey.invitations.models import Kind
from survey.rounds.models import Round
from survey.rounds.service import find_round

ROUND = click.argument("round_", metavar="SURVEY/ROUND")
BASE = click.option(
    "--base", help="Address under which people reach the service; default: KHAOSAT_PUBLIC_URL."
)
WAY = click.option(
    "--by",
    "way",
    type=click.Choice([str(way) for way in Way]),
    default=str(Way.EMAIL_FIRST),
    show_default=True,
)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say who would get a message and who not.")


@click.group()
def invite() -> None:
    """Invitations: letters, messages and reminders."""


@invite.command("letters")
@ROUND
@click.option(
    "--to", "path", type=click.Path(dir_okay=False, path_type=Path), required=True,
    help=f"PDF to write; a .zip of PDFs for more than {PART} letters.",
)  # fmt: skip
@click.option("--stratum", default="", help="Only this stratum.")
@click.option("--commune", default="", help="Only this commune (code).")
@click.option("--unanswered", is_flag=True, help="Only who has not answered.")
@BASE
@in_app
def print_letters(
    round_: str, path: Path, stratum: str, commune: str, unanswered: bool, base: str | None
) -> None:
    """Write letters with personal links and QR codes, a page a case.

    \b
    Example:
      khaosat invite letters ict-ho-gia-dinh/2026 --to letters.zip --base https://khaosat.example.vn
    """
    found, scope = _round(round_), Scope(stratum, commune, unanswered)
    count = count_letters(found, scope)
    if not count:
        raise NoLetters("Không có phiếu nào thuộc lựa chọn này.", "Chọn tầng, xã khác, hoặc rút mẫu trước.")
    if path.suffix not in (".pdf", ".zip") or (count > PART and path.suffix == ".pdf"):
        raise Fault(f"{count} thư không ghi được vào {path.name}.", "Dùng --to tên.zip (mỗi PDF 500 thư).")
    try:
        with progress_bar(f"{count} letters") as tell:
            write_letters(found, scope, _site(base), path, tell)
    except OSError as error:
        raise Fault(f"Không ghi được {path}: {error.strerror}.", "Chọn nơi khác bằng --to.") from error
    console.print(f"{path}: {count} letters, {path.stat().st_size / 1e6:.1f} MB.")


@invite.command("send")
@ROUND
@WAY
@DRY_RUN
@BASE
@in_app
def send(round_: str, way: str, dry_run: bool, base: str | None) -> None:
    """Queue invitations to those who have had none; a running worker sends them.

    \b
    Example:
      khaosat invite send ict-ho-gia-dinh/2026 --dry-run
    """
    _queue(_round(round_), Kind.INVITATION, Way(way), dry_run, base)


@invite.command("remind")
@ROUND
@WAY
@DRY_RUN
@BASE
@in_app
def remind(round_: str, way: str, dry_run: bool, base: str | None) -> None:
    """Queue reminders to those who have not answered; a running worker sends them.

    \b
    Example:
      khaosat invite remind ict-ho-gia-dinh/2026 --by sms --dry-run
    """
    _queue(_round(round_), Kind.REMINDER, Way(way), dry_run, base)


def _queue(round_: Round, kind: Kind, way: Way, dry_run: bool, base: str | None) -> None:
    if dry_run:
        outbox.refuse_closed(round_)
        _say(audience(round_, kind, way), "would be queued")
        return
    found = outbox.queue(round_, kind, way, _site(base))
    db.session.commit()
    _say(found, "queued")


def _say(found: Audience, done: str) -> None:
    channels = ", ".join(f"{count} {channel}" for channel, count in found.by_channel.items())
    console.print(f"{len(found.to)} messages {done}{f' ({channels})' if channels else ''}.")
    for reason, count in found.left_out.items():
        console.print(f"  {count} not: {SAYS[reason]}")


def _round(text: str) -> Round:
    survey, slash, code = text.partition("/")
    if not slash or not code:
        raise Fault(f"“{text}” chưa nêu đợt.", "Viết KHẢO-SÁT/ĐỢT, ví dụ ict-ho-gia-dinh/2026.")
    return find_round(survey, code)


def _site(base: str | None) -> str:
    """The address that links begin with."""
    config = settings()
    return (base or config.public_url or local_address(current_app.config["KHAOSAT"])).rstrip("/")
