"""`khaosat user`: members of staff."""

import click

from survey.accounts.models import Role
from survey.accounts.service import add_user, free_username
from survey.commands.running import console, in_app
from survey.extensions import db


@click.group()
def user() -> None:
    """Members of staff: add them."""


@user.command("add")
@click.argument("username")
@click.option("--name", "full_name", help="Full name, as it is shown on signed figures.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--password", envvar="KHAOSAT_PASSWORD", help="Asked for when not given.")
@in_app
def add(username: str, full_name: str | None, role: str, password: str | None) -> None:
    """Add a member of staff.

    \b
    Example:
      khaosat user add lan --name "Nguyễn Thị Lan" --role statistician
    """
    username = free_username(username)  # before anybody thinks of a password
    password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    made = add_user(username, full_name or username, Role(role), str(password))
    db.session.commit()
    console.print(f"{made.username} ({made.role}) added.")
