"""A version shown on a phone and on a desk side by side, and tried by answering it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from survey.accounts.service import allowed_to
from survey.authoring import preview, service
from survey.authoring.blueprint import VERSION, authoring
from survey.collect.words import LANGUAGE_NAMES
from survey.extensions import db
from survey.intake.models import Response
from survey.printing import qr_svg
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of


@authoring.get(f"{VERSION}/xem-thu")
@allowed_to("manage")
def preview_page(survey: str, version_id: int) -> str:
    """The citizen's own pages in two frames, and what was tried; before the first opening only its button."""
    version = service.find_version(survey, version_id)
    instrument, round_ = instrument_of(version), preview.preview_of(version)
    wanted = request.args.get("lang", "")
    lang = wanted if wanted in instrument.languages else instrument.default_language
    address = url_for("collect.trial", token=round_.project_token, lang=lang) if round_ else ""
    absolute = request.url_root.removesuffix("/") + address.removeprefix(request.script_root)
    return render_template(
        "authoring/preview.html",
        version=version,
        instrument=instrument,
        preview=round_,
        language_names=LANGUAGE_NAMES,
        language_choices=[
            (
                code,
                LANGUAGE_NAMES.get(code, code),
                url_for("authoring.preview_page", lang=code, **_here(version)),
            )
            for code in instrument.languages
        ],
        shown=lang,
        address=address,
        absolute=absolute,
        qr=Markup(qr_svg(absolute)) if round_ else "",  # made of squares only
        trials=preview.trials(round_) if round_ else (),
        answered=_answered,
    )


def _answered(trial: Response) -> list[tuple[str, str, str]]:
    """What a trial would store: variable, question and code of each answer that is no list."""
    questions = instrument_of(trial.instrument_version).questions
    return [
        (name, questions[name].label() if name in questions else "", _code(value))
        for name, value in trial.answers.items()
        if value not in (None, "", [])
    ]


def _code(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    if any(isinstance(item, dict) for item in value):
        return f"{len(value)} mục"
    return " ".join(map(str, value))


@authoring.post(f"{VERSION}/xem-thu")
@allowed_to("manage")
def open_preview(survey: str, version_id: int) -> Redirect:
    """Make the preview if there is none yet; trials older than 7 days go."""
    version = service.find_version(survey, version_id)
    preview.open_preview(version)
    db.session.commit()
    return _to_preview(version)


@authoring.post(f"{VERSION}/xem-thu/xoa")
@allowed_to("manage")
def forget_trials(survey: str, version_id: int) -> Redirect:
    """Delete all that was tried with this version."""
    version = service.find_version(survey, version_id)
    round_ = preview.preview_of(version)
    count = preview.forget_trials(round_) if round_ else 0
    db.session.commit()
    flash(f"Đã xóa {count} phiếu thử.", "success")
    return _to_preview(version)


def _to_preview(version: InstrumentVersion) -> Redirect:
    return redirect(url_for("authoring.preview_page", **_here(version)), code=303)


def _here(version: InstrumentVersion) -> dict[str, Any]:
    return {"survey": version.survey.code, "version_id": version.id}
