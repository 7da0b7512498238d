# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dialect of an appliance: independent switches, whose defaults depend on nothing but the menu generation.

Every switch covers something that varies or is not known well enough; its docstring has the grade.
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
"""Labels are C; their use and order per generation are I. Generation 1 has no APJC (A: added later)."""

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
    """Whether ENABLE and SETTRS first show the configured server (R)."""
    after_choice: str
    """After the choice of a server: back to the `menu`, or to the main `prompt`."""
    rollback_question: bool
    """Whether commit asks to save the configuration for rollback (B: some releases do)."""
    unknown_command: str
    """`long` for `Unknown command or missing feature key: X` (D), `short` for `Unknown command: X`."""

    # Texts

    registering_text: str = "busy"
    """The status during a registration: `busy` (B) or `progress` (A for the web UI)."""
    settrs_while_registered: str = "list"
    """Whether SETTRS on a registered appliance shows the `list` and refuses the choice, or is `refused` at once (R)."""
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
    """`standalone` (C), `machine` (C), `group` (I), `cluster` (C), or `disconnected` (`[Disconnected]> ` is B, the text
    before it R). All except the first make the ESA the only member of a cluster, unless the fleet file lists it in one:
    then they override the level at which its sessions begin."""
    menu_style: str = "dashed"
    """`dashed` for `- KEYWORD - text` (A), or `numbered` for `1. KEYWORD - text` (R: no such menu has been reported, and it
    cannot be distinguished from a choice)."""
    menu_order: str = "normal"
    """`normal`, `reversed` or `shuffled` (R: no order is documented)."""
    menu_seed: int = 0
    """The number of the shuffled order."""
    menu_wording: str = "standard"
    """`standard`, or `other`: another introduction and other descriptions after the keywords (R, both)."""
    keyword_case: str = "upper"
    """Keywords in menus are `upper` (B) or `lower` case (I)."""
    lines_before_menu: tuple[str, ...] = ()
    """Lines between the status and the menu of `cloudserviceconfig`, for instance notices in brackets (I)."""

    # Questions

    server_default: str = "current"
    """Default of the question for the server: the `current` server if there is one, always `none`, or the `first` of the
    list if none is configured (R, all)."""
    comment_default: str = ""
    """The default in the brackets of commit's question for a comment (B: empty)."""
    rollback_default: str = "Y"
    """`Y` (B, C) or `N` (I): default of the question about rollback."""
    deregister_default: str = "N"
    """Spelling of the default No in DEREGISTER's question: `N` (B), `n`, `No`, `NO` or `no` (I); quote it in YAML."""
    discard_question: bool = False
    """Whether `commit` only asks `Are you ready to discard all of your changes? [N]> `: Y drops the changes, N keeps them
    uncommitted (question B, result I)."""

    # Terminal

    line_end: str = "crlf"
    """`crlf`, or `crcrlf` (C)."""
    pager: bool = True
    """Whether long outputs stop at the height of the terminal (C)."""
    pager_lines: int = 0
    """Page height in lines, whatever the height of the terminal (I); 0: the height of the terminal."""
    echo: bool = True
    """Whether typed characters are echoed to a terminal (C)."""
    slow_output: int = 0
    """Output in pieces of this many characters with short pauses, so that prompts are split; 0: at once."""
    pauses: tuple[str, ...] = ()
    """Pauses of the output, each like `1.6 after RAID:`: seconds after every occurrence of the text (C: real appliances
    pause for seconds between login message, banner and prompt, and within `version`)."""
    control_sequences: bool = False
    """Whether lines and prompts are surrounded by harmless terminal control sequences: colours, erasures, titles (I)."""

    # Refusals

    refusal: str = "none"
    """The refusal of the appliance: `none`, `no_cli_rights` (B), `expired_password`, `two_factor`, `session_limit`,
    `idle_timeout`, `configuration_lock`, `unknown_screen`, `maintenance` (R, all these)."""
    refusal_times: int = 0
    """Number of refusals before normal behaviour; 0: always refuse."""
    two_factor_at: str = "keyboard-interactive"
    """Place of the passcode of `two_factor`: second prompt of `keyboard-interactive`, or after the `login`."""
    idle_after_lines: int = 2
    """Number of typed lines after which `idle_timeout` ends the session, right after the next prompt."""
    unknown_screen_at: str = "cloudserviceconfig"
    """Place of the question of `unknown_screen`: before a command, before an operation, at `login`, or after the
    `token` was typed."""

    # SSH

    auth: tuple[str, ...] = ("password", "keyboard-interactive")
    """Offered log-in methods (C): these two, and `publickey`."""
    legacy_ssh: bool = False
    """Whether only legacy algorithms are offered (C: old appliances; the list is I)."""

    def pauses_by_text(self) -> tuple[tuple[str, float], ...]:
        """Return the texts after which output pauses, and the seconds."""
        matches = [PAUSE.fullmatch(pause) for pause in self.pauses]
        return tuple((match["text"], float(match["seconds"])) for match in matches if match)
