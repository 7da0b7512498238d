# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws appliances that speak any combination of the lab's dialect switches."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.lab.dialect import AMERICAS, APJC, EUROPE, NAM
from tests.unit.plugins.module_utils.asyncos.person import NAME

SENTENCES = ("Notice [1] of 2: see the release notes.", "- and nothing else -", "Please wait ...", "5 > 4")
INITIAL = (
    {},
    {"region": "europe"},
    {"enabled": True, "region": "europe"},
    {"enabled": True, "region": "americas"},
    {"enabled": True, "region": "europe", "registered": True},
)


def _servers() -> st.SearchStrategy[list[str]]:
    americas = st.sampled_from([AMERICAS, NAM])
    offered = st.tuples(americas, st.just(EUROPE), st.just(APJC)).flatmap(st.permutations)
    some = st.tuples(americas, st.just(EUROPE)).flatmap(st.permutations)
    none_of_europe = st.tuples(americas, st.just(APJC)).map(list)
    return st.one_of(offered, none_of_europe, some)


def dialects() -> st.SearchStrategy[dict[str, Any]]:
    """The C(dialect) of an appliance in a fleet file; every switch may be left at its default."""
    flags = ("current_server_line", "rollback_question", "echo", "pager", "control_sequences")
    choices: dict[str, st.SearchStrategy[Any]] = {
        "servers": _servers(),
        "after_choice": st.sampled_from(["menu", "prompt"]),
        "unknown_command": st.sampled_from(["long", "short"]),
        "registering_text": st.sampled_from(["busy", "progress"]),
        "settrs_while_registered": st.sampled_from(["list", "refused"]),
        "banner": st.sampled_from(["Authorised use only!\nAll is logged.", "esa9.example.com> "]),
        "login_message": st.sampled_from(["Maintenance on Sunday.", "Mind the gap >"]),
        "note_width": st.integers(20, 400),
        "status_wrap": st.sampled_from([0, 15, 40, 79]),
        "prompt": st.sampled_from(["standalone"] * 3 + ["machine", "group", "cluster", "disconnected"]),
        "menu_style": st.sampled_from(["dashed"] * 4 + ["numbered"]),
        "menu_order": st.sampled_from(["normal", "reversed", "shuffled"]),
        "menu_seed": st.integers(0, 99),
        "menu_wording": st.sampled_from(["standard", "other"]),
        "keyword_case": st.sampled_from(["upper", "lower"]),
        "lines_before_menu": st.lists(st.sampled_from(SENTENCES), max_size=2),
        "server_default": st.sampled_from(["current", "none", "first"]),
        "comment_default": st.just("none given"),
        "rollback_default": st.sampled_from(["Y", "N"]),
        "deregister_default": st.sampled_from(["N", "n", "No", "NO", "no"]),
        "discard_question": st.sampled_from([False] * 3 + [True]),
        "line_end": st.sampled_from(["crlf", "crcrlf"]),
        "pager_lines": st.sampled_from([0, 3, 7]),
        "slow_output": st.sampled_from([0, 0, 3, 40]),
        "auth": st.sampled_from([["password"], ["keyboard-interactive"], ["keyboard-interactive", "password"]]),
        "legacy_ssh": st.sampled_from([False] * 4 + [True]),
        **{flag: st.booleans() for flag in flags},
    }
    return st.fixed_dictionaries({}, optional=choices)


def appliances(generation: int) -> st.SearchStrategy[dict[str, Any]]:
    """An appliance of a fleet file, in any initial state, wanted in Europe."""
    return st.fixed_dictionaries(
        {
            "name": st.just(NAME),
            "generation": st.just(generation),
            "initial": st.sampled_from(INITIAL),
            "dialect": dialects(),
        }
    ).filter(_can_be)


def _can_be(appliance: dict[str, Any]) -> bool:
    """An appliance cannot be on a server that it does not offer."""
    servers = appliance["dialect"].get("servers")
    region = appliance["initial"].get("region")
    return (
        servers is None
        or region is None
        or any(region.upper() in s or s == NAM and region != "europe" for s in servers)
    )
