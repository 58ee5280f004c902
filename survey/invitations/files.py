"""Messages into files."""

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from survey.formats import LOCAL_TIME
from survey.invitations.dispatch import ChannelDown, Dispatch
from survey.invitations.models import Channel


class FileSender:
    """Writes messages to a folder as JSON lines, a file a day: for trials, and for carriers that take files."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        self.channel, self.folder = channel, folder

    def __enter__(self) -> "FileSender":
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, dispatch: Dispatch) -> str:
        """Append a line and have it on the disk before the message counts as sent."""
        now = datetime.now(LOCAL_TIME)
        path = self.folder / f"{self.channel}-{now:%Y-%m-%d}.jsonl"
        line = json.dumps({**asdict(dispatch), "at": now.isoformat(timespec="seconds")}, ensure_ascii=False)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ChannelDown(f"Không ghi được {path.name}: {error.strerror}") from error
        return path.name
