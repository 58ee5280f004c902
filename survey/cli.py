"""The `khaosat` command: every long command shows progress, every error is one line with its remedy."""

import importlib

import click

# Loaded when called: `khaosat --help` and `khaosat serve` must not wait for pandas.
COMMANDS = {
    "serve": ("survey.commands.serving", "serve"),
    "worker": ("survey.commands.serving", "worker"),
    "db": ("survey.commands.serving", "db_group"),
    "demo": ("survey.commands.demonstration", "demo"),
    "questionnaire": ("survey.commands.questionnaires", "questionnaire"),
    "openrosa": ("survey.commands.questionnaires", "openrosa"),
    "import": ("survey.commands.questionnaires", "import_"),
    "frame": ("survey.commands.sampling", "frame"),
    "sample": ("survey.commands.sampling", "sample"),
    "weight": ("survey.commands.figures", "weight"),
    "estimate": ("survey.commands.figures", "estimate"),
    "publish": ("survey.commands.figures", "publish"),
    "export": ("survey.commands.figures", "export"),
    "user": ("survey.commands.people", "user"),
    "doctor": ("survey.commands.serving", "doctor"),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="khaosat")
def main() -> None:
    """Khảo Sát Số: surveys and official indicators, from an answer on a phone to a signed estimate.

    Settings come from the environment: DATABASE_URL, KHAOSAT_HOME, KHAOSAT_PORT.
    """
