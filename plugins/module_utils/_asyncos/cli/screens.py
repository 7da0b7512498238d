# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. All texts of AsyncOS that the collection recognizes.

Grades: A the vendor's own text, B strings in automation of real appliances, C tools used on real appliances, I inference,
R recollection without a source. Matching ignores case and line wrapping. If a release uses other words, change them here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .text import folded


@dataclass(frozen=True)
class Text:
    """One text of the appliance: its meaning, its confidence grade, and the effect if a release uses another text."""

    pattern: str
    grade: str
    means: str
    otherwise: str
    regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "regex", re.compile(_lower(self.pattern)))

    def search(self, text: str) -> re.Match[str] | None:
        """Return the match in the folded text; its groups are in lower case."""
        return self.regex.search(folded(text))

    def shown_in(self, text: str) -> bool:
        return self.search(text) is not None


def _lower(pattern: str) -> str:
    """Return the pattern for lower-case text. Without re.IGNORECASE, Python finds a literal start much faster."""
    return re.sub(r"\\.|\(\?P<|[A-Z]", lambda part: part[0] if len(part[0]) > 1 else part[0].lower(), pattern)


STOPS = "The task stops with an error that shows the screen; nothing is changed."

# Log-in
ASYNCOS_BANNER = Text(r"AsyncOS", "C", "The host is an AsyncOS appliance.", "The command version is run instead.")
NO_CLI_RIGHTS = Text(
    r"You are not in the correct access group", "B", "The user's role has no rights on the CLI.", "No prompt is found."
)
PASSWORD_EXPIRED = Text(
    r"(?:password|passphrase)\b.{0,80}\b(?:has expired|is expired|must be changed|must change)",
    "R",
    "The user's password is no longer valid.",
    "The log-in ends in a question; nothing is answered.",
)
SECOND_FACTOR = Text(
    r"passcode|one-time pass|verification code|second factor|two-factor",
    "R",
    "The log-in asks for a second factor.",
    "The log-in ends in a question; nothing is answered.",
)
SESSION_LIMIT = Text(
    r"(?:maximum|too many|limit)\b.{0,80}\b(?:sessions|logins|connections|users)",
    "R",
    "No further session is allowed.",
    "The end of the session is reported with its last output.",
)

# The cloud service's state, as cloudserviceconfig prints it
REGISTERED = Text(
    r"appliance is successfully registered",
    "B",
    "The appliance is registered; the menu must offer DEREGISTER or AUTOREGISTER.",
    "If the menu has ENABLE or DISABLE, the state is unknown, and the task stops. Otherwise two readings of the menu decide.",
)
BUSY = Text(
    r"Cisco Cloud Service is busy|registration is in progress",
    "B",
    "The service is processing an earlier request.",
    "Two readings of the menu decide; without a menu the task stops.",
)
DISABLED = Text(
    r"Cisco Cloud Service is currently disabled on your appliance",
    "B",
    "The service is disabled; the menu must offer ENABLE.",
    "If the menu offers ENABLE, the state is unknown, and the task stops.",
)
ENABLED = Text(
    r"Cisco Cloud Service is currently enabled on your appliance",
    "R",
    "The service is enabled; the menu must not offer ENABLE.",
    "Two readings of the menu decide.",
)
REGISTRATION_FAILED = Text(
    r"The registration failed because of an invalid or expired token key",
    "B",
    "The token was not accepted.",
    "The wait for the registration ends with a time-out.",
)
CURRENT_SERVER = Text(
    r"(?:server is|current server)\s*:?\s*(?P<server>[a-z0-9-]+(?:\.[a-z0-9-]+)+)",
    "R",
    "The server in use.",
    "Two readings of the default answer to the question for the server decide.",
)

