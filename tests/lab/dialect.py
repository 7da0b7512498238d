# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How one appliance speaks: independent switches, each with a default that depends on the menu generation at most."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.lab.fleet_fields import Fields

AMERICAS = "AMERICAS (api-sse.cisco.com)"
NAM = "NAM (api-sse.cisco.com)"
EUROPE = "EUROPE (api.eu.sse.itd.cisco.com)"
APJC = "APJC (api.apj.sse.itd.cisco.com)"

SERVERS_BY_GENERATION = {
    1: (AMERICAS, EUROPE),
    2: (AMERICAS, APJC, EUROPE),
    3: (AMERICAS, EUROPE, APJC),
    4: (APJC, EUROPE, NAM),
}
"""Labels are C; which generation uses which, and in which order, is I. Generation 1 has no APJC (A: came later)."""

LINE_ENDS = {"crlf": "\r\n", "crcrlf": "\r\r\n"}
SERVER_LABEL = re.compile(r"(?P<name>\S.*?) \((?P<fqdn>[A-Za-z0-9.-]+)\)")


@dataclass(frozen=True)
class Dialect:
    """The switches of one appliance, resolved."""

    servers: tuple[str, ...]
    """Ordered labels of the offered servers, each `NAME (fqdn)`."""
    current_server_line: bool
    """Whether ENABLE and SETTRS first name the configured server (R)."""
    after_choice: str
    """Where a chosen server leads: back to the `menu`, or to the main `prompt`."""
    rollback_question: bool
    """Whether commit asks about saving the configuration for rollback (B: some do)."""
    unknown_command: str
    """`long` for `Unknown command or missing feature key: X` (D), `short` for `Unknown command: X`."""
    registering_text: str = "busy"
    """What the box says while a registration runs: `busy` (B) or `progress` (A for the web UI)."""
    settrs_while_registered: str = "list"
    """Whether SETTRS on a registered box still shows the `list` and refuses the choice, or is `refused` at once (R)."""
    line_end: str = "crlf"
    """`crlf`, or `crcrlf` (C)."""
    banner: str = ""
    """Pre-login banner that an administrator configured (C)."""
    login_message: str = ""
    """Message after login that an administrator configured (C)."""
    note_width: int = 76
    """Column at which the NOTE of the login text is wrapped (C: differs per release)."""
    auth: tuple[str, ...] = ("password", "keyboard-interactive")
    """Login methods offered (C)."""
    pager: bool = True
    """Whether long outputs stop at the height of the terminal (C)."""


def read_dialect(fields: Fields, generation: int) -> Dialect:
    """The switches under `dialect:` of an appliance, over the defaults of its generation."""
    fields = fields.inner("dialect", set(Dialect.__dataclass_fields__))
    servers = fields.texts("servers", SERVERS_BY_GENERATION[generation])
    for label in servers:
        if not SERVER_LABEL.fullmatch(label):
            fields.fail("servers", f"must hold labels like {EUROPE!r}, not {label!r}")
    if not servers:
        fields.fail("servers", "must not be empty")
    auth = fields.texts("auth", Dialect.auth)
    if not auth or not set(auth) <= set(Dialect.auth):
        fields.fail("auth", f"must hold one or both of {', '.join(Dialect.auth)}")
    return Dialect(
        servers=servers,
        current_server_line=fields.flag("current_server_line", generation >= 3),
        after_choice=fields.choice("after_choice", "prompt" if generation == 4 else "menu", ("menu", "prompt")),
        rollback_question=fields.flag("rollback_question", generation >= 3),
        unknown_command=fields.choice("unknown_command", "long" if generation >= 3 else "short", ("long", "short")),
        registering_text=fields.choice("registering_text", Dialect.registering_text, ("busy", "progress")),
        settrs_while_registered=fields.choice(
            "settrs_while_registered", Dialect.settrs_while_registered, ("list", "refused")
        ),
        line_end=fields.choice("line_end", Dialect.line_end, tuple(LINE_ENDS)),
        banner=fields.text("banner", Dialect.banner),
        login_message=fields.text("login_message", Dialect.login_message),
        note_width=fields.whole("note_width", Dialect.note_width, 20, 400),
        auth=auth,
        pager=fields.flag("pager", Dialect.pager),
    )
