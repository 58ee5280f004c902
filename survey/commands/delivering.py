"""`khaosat deliver` and `khaosat token`: packages for agencies, and the keys of their clients."""

from pathlib import Path

import click
from flask import current_app

from survey import formats
from survey.commands.figures import find_user
from survey.commands.running import console, in_app
from survey.delivery import outbox, queues, service, tokens
from survey.delivery.models import Delivery, Way
from survey.errors import Fault
from survey.extensions import db

AS = click.option("--as", "username", required=True, help="User name of the person who does it.")


@click.group()
def deliver() -> None:
    """Published figures for agencies: queues, signed packages, pushing, acknowledgements."""


@deliver.command("list")
@in_app
def list_() -> None:
    """What waits for whom, and the latest deliveries.

    \b
    Example:
      khaosat deliver list
    """
    waiting = queues.queues()
    for queue in waiting:
        counts = ", ".join(f"{count} {change}" for change, count in queue.counts.items())
        console.print(f"waits  {queue.agency.code}{_mark(queue.is_synthetic)}: {counts}")
    for orphan in queues.orphans():
        console.print(f"no owner  {orphan.indicator.code}: {orphan.figures} figures")
    for delivery in service.deliveries(most=20):
        console.print(f"{delivery.id}  {delivery.agency.code}  {delivery.number}  {_state(delivery)}")
    if not waiting:
        console.print("Nothing waits.")


def _mark(is_synthetic: bool) -> str:
    return " (synthetic)" if is_synthetic else ""


def _state(delivery: Delivery) -> str:
    pushed = (
        f"push {delivery.push.state}, {delivery.push.attempts} attempts" if delivery.push else "not pushed"
    )
    acknowledged = "acknowledged" if delivery.acknowledged_at else "not acknowledged"
    return f"{len(delivery.lines)} figures, {pushed}, {acknowledged}"


@deliver.command("package")
@click.argument("agencies", nargs=-1, metavar="[AGENCY]...")
@click.option("--all", "everyone", is_flag=True, help="Every agency that something waits for.")
@click.option("--synthetic", is_flag=True, help="Generated figures instead of real ones.")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write the ZIP here too."
)
@AS
@in_app
def package(
    agencies: tuple[str, ...], everyone: bool, synthetic: bool, folder: Path | None, username: str
) -> None:
    """Pack and sign what agencies have still to get; where an endpoint is set, a worker pushes it.

    \b
    Example:
      khaosat deliver package thong-ke-tinh --to goi --as lan
      khaosat deliver package --all --as lan
    """
    user = find_user(username)
    waiting = [queue.agency.code for queue in queues.queues() if queue.is_synthetic == synthetic]
    chosen = waiting if everyone else list(agencies)
    if not chosen:
        raise Fault("Chưa nêu cơ quan, hoặc không có gì chờ gửi.", "Xem `khaosat deliver list`.")
    for code in chosen:
        agency = service.find_agency(code)
        delivery = service.deliver(agency, user, current_app.config["KHAOSAT"].home, is_synthetic=synthetic)
        db.session.commit()
        console.print(
            f"{delivery.id}  {code}  {delivery.number}: {len(delivery.lines)} figures, {delivery.sha256}"
        )
        if folder:
            console.print(f"  {_written(delivery, folder)}")


def _written(delivery: Delivery, folder: Path) -> Path:
    path = folder / f"{delivery.agency.code}-{delivery.number.partition('/')[0]}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(delivery.package)
    except OSError as error:
        raise Fault(f"Không ghi được {path}: {error.strerror}.", "Chọn thư mục khác bằng --to.") from error
    return path


@deliver.command("push")
@click.option(
    "--retry", "number", type=click.IntRange(1), help="This delivery now, also one that had stopped."
)
@click.option("--as", "username", help="User name; needed with --retry.")
@in_app
def push(number: int | None, username: str | None) -> None:
    """Push what is due now, without waiting for a worker; exits with 1 when something was not taken.

    \b
    Example:
      khaosat deliver push
      khaosat deliver push --retry 12 --as lan
    """
    if number is not None:
        if username is None:
            raise Fault("Chưa nêu người làm.", "Thêm --as TÊN.")
        outbox.retry_now(service.find_delivery(number), find_user(username))
        db.session.commit()
    done = outbox.push_due(current_app.config["KHAOSAT"])
    for delivery_id, state in done:
        told = service.find_delivery(delivery_id).push
        console.print(f"{delivery_id}: {state}{f', {told.reason}' if told and told.reason else ''}")
    console.print(f"{len(done)} packages tried.")
    if any(state != "sent" for _, state in done):
        raise Fault("Có gói chưa được nhận.", "Lý do ở trên và ở trang của lần gửi.")


@deliver.command("ack")
@click.argument("number", type=click.IntRange(1))
@click.option("--by", required=True, help="Who received it.")
@click.option("--letter", default="", help="Number of the agency's letter.")
@AS
@in_app
def ack(number: int, by: str, letter: str, username: str) -> None:
    """Record that an agency has received a delivery, as its letter says.

    \b
    Example:
      khaosat deliver ack 12 --by "Nguyễn Văn Bình" --letter 15/TKT-TH --as lan
    """
    sender = service.Sender(by, Way.LETTER, letter, find_user(username))
    first = service.acknowledge(service.find_delivery(number), sender)
    db.session.commit()
    console.print(f"{number}: {'acknowledged' if first else 'was acknowledged before'}.")


@click.group()
def token() -> None:
    """Tokens of agencies' clients for /api/v1/deliveries."""


@token.command("add")
@click.argument("agency")
@click.option("--name", required=True, help="Which client it is for.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(list(tokens.SCOPES)), help="Default: all."
)
@click.option("--days", default=365, show_default=True, help="How long it holds.")
@AS
@in_app
def add(agency: str, name: str, scopes: tuple[str, ...], days: int, username: str) -> None:
    """Give an agency's client a token; it is printed once and kept nowhere.

    \b
    Example:
      khaosat token add thong-ke-tinh --name "LGSP tỉnh" --as quantri
    """
    chosen = scopes or tuple(tokens.SCOPES)
    made, secret = tokens.make_token(service.find_agency(agency), name, chosen, days, find_user(username))
    db.session.commit()
    console.print(f"Token {made.id} until {formats.date(made.expires_at)}: {', '.join(made.scopes)}")
    click.echo(secret)  # whole, however narrow the terminal is


@token.command("list")
@in_app
def list_tokens() -> None:
    """All tokens with their state.

    \b
    Example:
      khaosat token list
    """
    found = tokens.tokens()
    for one in found:
        state = "valid" if tokens.is_valid(one) else "revoked" if one.revoked_at else "expired"
        used = formats.datetime(one.last_used_at)
        console.print(
            f"{one.id}  {one.agency.code}  {one.name}  {state}, until {formats.date(one.expires_at)}, used {used}"
        )
    if not found:
        console.print("No tokens.")


@token.command("revoke")
@click.argument("number", type=click.IntRange(1))
@AS
@in_app
def revoke(number: int, username: str) -> None:
    """Make a token useless at once.

    \b
    Example:
      khaosat token revoke 3 --as quantri
    """
    tokens.revoke(number, find_user(username))
    db.session.commit()
    console.print(f"Token {number} revoked.")
