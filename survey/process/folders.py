"""Where a run keeps its files."""

from pathlib import Path

from flask import current_app

from survey.process.models import Run


def run_folder(run: Run) -> Path:
    """The run's own folder, made if it is not there."""
    folder = Path(current_app.config["KHAOSAT"].files) / "runs" / str(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
