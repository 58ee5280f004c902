"""The `khaosat` command: every long command shows progress, every error is one line with its remedy."""

import importlib

import click

# Loaded when called, and listed by these words: `khaosat --help` must not wait for pandas.
COMMANDS = {
    "serve": ("serving", "serve", "Start the database, the web server and a job worker; Ctrl-C stops them."),
    "worker": ("serving", "worker", "Run queued jobs until stopped; as many as you like, on any machine."),
    "db": ("serving", "db_group", "The database: bring it up to date."),
    "demo": ("demonstration", "demo", "Fill the running service with a synthetic round."),
    "questionnaire": ("questionnaires", "questionnaire", "Questionnaires: check, import, show, export."),
    "openrosa": ("questionnaires", "openrosa", "ODK Collect, KoboCollect and Enketo."),
    "import": ("questionnaires", "import_", "Bring microdata files in as responses."),
    "frame": ("sampling", "frame", "Sampling frames: bring them in."),
    "sample": ("sampling", "sample", "Samples: draw them."),
    "invite": ("invitations", "invite", "Invitations: letters, messages and reminders."),
    "controls": ("controls", "controls", "Population totals: bring them in with source, day and population."),
    "weight": ("figures", "weight", "Snapshot a round's responses and compute its weights."),
    "estimate": ("figures", "estimate", "Estimate the indicators of a weighted round."),
    "run": ("jobs", "run", "Runs: list, log, cancel, try again."),
    "publish": ("figures", "publish", "Publish estimates; it takes two people."),
    "withdraw": ("figures", "withdraw", "Take published figures back, with a public note."),
    "export": ("figures", "export", "Write what is published as CSV, XLSX and SDMX-CSV, with lineage."),
    "report": ("reports", "report", "Annual, quarterly and quality reports as Word, PDF and a workbook."),
    "deliver": ("delivering", "deliver", "Agencies: what waits for them, signed packages, pushing."),
    "token": ("delivering", "token", "Tokens of agencies' clients: add, list, revoke."),
    "reproduce": ("figures", "reproduce", "Compute a published figure again and compare it."),
    "user": ("people", "user", "Members of staff: add them."),
    "doctor": ("serving", "doctor", "Check what the service needs."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"survey.commands.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, _, words) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="khaosat")
def main() -> None:
    """Khảo Sát Số: surveys and official indicators, from an answer on a phone to a signed estimate.

    Settings come from the environment: DATABASE_URL, KHAOSAT_HOME, KHAOSAT_PORT. `khaosat COMMAND --help`
    shows an example of each command.
    """
