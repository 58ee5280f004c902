"""`khaosat serve`, `worker`, `db` and `doctor`: start it, stop it, look after it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import click
import httpx
from flask import current_app

from survey.commands.address import announced
from survey.commands.running import console, in_app, plain_errors, settings
from survey.config import PROJECT, Settings
from survey.postgres import database

START_SECONDS = 120.0
STOP_SECONDS = 15.0


@click.command()
@click.option(
    "--fill", is_flag=True, help="Also bring in the real survey and a demonstration round (make run)."
)
@click.option(
    "--units", default=2000, show_default=True, help="With --fill: sampled households of the demonstration."
)
def serve(fill: bool, units: int) -> None:
    """Start the database, the web server and a job worker; Ctrl-C stops all of them.

    \b
    Example:
      khaosat serve
    """
    config = settings()
    _refuse_taken_port(config.port)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    try:
        with plain_errors(), announced(config), database(config) as url:
            _serve(config, url, fill, units)
    except KeyboardInterrupt:
        console.print("Đã dừng.")


def _serve(config: Settings, url: str, fill: bool, units: int) -> None:
    environment = {**os.environ, "DATABASE_URL": url.replace("postgresql+psycopg://", "postgresql://")}
    children: list[subprocess.Popen[bytes]] = []
    try:
        _run_step("Cập nhật cơ sở dữ liệu", "db", "upgrade", environment=environment)
        children += [_gunicorn(environment), _khaosat("worker", environment=environment)]
        _await_ready(config, children)
        if fill:
            _run_step("Nạp số liệu", "demo", "--all", "--units", str(units), environment=environment)
        _say_where(config)
        _watch(children)
    finally:  # before the database goes, and whatever the reason
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(
                ending, signal.SIG_IGN
            )  # an impatient second Ctrl-C must not leave half of it running
        console.print("\nĐang dừng…")
        _stop(children)


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} is in use by another program. Stop it, or choose another:"
                " KHAOSAT_PORT=8001 make run"
            ) from error


def _gunicorn(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROJECT / "gunicorn.conf.py"), "wsgi:application"]
    return subprocess.Popen(command, env=environment, cwd=PROJECT, start_new_session=True)


def _khaosat(*arguments: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", "from survey.cli import main; main()", *arguments]
    return subprocess.Popen(command, env=environment, start_new_session=True)


def _run_step(title: str, *arguments: str, environment: dict[str, str]) -> None:
    """A step in a process of its own, stopped with us."""
    console.print(f"[bold]{title}[/bold]")
    step = _khaosat(*arguments, environment=environment)
    try:
        if step.wait() != 0:
            raise click.ClickException(f"{title}: khaosat {' '.join(arguments)} failed; see the lines above")
    finally:
        _stop([step])


def _await_ready(config: Settings, children: list["subprocess.Popen[bytes]"]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        _refuse_dead(children)
        try:
            if httpx.get(f"http://127.0.0.1:{config.port}/readyz", timeout=2).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise click.ClickException(f"the web server did not answer within {START_SECONDS:.0f} seconds")


def _refuse_dead(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is not None:
            raise click.ClickException(f"a process ended with code {child.returncode}; see the lines above")


def _watch(children: list["subprocess.Popen[bytes]"]) -> None:
    while True:
        _refuse_dead(children)
        time.sleep(1.0)


def _stop(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _say_where(config: Settings) -> None:
    base = f"http://127.0.0.1:{config.port}"
    accounts = config.home / "demo-accounts.txt"
    staff = f"tài khoản mẫu ở {accounts}" if accounts.exists() else "thêm người: khaosat user add"
    console.print(
        f"""
[bold green]Khảo Sát Số đang chạy: {base}/[/bold green]
  Số liệu công bố               {base}/
  Kiểm chứng với khảo sát thật  {base}/kiem-chung
  Trả lời khảo sát              {base}/s/ict-ho-gia-dinh
  Doanh nghiệp tự đánh giá      {base}/dbi
  Người dân góp ý, phản ánh     {base}/y-kien
  Cán bộ đăng nhập              {base}/dang-nhap
                                ({staff})
  ODK Collect                   .venv/bin/khaosat openrosa url ict-ho-gia-dinh
Việc tiếp theo: đăng nhập bằng tài khoản thống kê viên, xem lượt xử lý ở {base}/process/
Nhấn Ctrl-C để dừng; chạy lại lệnh này sẽ tiếp tục với cùng dữ liệu ở {config.home}
""",
        soft_wrap=True,
    )


@click.command()
def worker() -> None:
    """Run queued jobs until stopped; start as many as you like, on any machine with the same DATABASE_URL.

    \b
    Example:
      DATABASE_URL=postgresql://khaosat@db.example/khaosat khaosat worker
    """
    from survey.app import create_app
    from survey.process.jobs import work

    with plain_errors(), database(settings()) as url:
        work(create_app(url))


@click.group("db")
def db_group() -> None:
    """The database: bring it up to date."""


@db_group.command("upgrade")
@in_app
def upgrade() -> None:
    """Create or migrate the tables and load the reference data; running it again changes nothing.

    \b
    Example:
      khaosat db upgrade
    """
    import flask_migrate

    flask_migrate.upgrade()
    load_reference_data()


def load_reference_data() -> None:
    """Areas, registry and the questionnaires that come with the project."""
    from survey.cases.areas import load_areas
    from survey.extensions import db
    from survey.registry.service import load_registry
    from survey.rounds.service import load_questionnaire

    console.print(f"  {load_areas()} areas, {load_registry()} registry lines", end="")
    folder: Path = current_app.config["KHAOSAT"].questionnaires
    codes = [
        load_questionnaire(path).survey.code
        for path in sorted(folder.iterdir())
        if (path / "survey.csv").exists()
    ]
    db.session.commit()
    console.print(f", questionnaires: {', '.join(codes)}")


@click.command()
@in_app
def doctor() -> None:
    """Check what the service needs, and say what to do about what is missing.

    \b
    Example:
      khaosat doctor
    """
    from shutil import which

    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from flask_migrate import Migrate

    from survey.extensions import db

    extension: Any = current_app.extensions["migrate"]
    assert isinstance(extension.migrate, Migrate)
    head = ScriptDirectory(extension.directory).get_current_head()
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        version = connection.exec_driver_sql("SHOW server_version").scalar()
    config: Settings = current_app.config["KHAOSAT"]
    checks = [
        ("PostgreSQL", f"{version}", True, ""),
        ("tables", f"{present} of {head}", present == head, "run: khaosat db upgrade"),
        ("data folder", str(config.home), os.access(config.home, os.W_OK), "make it writable"),
        ("Java (ODK Validate, optional)", which("java") or "none", True, ""),
        ("Chromium (tests, optional)", which("chromium") or "none", True, ""),
    ]
    for what, found, good, remedy in checks:
        console.print(f"{'ok ' if good else 'BAD'} {what}: {found}{'' if good else ' – ' + remedy}")
    if not all(good for _, _, good, _ in checks):
        raise click.ClickException("something is missing; see the lines marked BAD")
