"""`khaosat demo`: a synthetic round from sample to published figures, and the real surveys recomputed."""

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

import click
import httpx
from flask import current_app
from sqlalchemy import select

from survey import formats
from survey.accounts.models import Role, User
from survey.accounts.service import add_user
from survey.assessment.reading import assessment_of
from survey.cases.models import Case, Disposition
from survey.cases.service import close_cases
from survey.commands.address import local_address
from survey.commands.figures import reckon, sign, weigh
from survey.commands.questionnaires import bring_in
from survey.commands.running import console, in_app, progress_bar
from survey.config import Settings
from survey.demo.enterprises import enterprise
from survey.demo.fieldwork import Assignment, Site, interview_all, sampling_frame, send_all
from survey.demo.microdata import release_microdata
from survey.demo.population import Population, synthesize
from survey.demo.reports import report
from survey.demo.voices import speak
from survey.disseminate.models import Observation, Release
from survey.disseminate.preview import last_release
from survey.errors import Fault
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.intake import helping
from survey.manage.sampling import draw_sample, keep_frame
from survey.process.models import Run, RunStatus
from survey.process.service import latest_run, request_run
from survey.rounds.models import Purpose, Round
from survey.rounds.service import ensure_round, instrument_of, load_questionnaire, open_round

SURVEY = "ict-ho-gia-dinh"
ROUND = "mo-phong-2026"
FRAME = "mo-phong"
PER_PSU = 10
ASSESSED = "dbi-dnnvv"
FIRMS = 80
FEWEST_UNITS = 400  # with fewer, some nonresponse class has nobody who answers, and no weight can be made
CASEWORKER = "ykien1"
ACCOUNTS = (
    ("thongke1", "Thống kê viên 1 (tài khoản mẫu)", Role.STATISTICIAN),
    ("thongke2", "Thống kê viên 2 (tài khoản mẫu)", Role.STATISTICIAN),
    ("dieutra1", "Điều tra viên 1 (tài khoản mẫu)", Role.ENUMERATOR),
    ("giamsat1", "Giám sát viên 1 (tài khoản mẫu)", Role.SUPERVISOR),
    (CASEWORKER, "Cán bộ xử lý ý kiến 1 (tài khoản mẫu)", Role.CASEWORKER),
    ("quanly", "Người quản lý khảo sát (tài khoản mẫu)", Role.MANAGER),
    ("quantri", "Quản trị viên (tài khoản mẫu)", Role.ADMIN),
)
TEAM = "Tổ công nghệ số cộng đồng (mã mẫu)"
HELPED_FOR = 365  # days


@click.command()
@click.option(
    "--units", type=click.IntRange(FEWEST_UNITS), default=2000, show_default=True, help="Households to draw."
)
@click.option("--seed", type=int, default=2026, show_default=True, help="Of population, sample and answers.")
@click.option("--base", help="Address of the running service; default: where it runs on this machine.")
@click.option("--all", "everything", is_flag=True, help="Also recompute the real surveys (verification).")
@in_app
def demo(units: int, seed: int, base: str | None, everything: bool) -> None:
    """Fill the running service with a synthetic round: sample, answers over HTTP, weights, published figures.

    What is done already is not done again. Every page and figure of the round says that it is synthetic.

    \b
    Example:
      khaosat demo --units 2000
    """
    config: Settings = current_app.config["KHAOSAT"]
    first, second = _accounts(config)
    if spoken := speak(db.session.scalars(select(User).where(User.username == CASEWORKER)).one()):
        console.print(f"Citizen voice: {spoken} sample messages.")
    if reports := report(first, second, datetime.now(LOCAL_TIME).date()):
        console.print(f"Administrative values: {reports} simulated ones.")
    db.session.commit()
    if everything:
        for folder in sorted(config.questionnaires.iterdir()):
            if (folder / "import.yaml").exists():
                _verify(folder, first, second)
    _demonstrate(units, seed, base, first, second)


def _accounts(config: Settings) -> tuple[User, User]:
    """Sample accounts and a team's code, made once, in a file that only the owner can read."""
    known = {user.username: user for user in db.session.scalars(select(User))}
    lines = []
    for username, full_name, role in ACCOUNTS:
        if username not in known:
            password = secrets.token_urlsafe(12)
            known[username] = add_user(username, full_name, role, password)
            lines.append(f"{username}\t{password}\t{role}\n")
    if not helping.teams():
        last_day = datetime.now(LOCAL_TIME).date() + timedelta(days=HELPED_FOR)
        team = helping.issue_team(TEAM, last_day, known["quanly"])
        lines.append(f"/ho-tro\t{team.code}\tteam code\n")
    db.session.commit()
    path = config.home / "demo-accounts.txt"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.writelines(lines)
    return known["thongke1"], known["thongke2"]


def _verify(folder: Path, first: User, second: User) -> None:
    """A real survey, from microdata to published figures."""
    if db.session.scalar(
        select(Observation.id).where(Observation.survey == folder.name, Observation.current)
    ):
        console.print(f"{folder.name}: published already.")
        return
    bring_in(folder)
    version = load_questionnaire(folder)
    round_ = ensure_round(version, "microdata", purpose=Purpose.VERIFICATION, time_period="")
    _publish(round_, first, second)


