"""A recipe as YAML for people: laid out as the design.yaml files are, a step on a line."""

from collections.abc import Mapping
from typing import Any

import yaml


class Layout(yaml.SafeDumper):
    """Lists stand further in than their name; what holds only values and lists of them stands on one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = all(_is_short(value) for _, value in node.value)
        return node

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _is_short(node: yaml.Node) -> bool:
    inner = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return all(isinstance(each, yaml.ScalarNode) for each in inner)


def as_yaml(document: Mapping[str, Any]) -> str:
    """The text of a recipe's document."""
    return yaml.dump(
        dict(document), Dumper=Layout, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110
    )
