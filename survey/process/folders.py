"""Where runs, snapshots and releases keep their files."""

from pathlib import Path

from flask import current_app

from survey.process.models import Run


def run_folder(run: Run) -> Path:
    """The run's own folder, made if it is not there."""
    folder = Path(current_app.config["KHAOSAT"].files) / "runs" / str(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def present(folder: str) -> Path:
    """Where a folder of KHAOSAT_FILES is today: the files may have been moved or restored since it was written down."""
    written = Path(folder)
    today = Path(current_app.config["KHAOSAT"].files) / written.parent.name / written.name
    return today if today.is_dir() else written