def _demonstrate(units: int, seed: int, base: str | None, first: User, second: User) -> None:
    config: Settings = current_app.config["KHAOSAT"]
    version = load_questionnaire(config.questionnaires / SURVEY)
    round_ = ensure_round(version, ROUND, purpose=Purpose.DEMONSTRATION, time_period="2026")
    release = last_release(round_)
    if release is not None:
        console.print(_nothing_to_do(release, base), soft_wrap=True)
        return
    base = (base or local_address(config)).rstrip("/")
    _assess(base, seed)
    with progress_bar("Synthetic population") as tell:
        tell(0.0, "2.6 million adults")
        population = synthesize(seed)
    _draw(round_, population, units, seed, config)
    open_round(round_)
    db.session.commit()
    _interview(round_, population, seed, base)
    _publish(round_, first, second)
    _release_microdata(round_, first, second)


def _release_microdata(round_: Round, first: User, second: User) -> None:
    run = latest_run(round_, RunStatus.DONE)
    assert run is not None
    try:
        release = release_microdata(run, first, second)
    except Fault as fault:  # a small sample may not hide everybody; the figures are there all the same
        db.session.rollback()
        console.print(f"No microdata: {fault}", soft_wrap=True)
        return
    db.session.commit()
    if release is not None:
        console.print(f"Microdata: {release.facts['rows']} anonymous rows in {len(release.files)} files.")


def _nothing_to_do(release: Release, base: str | None) -> str:
    """What is there already, and how to have another demonstration."""
    assert release.approved_by is not None
    told = (
        f"{SURVEY}/{ROUND}: published already on {formats.date(release.published_at)} (run {release.run_id}, signed"
        f" by {release.approved_by.full_name}), so there is nothing left to answer."
    )
    unused = f" Nothing was sent to {base}." if base else ""
    return (
        f"{told}{unused} For a new demonstration use an empty folder: KHAOSAT_HOME=var2 khaosat serve --fill"
    )


def _assess(base: str, seed: int) -> None:
    """Synthetic enterprises assess themselves, so that who tries it has others to be compared with."""
    config: Settings = current_app.config["KHAOSAT"]
    version = load_questionnaire(config.questionnaires / ASSESSED)
    round_ = ensure_round(version, ROUND, purpose=Purpose.DEMONSTRATION, time_period="2026")
    open_round(round_)
    db.session.commit()
    _refuse_wrong_service(base, round_)
    plan, site = assessment_of(version), Site(base, round_.project_token, instrument_of(version))
    db.session.commit()  # no transaction may stay open while the service works
    firms = (enterprise(plan, number, seed) for number in range(1, FIRMS + 1))
    with progress_bar("Self-assessments over HTTP", FIRMS) as tell:
        count = send_all(site, firms, tell)
    console.print(f"  {count} synthetic enterprises: {base}/{plan.address}", soft_wrap=True)


def _draw(round_: Round, population: Population, units: int, seed: int, config: Settings) -> None:
    if db.session.scalar(select(Case.id).where(Case.round_id == round_.id)):
        return
    frame = sampling_frame(population)
    keep_frame(frame, FRAME, config.files)
    sample = draw_sample(round_, frame, units=units, per_psu=PER_PSU, seed=seed)
    db.session.commit()
    console.print(
        f"Sample: {sum(sample.method['psus'].values())} PSUs in {len(sample.method['psus'])} strata."
    )


def _interview(round_: Round, population: Population, seed: int, base: str) -> None:
    cases = db.session.scalars(
        select(Case)
        .where(Case.round_id == round_.id, Case.disposition == Disposition.PENDING)
        .order_by(Case.id)
    ).all()
    if not cases:
        return
    _refuse_wrong_service(base, round_)
    site = Site(base, round_.project_token, instrument_of(round_.instrument_version))
    assignments = [Assignment(int(case.unit), case.code, case.token) for case in cases]
    db.session.commit()  # no transaction may stay open while the service works
    with progress_bar("Answers over HTTP", len(assignments)) as tell:
        outcomes = interview_all(site, population, assignments, seed, tell)
    console.print("  " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    close_cases(round_)
    db.session.commit()


def _refuse_wrong_service(base: str, round_: Round) -> None:
    """The service at this address must be there, and must know the round."""
    try:
        answer = httpx.get(f"{base}/openrosa/{round_.project_token}/formList", timeout=30.0)
    except (httpx.TransportError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise Fault(
            f"Không có dịch vụ nào trả lời ở {base}.",
            "Chạy `khaosat serve` ở một cửa sổ khác, hoặc sửa địa chỉ sau --base.",
        ) from error
    if not answer.is_success:
        raise Fault(
            f"Dịch vụ ở {base} không có đợt {round_.survey.code}/{round_.code} (HTTP {answer.status_code}).",
            "Nó chạy trên một cơ sở dữ liệu khác: dùng cùng KHAOSAT_HOME hoặc DATABASE_URL, hoặc sửa --base.",
        )


def _publish(round_: Round, first: User, second: User) -> None:
    run = latest_run(round_, RunStatus.DONE) or _run(round_, first)
    sign(run, first, second)


def _run(round_: Round, user: User) -> Run:
    run = request_run(round_, user)
    db.session.commit()
    weigh(run)
    reckon(run)
    return run
