"""The programs of a release, run as a reader runs them: they print the published figure and its error."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from survey.microdata.making import made, write
from survey.microdata.plan import Chosen
from survey.microdata.snippets import python_snippet, r_snippet
from tests.microdata.sampled_plans import plan


@pytest.fixture
def package(bench, tmp_path: Path):
    """A release's folder, and what was made for it."""
    done = made(bench, plan())
    write(bench, plan(), done, 1, tmp_path / "out")
    return tmp_path / "out", done


def printed(command: list[str], folder: Path) -> tuple[float, float]:
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    value, error = answer.stdout.split()[-2:]
    return float(value), float(error)


def test_the_python_program_prints_the_published_share(package):
    folder, done = package
    value, error = printed([sys.executable, "vi-du.py"], folder)
    (share,) = (one for one in done.figures.reproduced if one.indicator == "smartphone-use")
    assert share.estimand == "share" and value == pytest.approx(share.value, abs=1e-9)
    assert error == pytest.approx(share.std_error, abs=1e-9)


def test_the_r_program_prints_the_published_share(package):
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed: the R program is not run")
    folder, done = package
    value, error = printed(["Rscript", "vi-du.R"], folder)
    (share,) = (one for one in done.figures.reproduced if one.indicator == "smartphone-use")
    assert value == pytest.approx(share.value, abs=1e-9)
    assert error == pytest.approx(share.std_error, abs=1e-9)


def test_programs_of_a_mean_and_a_ratio_agree_in_both_languages(bench, tmp_path: Path):
    chosen = plan(Chosen("sex"))  # no key, so that no value of it is blanked
    done = made(bench, chosen)
    (csv,) = [p for p in write(bench, chosen, done, 1, tmp_path / "out")[0] if p.name.endswith("v1.csv")]
    variance = done.design.variance
    figures = {one.indicator: one for one in done.figures.reproduced}
    for code in ("mean-income", "income-share-of-women"):
        one = figures[code]
        assert one.is_same
        (csv.parent / "a.py").write_text(python_snippet(one, csv.name), encoding="utf-8")
        found = [printed([sys.executable, "a.py"], csv.parent)]
        if shutil.which("Rscript"):
            text = r_snippet(one, csv.name, float(variance.scale), variance.rscales.tolist())
            (csv.parent / "a.R").write_text(text, encoding="utf-8")
            found.append(printed(["Rscript", "a.R"], csv.parent))
        for value, error in found:
            assert value == pytest.approx(one.published, rel=1e-9), code
            assert error == pytest.approx(one.std_error, rel=1e-9), code


def test_a_program_says_plainly_that_its_figure_is_another(bench):
    done = made(bench, plan(Chosen("age", "key", "15, 30, 60")))
    (share,) = (one for one in done.figures.reproduced if one.indicator == "smartphone-use")
    for text in (python_snippet(share, "x.csv"), r_snippet(share, "x.csv", 1.0, [0.8, 0.8])):
        assert "KHÁC số công bố" in text and "Taylor" in text


def test_a_label_cannot_become_code(bench):
    done = made(bench, plan())
    one = done.figures.reproduced[0]
    object.__setattr__(one, "label", 'x\nimport os; os.abort()\r\u2028quit("no")\x00')
    for text in (python_snippet(one, "x.csv"), r_snippet(one, "x.csv", 1.0, [0.8, 0.8])):
        head = text.split("\n")[0]
        assert "os.abort()" in head and head.startswith("# ")
        assert not any(line.startswith(("import os", "quit")) for line in text.splitlines())