# Questions
SERVER_QUESTION = Text(
    r"Enter Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal[^?]*$",
    "B",
    "The appliance asks for the number of a server in the list above.",
    STOPS,
)
SERVER_FIXED = Text(
    r"must (?:first )?deregister|deregister\b.{0,60}\b(?:before|first)\b",
    "R",
    "A registered appliance does not show its server; only SSE shows its region.",
    STOPS,
)
TOKEN_QUESTION = Text(
    r"\b(?:Enter|Paste|Type) (?:a|an|the|your) (?:valid )?registration token\b[^?]*$",
    "R",
    "The appliance asks for the registration token, without a default.",
    STOPS,
)
DEREGISTER_QUESTION = Text(
    r"\b(?:Are you sure you|Do you) (?:really )?(?:want|wish) to deregister (?:your|the|this) appliance\b"
    r"(?:[^.?]*\?|[^?]*)$",
    "B",
    "One yes/no question, default N; its exact wording is inferred.",
    STOPS,
)
SWITCH_QUESTION = Text(
    r"\b(?:Are you sure you|Do you) (?:really )?(?:want|wish) to (?P<switch>enable|disable) (?:the )?"
    r"(?:Cisco Cloud Service|(?:Cisco )?(?:SecureX )?Threat Response)(?: on (?:your|the|this) appliance)?\?$",
    "R",
    "A yes/no question after ENABLE or DISABLE, if there is any.",
    STOPS,
)
COMMIT_COMMENT = Text(
    r"Please enter some comments describing your changes\W*$", "B", "The comment of the commit.", STOPS
)
COMMIT_ROLLBACK = Text(
    r"save the current configuration for rollback\W*$",
    "C",
    "Whether to keep a rollback copy; the default is accepted.",
    STOPS,
)
COMMIT_DISCARD = Text(
    r"Are you ready to discard all of your changes\W*$",
    "B",
    "The commit would discard the changes; the answer is N, and the task stops.",
    STOPS,
)
COMMIT_LOCKED = Text(
    r"configuration\b.{0,40}\block|locked by another", "R", "Another user has locked the configuration.", STOPS
)
COMMITTED = Text(r"Changes committed", "B", "The commit is done.", STOPS)
NO_CHANGES = Text(
    r"^(?:(?:There (?:are|were) |You have )?no (?:uncommitted |pending |unsaved |configuration )*changes"
    r"(?: (?:to (?:show|display|commit|be committed)|pending|found|(?:have been |were )?made|since the last commit))*"
    r"|There is (?:no data|nothing) to commit|No data to commit|Nothing to commit)[.!]?$",
    "I",
    "The complete output of showchanges without uncommitted changes.",
    "Changes count as pending or unknown; no step that needs a commit is taken.",
)
NOTHING_TO_COMMIT = Text(r"There is no data to commit", "B", "Nothing was pending.", STOPS)
CLEAR_QUESTION = Text(
    r"clear all changes since the last commit\W*$",
    "B",
    "Drops the uncommitted changes of this session.",
    "The session is closed instead.",
)
EXIT_QUESTION = Text(r"Are you sure you wish to exit", "B", "Uncommitted changes are lost.", "The session is closed.")

# Refusals
UNKNOWN_COMMAND = Text(r"Unknown command", "C", "This release or role does not have the command.", STOPS)
RESTRICTED = Text(
    r"command is restricted|Would you like to switch|Choose a machine", "A", "Asked at cluster or group level.", STOPS
)
OTHER_MACHINE = Text(
    r"only on the (?:local )?machine", "R", "This log-in cannot reach the other machines of the cluster.", STOPS
)
DISCONNECTED = Text(r"is currently disconnected", "B", "The machine is disconnected from its cluster.", STOPS)
NOT_RESYNCHRONIZED = Text(
    r"not yet resynchronized with the cluster after upgrading",
    "B",
    "The machine is not synchronized with its cluster.",
    STOPS,
)
SAYS_NO = Text(
    r"(?:^|[.:>] )(?:Unknown option|Invalid arguments when processing:|You must (?:enter a|\w+ )|"
    r"The value (?:cannot|should|must|may)|That value must|That value is not valid|Not a valid|Value must be|"
    r"Please answer|Traceback)",
    "B",
    "The answer was not accepted.",
    STOPS,
)

# Shapes
MENU_LINE = re.compile(r"[ \t]{0,8}-[ \t]{1,4}(?P<keyword>[A-Za-z][A-Za-z0-9_]{0,39})[ \t]{1,4}-(?:[ \t]|$)")
"""Line of a menu of operations (grade A). Numbered lines are a choice with a default, which an empty line would accept."""
NUMBERED_LINE = re.compile(r"[ \t]{0,8}\d{1,4}[.):]?[ \t]")
SERVER_LINE = re.compile(
    r"^[ \t]{0,40}(?P<number>\d{1,4})[.)]?[ \t]{1,40}(?P<label>(?:\S{1,100}[ \t]{1,40}){0,12}?(?:[^\s(]{1,100}(?=\())?)"
    r"\(?(?P<fqdn>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){2,10})\)?[ \t]{0,40}$",
    re.MULTILINE,
)
"""Each part has a limited length and a fixed start, so the matching time does not grow with the line."""
