# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages name only options and variables that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import tracking_argument_spec
from tests.unit.consistency.support import ROOT
from tests.unit.consistency.test_role_defaults import options_of

UTILS = ROOT / "plugins" / "module_utils"
OF_ROLE = set(options_of("esa_ctr_integration"))
OF_PLAYBOOKS = {
    name
    for path in (ROOT / "playbooks").glob("*.yml")
    for name in re.findall(r"\{\{ (esa_ctr_\w+)", path.read_text(encoding="utf-8"))
}
OF_TRACKING = set(tracking_argument_spec())
NO_OPTIONS = {"c_rehash", "gui_logs"}
"""Other names with an underscore: a program, and a log of AsyncOS."""
UNDERSCORED = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
TO_BE_SET = re.compile(r"\b(?:[Rr]aise|[Ll]ower|[Ss]et|[Cc]heck|[Gg]ive) ((?:[a-z_]+, )*[a-z_]+ and [a-z_]+|[a-z_]+)\b")
NO_NAMES = {"a", "it", "the", "that", "and"}


def sentences(path: Path) -> list[str]:
    """Return the texts of a file that users may see: string constants and parts of f-strings, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in texts if id(node) not in docstrings and " " in node.value]


def named(text: str) -> set[str]:
    """Return the names of options in a text: all with an underscore, and those after a verb like "raise"."""
    listed = [re.split(r"\W+", words) for words in TO_BE_SET.findall(text)]
    given = {word for words in listed if words[0] not in NO_NAMES for word in words}
    return set(UNDERSCORED.findall(text)) | given - NO_NAMES


@pytest.mark.parametrize("path", sorted((UTILS / "_asyncos_api").glob("*.py")), ids=lambda path: path.name)
def test_fixes_for_the_appliance_api_name_options_of_its_module(path: Path) -> None:
    words = {name for text in sentences(path) for name in named(text)}
    assert words - OF_TRACKING - OF_ROLE - NO_OPTIONS == set()


def test_variables_in_messages_exist() -> None:
    texts = [text for path in (ROOT / "plugins").rglob("*.py") for text in sentences(path)]
    variables = {name for text in texts for name in re.findall(r"\besa_ctr_(?!integration\b)[a-z0-9]\w*\b", text)}
    assert variables and sorted(variables - OF_ROLE - OF_PLAYBOOKS) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Raise timeout, or search a shorter time.", {"timeout"}),
        ("check host, port and proxy.", {"host", "port", "proxy"}),
        ("Check that the account may.", set()),
        ("give it in ca_path, or raise wait_timeout.", {"ca_path", "wait_timeout"}),
    ],
)
def test_names_of_options_are_found(text: str, names: set[str]) -> None:
    assert named(text) == names
