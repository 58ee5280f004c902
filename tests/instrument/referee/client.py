"""JavaRosa, inside the ODK_Validate.jar that pyxform brings, driven line by line."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyxform

HERE = Path(__file__).parent
JAR = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"


@dataclass(frozen=True)
class Told:
    """What JavaRosa says of one node."""

    relevant: bool
    required: bool
    holds: bool
    value: str


class Referee:
    """One running JavaRosa; `close` ends it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="referee-"))
        compiling = ["javac", "-cp", str(JAR), "-d", str(self.folder), str(HERE / "Referee.java")]
        subprocess.run(compiling, check=True, capture_output=True)
        running = ["java", "-Xmx256m", "-Duser.timezone=UTC", "-cp", f"{self.folder}:{JAR}", "Referee"]
        self.process = subprocess.Popen(
            running,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def close(self) -> None:
        """End the process and remove its files."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()
        shutil.rmtree(self.folder)

    def ask(self, command: str) -> list[list[str]]:
        """Send one command; its answer as lines of cells."""
        assert self.process.stdin and self.process.stdout and "\n" not in command
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "END\n":
                return lines
            lines.append([_plain(cell) for cell in line.rstrip("\n").split("\t")])
        raise RuntimeError("the referee ended")

    def form(self, xml: bytes) -> None:
        """Take up a form; raises ValueError when JavaRosa refuses it."""
        path = self.folder / "form.xml"
        path.write_bytes(xml)
        found = self.ask(f"FORM {path}")
        if found:
            raise ValueError(found[0][1])

    def case(self, xml: bytes) -> dict[str, Told]:
        """Load answers into the form; what holds for each node, repeats as name[0]."""
        path = self.folder / "case.xml"
        path.write_bytes(xml)
        found = self.ask(f"CASE {path}")
        if found and found[-1][0] == "ERROR":
            raise ValueError(found[-1][1])
        return {row[0]: Told(row[1] == "true", row[2] == "true", row[3] == "true", row[4]) for row in found}

    def expression(self, text: str) -> tuple[str, str]:
        """Evaluate at the root of the case: the Java class and the text of the value."""
        kind, value = self.ask(f"EXPR {text}")[0]
        return kind, value


def missing() -> str:
    """Why there can be no referee here, or an empty text."""
    lacking = [name for name in ("java", "javac") if shutil.which(name) is None]
    return f"JavaRosa needs a JDK; missing: {', '.join(lacking)}" if lacking else ""


def _plain(cell: str) -> str:
    return cell.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r").replace("\\\\", "\\")
