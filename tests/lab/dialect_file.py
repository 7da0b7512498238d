# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the `dialect:` of an appliance in the fleet file."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from tests.lab.dialect import EUROPE, LINE_ENDS, PAUSE, SERVER_LABEL, SERVERS_BY_GENERATION, Dialect
from tests.lab.fleet_fields import Fields

LOGIN_METHODS = ("password", "keyboard-interactive", "publickey")
CHOICES = {
    "after_choice": ("menu", "prompt"),
    "deregister_default": ("N", "n", "No", "NO", "no"),
    "keyword_case": ("upper", "lower"),
    "line_end": tuple(LINE_ENDS),
    "menu_order": ("normal", "reversed", "shuffled"),
    "menu_style": ("dashed", "numbered"),
    "menu_wording": ("standard", "other"),
    "prompt": ("standalone", "machine", "group", "cluster", "disconnected"),
    "refusal": (
        "none",
        "no_cli_rights",
        "expired_password",
        "two_factor",
        "session_limit",
        "idle_timeout",
        "configuration_lock",
        "unknown_screen",
        "maintenance",
    ),
    "registering_text": ("busy", "progress"),
    "rollback_default": ("Y", "N"),
    "server_default": ("current", "none", "first"),
    "settrs_while_registered": ("list", "refused"),
    "two_factor_at": ("keyboard-interactive", "login"),
    "unknown_command": ("long", "short"),
    "unknown_screen_at": (
        "login",
        "version",
        "cloudserviceconfig",
        "threatresponseconfig",
        "clustermode",
        "clusterconfig",
        "showchanges",
        "commit",
        "clearchanges",
        "exit",
        "ENABLE",
        "DISABLE",
        "SETTRS",
        "REGISTER",
        "token",
        "DEREGISTER",
    ),
}
NUMBERS = {
    "idle_after_lines": (0, 1000),
    "menu_seed": (0, 1_000_000),
    "note_width": (20, 400),
    "pager_lines": (0, 1000),
    "refusal_times": (0, 1000),
    "slow_output": (0, 1000),
    "status_wrap": (0, 400),
}
"""Lowest and highest value of each switch."""
LEAST_WIDTH = 10
LEAST_HEIGHT = 3


def read_dialect(appliance: Fields, generation: int) -> Dialect:
    """Return the dialect of an appliance: its switches under `dialect:`, and the defaults of its generation."""
    given = appliance.inner("dialect", set(Dialect.__dataclass_fields__))
    defaults = {
        **{field.name: field.default for field in fields(Dialect) if field.default is not MISSING},
        **defaults_of(generation),
    }
    dialect = Dialect(**{name: _read(given, name, default) for name, default in defaults.items()})
    _check(given, dialect)
    return dialect


def defaults_of(generation: int) -> dict[str, Any]:
    """Return the defaults that differ between generations."""
    return {
        "servers": SERVERS_BY_GENERATION[generation],
        "current_server_line": generation >= 3,
        "after_choice": "prompt" if generation == 4 else "menu",
        "rollback_question": generation >= 3,
        "unknown_command": "long" if generation >= 3 else "short",
    }


def _read(given: Fields, name: str, default: Any) -> Any:
    if name in CHOICES:
        return given.choice(name, default, CHOICES[name])
    if name in NUMBERS:
        return given.whole(name, default, *NUMBERS[name])
    if isinstance(default, bool):
        return given.flag(name, default)
    if isinstance(default, tuple):
        return given.texts(name, default)
    return given.text(name, default)


def _check(given: Fields, dialect: Dialect) -> None:
    if not dialect.servers:
        given.fail("servers", "must not be empty")
    for label in dialect.servers:
        if not SERVER_LABEL.fullmatch(label):
            given.fail("servers", f"must hold labels like {EUROPE!r}, not {label!r}")
    for pause in dialect.pauses:
        if not PAUSE.fullmatch(pause):
            given.fail("pauses", f"must hold texts like '1.6 after RAID:', not {pause!r}")
    if not dialect.auth or not set(dialect.auth) <= set(LOGIN_METHODS):
        given.fail("auth", f"must hold some of {', '.join(LOGIN_METHODS)}")
    if 0 < dialect.status_wrap < LEAST_WIDTH:
        given.fail("status_wrap", f"must be 0 or at least {LEAST_WIDTH}")
    if 0 < dialect.pager_lines < LEAST_HEIGHT:
        given.fail("pager_lines", f"must be 0 or at least {LEAST_HEIGHT}")
