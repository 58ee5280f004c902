"""The reference page is what the docstrings say now, and covers everything public."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import analysis
from analysis import Design

DOCS = Path(__file__).parents[2] / "docs" / "statistics"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(maker: ModuleType) -> str:
    return str(maker.page())


def test_the_reference_is_up_to_date(page: str) -> None:
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == page, (
        "run: python docs/statistics/make_reference.py"
    )


def test_every_method_of_a_design_is_there(page: str) -> None:
    public = {name for name in dir(Design) if not name.startswith("_")}
    assert len(public) > 20
    assert {name for name in public if f"\n#### Design.{name}\n" not in page} == set()


def test_every_name_that_a_package_offers_is_there(page: str) -> None:
    packages = [m.name for m in pkgutil.iter_modules(analysis.__path__, "analysis.") if m.ispkg]
    offered = [name for p in packages for name in getattr(importlib.import_module(p), "__all__", [])]
    assert len(offered) > 20
    assert [name for name in offered if f"\n### {name}\n" not in page] == []
