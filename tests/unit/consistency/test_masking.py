# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A masked text is shortened by Secrets only: a cut of its own can leave a part of a secret."""

from __future__ import annotations

import ast

from tests.unit.consistency.support import ROOT

MASKS = {"mask", "mask_tokens_too"}


def test_only_the_masker_shortens_a_masked_text() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "plugins").rglob("*.py")
        if path.name != "_secrets.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Slice)
        and _masks(node.value)
        or isinstance(node, ast.Call)
        and _masks(node)
        and isinstance(node.args[0], ast.Subscript)
        and isinstance(node.args[0].slice, ast.Slice)
    ]
    assert found == []


def _masks(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MASKS
