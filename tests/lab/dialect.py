# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How one appliance speaks: independent switches, each with a default that depends on the menu generation at most.

Every switch stands for something that is known to vary or not known well enough; its docstring carries the grade.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
PAUSE = re.compile(r"(?P<seconds>\d+(?:\.\d+)?) after (?P<text>.+)", re.DOTALL)
SERVER_LABEL = re.compile(r"(?P<name>\S.*?) \((?P<fqdn>[A-Za-z0-9.-]+)\)")


@dataclass(frozen=True)
class Dialect:
    """The switches of one appliance, resolved."""

    # Defaults that depend on the generation

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

    # Texts

    registering_text: str = "busy"
    """What the box says while a registration runs: `busy` (B) or `progress` (A for the web UI)."""
    settrs_while_registered: str = "list"
    """Whether SETTRS on a registered box still shows the `list` and refuses the choice, or is `refused` at once (R)."""
    banner: str = ""
    """Pre-login banner that an administrator configured (C)."""
    login_message: str = ""
    """Message after login that an administrator configured (C)."""
    note_width: int = 76
    """Column at which the NOTE of the login text is wrapped (C: differs per release)."""
    status_wrap: int = 0
    """Column at which long sentences and questions are wrapped at blanks (C for the NOTE, I for others); 0: never."""

    # Prompt and menus

    prompt: str = "standalone"
    """`standalone` (C), `machine` (C), `group` (I), `cluster` (C), or `disconnected` (B holds `[Disconnected]> `; R
    for what stands before it). All but the first make the ESA the only member of a cluster, unless the fleet file
    lists it in one; there they override the level at which its sessions begin."""
    menu_style: str = "dashed"
    """`dashed` for `- KEYWORD - text` (A), or `numbered` for `1. KEYWORD - text` (R: nobody has reported such a menu, and it
    cannot be told from a choice)."""
    menu_order: str = "normal"
    """`normal`, `reversed` or `shuffled` (R: no order is documented)."""
    menu_seed: int = 0
    """Which of the shuffled orders."""
    menu_wording: str = "standard"
    """`standard`, or `other`: another introduction and other descriptions after the keywords (R, both)."""
    keyword_case: str = "upper"
    """Keywords in menus are `upper` (B) or `lower` case (I)."""
    lines_before_menu: tuple[str, ...] = ()
    """Lines between the status and the menu of `cloudserviceconfig`, for instance notices in brackets (I)."""

    # Questions

    server_default: str = "current"
    """Default of the question for the server: the `current` one if there is any, `none` ever, or the `first` of the
    list where none is configured (R, all)."""
    comment_default: str = ""
    """What stands in the brackets of commit's question for a comment (B: nothing)."""
    rollback_default: str = "Y"
    """`Y` (B, C) or `N` (I): default of the question about rollback."""
    deregister_default: str = "N"
    """How the default No of DEREGISTER's question is spelled: `N` (B), `n`, `No`, `NO` or `no` (I); quote
    it in YAML."""
    discard_question: bool = False
    """Whether `commit` asks `Are you ready to discard all of your changes? [N]> ` and nothing else: Y drops the
    changes, N leaves them pending (question B, outcome I)."""

    # Terminal

    line_end: str = "crlf"
    """`crlf`, or `crcrlf` (C)."""
    pager: bool = True
    """Whether long outputs stop at the height of the terminal (C)."""
    pager_lines: int = 0
    """Height in lines at which they stop however tall the terminal is (I); 0: the terminal's own."""
    echo: bool = True
    """Whether typed characters are echoed to a terminal (C)."""
    slow_output: int = 0
    """Output comes in pieces of so many characters with tiny pauses, so that prompts are split; 0: at once."""
    pauses: tuple[str, ...] = ()
    """Where output stops for a while, each like `1.6 after RAID:`: so many seconds after every time this text was sent (C:
    boxes in the field pause for seconds between login message, banner and prompt, and within `version`)."""
    control_sequences: bool = False
    """Whether lines and prompts are wrapped in harmless terminal control: colours, erasures, titles (I)."""

    # Refusals

    refusal: str = "none"
    """How the box refuses: `none`, `no_cli_rights` (B), `expired_password`, `two_factor`, `session_limit`,
    `idle_timeout`, `configuration_lock`, `unknown_screen`, `maintenance` (R, all these)."""
    refusal_times: int = 0
    """How many times it does so before it behaves; 0: always."""
    two_factor_at: str = "keyboard-interactive"
    """Where `two_factor` asks for a passcode: as second prompt of `keyboard-interactive`, or after the `login`."""
    idle_after_lines: int = 2
    """After how many typed lines of a session `idle_timeout` cuts it off, right after the next prompt was shown."""
    unknown_screen_at: str = "cloudserviceconfig"
    """Where `unknown_screen` asks its question: before a command, before an operation, at `login`, or when the
    `token` was typed."""

    # SSH

    auth: tuple[str, ...] = ("password", "keyboard-interactive")
    """Login methods on offer (C): these two, and `publickey`."""
    legacy_ssh: bool = False
    """Whether nothing but algorithms of the old days is offered (C: old boxes; which exactly is I)."""

    def pauses_by_text(self) -> tuple[tuple[str, float], ...]:
        """The texts after which output stops, and for how many seconds."""
        matches = [PAUSE.fullmatch(pause) for pause in self.pauses]
        return tuple((match["text"], float(match["seconds"])) for match in matches if match)
