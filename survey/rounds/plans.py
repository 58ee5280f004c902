"""The plans beside a questionnaire's sheets: what is measured, how it is weighted, checked and assessed."""

import csv
from pathlib import Path
from typing import Any

import yaml

from survey.errors import Fault

LARGEST_PLAN = 2_000_000
MOST_ENTRIES = 200_000
UNREADABLE = (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError)


class BadPlan(Fault):
    title = "Phương án của phiếu chưa nhập được"


def read_plans(folder: Path) -> dict[str, Any]:
    """The plans of a questionnaire's folder, and the totals it is weighted to; raise `BadPlan`."""
    plans: dict[str, Any] = {}
    for name in ("indicators", "design", "edits", "assessment"):
        path = folder / f"{name}.yaml"
        if path.exists():
            plans[name] = _mapping(path)
    _add_auxiliary(plans.get("design") or {}, folder)
    plans["controls"] = [row for path in sorted(folder.glob("controls*.csv")) for row in _controls(path)]
    return plans


def _mapping(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LARGEST_PLAN:
        raise BadPlan(f"{path.name} lớn hơn {LARGEST_PLAN // 10**6} MB.", "Rút gọn tệp rồi nhập lại.")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        # Aliases of aliases: a few lines may stand for billions of entries.
        entries = _entries(found, {})
    except UNREADABLE as error:
        raise BadPlan(f"{path.name}: không đọc được YAML: {error}", "Sửa tệp rồi nhập lại.") from error
    if entries > MOST_ENTRIES:
        raise BadPlan(f"{path.name}: các bí danh (*tên) tạo ra quá nhiều mục.", "Bớt bí danh lồng nhau.")
    if not isinstance(found, dict):
        raise BadPlan(f"{path.name}: không phải danh mục tên và giá trị.", "Xem mẫu trong questionnaires/.")
    return found


def _entries(node: Any, known: dict[int, int]) -> int:
    """How many entries a document has when every alias is written out."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if id(node) not in known:
        known[id(node)] = 1 + sum(_entries(child, known) for child in inner)
    return known[id(node)]


def _add_auxiliary(design: dict[str, Any], folder: Path) -> None:
    """Put the rows of the file that design.yaml's `small_area` names beside its name: they belong to the plan."""
    plan = design.get("small_area")
    if not isinstance(plan, dict) or "auxiliary" not in plan:
        return
    name = str(plan["auxiliary"])
    path = folder / name
    if Path(name).name != name or not path.is_file():
        raise BadPlan(
            f"design.yaml, small_area: không có tệp {name!r} trong thư mục phiếu.",
            "Đặt tệp CSV cạnh design.yaml và ghi đúng tên.",
        )
    if path.stat().st_size > LARGEST_PLAN:
        raise BadPlan(f"{name} lớn hơn {LARGEST_PLAN // 10**6} MB.", "Rút gọn tệp rồi nhập lại.")
    plan["rows"] = [{key: text for key, text in row.items() if key != "file"} for row in _controls(path)]


def _controls(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [{"file": path.name, **row} for row in csv.DictReader(file)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadPlan(f"{path.name}: không đọc được: {error}", "Lưu lại dưới dạng CSV UTF-8.") from error
