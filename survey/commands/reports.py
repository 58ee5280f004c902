"""`khaosat report`: the reports that the plans ask for, as files."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from survey import formats
from survey.commands.running import console, in_app
from survey.errors import Fault
from survey.reports import service

KINDS = {"annual": service.ANNUAL, "quarterly": service.QUARTERLY, "quality": service.QUALITY}


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--year", type=int, help="Year of the figures; default: this year.")
@click.option("--survey", default="", help="Survey of a quality report.")
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="As what was public by the end of that day; default: today.",
)
@click.option("--lang", type=click.Choice(service.LANGUAGES), default="vi", show_default=True)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"))
@in_app
def report(kind: str, year: int | None, survey: str, day: datetime | None, lang: str, folder: Path) -> None:
    """Write a report as Word and PDF, the annual one with its annex as a workbook.

    \b
    Example:
      khaosat report annual --year 2026 --to reports
      khaosat report quality --survey ict-ho-gia-dinh --lang en
    """
    today = formats.local_day(datetime.now(UTC))
    as_of: date = day.date() if day else today
    wanted = service.Wanted(KINDS[kind], year or today.year, as_of, lang, survey)
    if kind == "quality" and not survey:
        raise Fault(
            "Báo cáo chất lượng là của một cuộc điều tra.", "Thêm --survey, ví dụ --survey ict-ho-gia-dinh."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix in service.FORMATS[wanted.kind]:
            file = service.make(wanted, suffix)
            (folder / file.name).write_bytes(file.content)
            console.print(str(folder / file.name))
    except OSError as error:
        raise Fault(
            f"Không ghi được vào {folder}: {error.strerror}.", "Chọn thư mục khác bằng --to."
        ) from error
