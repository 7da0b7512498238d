# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. All texts of AsyncOS that the collection recognizes.

Grades: A the vendor's own text, B strings in automation of real appliances, C tools used on real appliances, I inference,
R recollection without a source. Matching ignores case and line wrapping. If a release uses other words, a profile adds a
pattern to the text with this id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import active

from .text import folded


class Seen(Enum):
    """What shows a text: a read, a write, or a failure of the appliance or the user."""

    READ = "read"
    WRITE = "write"
    FAILURE = "failure"


ANYWHERE = "{}"
AT_END = r"(?:{})\W*$"
WHOLE = r"^(?:{})[.!]?$"
"""The frame of a further pattern: anywhere in the screen, at the end of a question, or the whole output."""


@dataclass(frozen=True)
class Text:
    """One text of the appliance: its meaning, its confidence grade, and the effect if a release uses another text.

    ``example``: what an appliance shows. ``seen``: what shows it. ``frame``: how the further patterns of a profile are
    anchored. ``id``: the name of the constant in lower case.
    """

    pattern: str
    grade: str
    means: str
    otherwise: str
    example: str
    seen: Seen = Seen.READ
    frame: str = ANYWHERE
    id: str = field(init=False, default="", compare=False)
    regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "regex", re.compile(lower(self.pattern)))

    def search(self, text: str) -> re.Match[str] | None:
        """Return the match in the folded text; its groups are in lower case."""
        return self.search_folded(folded(text))

    def search_folded(self, text: str) -> re.Match[str] | None:
        """Return the match of the pattern, or of a further pattern of the profile, in a text that is folded already."""
        match = self.regex.search(text)
        if match is None:
            further = (pattern.search(text) for pattern in active().texts.get(self.id, ()))
            match = next((found for found in further if found), None)
        return match

    def shown_in(self, text: str) -> bool:
        return self.search(text) is not None


def lower(pattern: str) -> str:
    """Return the pattern for lower-case text. Without re.IGNORECASE, Python finds a literal start much faster."""
    return re.sub(r"\\.|\(\?P<|[A-Z]", lambda part: part[0] if len(part[0]) > 1 else part[0].lower(), pattern)


STOPS = "The task stops with an error that shows the screen; nothing is changed."

# Log-in
ASYNCOS_BANNER = Text(
    r"AsyncOS",
    "C",
    "The host is an AsyncOS appliance.",
    "The command version is run instead.",
    "AsyncOS 14.0.0 for Cisco C100V build 698",
)
NO_CLI_RIGHTS = Text(
    r"You are not in the correct access group",
    "B",
    "The user's role has no rights on the CLI.",
    "No prompt is found.",
    "You are not in the correct access group to use this command.",
    Seen.FAILURE,
)
PASSWORD_EXPIRED = Text(
    r"(?:password|passphrase)\b.{0,80}\b(?:has expired|is expired|must be changed|must change)",
    "R",
    "The user's password is no longer valid.",
    "The log-in ends in a question; nothing is answered.",
    "Your passphrase has expired.",
    Seen.FAILURE,
)
SECOND_FACTOR = Text(
    r"passcode|one-time pass|verification code|second factor|two-factor",
    "R",
    "The log-in asks for a second factor.",
    "The log-in ends in a question; nothing is answered.",
    "Enter the passcode:",
    Seen.FAILURE,
)
SESSION_LIMIT = Text(
    r"(?:maximum|too many|limit)\b.{0,80}\b(?:sessions|logins|connections|users)",
    "R",
    "No further session is allowed.",
    "The end of the session is reported with its last output.",
    "The maximum number of sessions is reached.",
    Seen.FAILURE,
)

# The cloud service's state, as cloudserviceconfig prints it
REGISTERED = Text(
    r"appliance is successfully registered",
    "B",
    "The appliance is registered; the menu must offer DEREGISTER or AUTOREGISTER.",
    "If the menu has ENABLE or DISABLE, the state is unknown, and the task stops. Otherwise two readings of the menu decide.",
    "The appliance is successfully registered with the Cisco Cloud Service portal.",
)
BUSY = Text(
    r"Cisco Cloud Service is busy|registration is in progress",
    "B",
    "The service is processing an earlier request.",
    "Two readings of the menu decide; without a menu the task stops.",
    "The Cisco Cloud Service is busy. Navigate back to this page after some time to check the appliance status.",
)
DISABLED = Text(
    r"Cisco Cloud Service is currently disabled on your appliance",
    "B",
    "The service is disabled; the menu must offer ENABLE.",
    "If the menu offers ENABLE, the state is unknown, and the task stops.",
    "The Cisco Cloud Service is currently disabled on your appliance.",
)
ENABLED = Text(
    r"Cisco Cloud Service is currently enabled on your appliance",
    "R",
    "The service is enabled; the menu must not offer ENABLE.",
    "Two readings of the menu decide.",
    "The Cisco Cloud Service is currently enabled on your appliance.",
)
REGISTRATION_FAILED = Text(
    r"The registration failed because of an invalid or expired token key",
    "B",
    "The token was not accepted.",
    "The wait for the registration ends with a time-out.",
    "The registration failed because of an invalid or expired token key.",
    Seen.FAILURE,
)
CURRENT_SERVER = Text(
    r"(?:server is|current server)\s*:?\s*(?P<server>[a-z0-9-]+(?:\.[a-z0-9-]+)+)",
    "R",
    "The server in use.",
    "Two readings of the default answer to the question for the server decide.",
    "The current server is api.eu.sse.itd.cisco.com.",
)

# Questions
SERVER_QUESTION = Text(
    r"Enter Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal[^?]*$",
    "B",
    "The appliance asks for the number of a server in the list above.",
    STOPS,
    "Enter Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal:",
    frame=AT_END,
)
SERVER_FIXED = Text(
    r"must (?:first )?deregister|deregister\b.{0,60}\b(?:before|first)\b",
    "R",
    "A registered appliance does not show its server; only SSE shows its region.",
    STOPS,
    "You must first deregister the appliance.",
)
TOKEN_QUESTION = Text(
    r"\b(?:Enter|Paste|Type) (?:a|an|the|your) (?:valid )?registration token\b[^?]*$",
    "R",
    "The appliance asks for the registration token, without a default.",
    STOPS,
    "Enter a registration token key to register your appliance:",
    Seen.WRITE,
    AT_END,
)
DEREGISTER_QUESTION = Text(
    r"\b(?:Are you sure you|Do you) (?:really )?(?:want|wish) to deregister (?:your|the|this) appliance\b"
    r"(?:[^.?]*\?|[^?]*)$",
    "B",
    "One yes/no question, default N; its exact wording is inferred.",
    STOPS,
    "Do you want to deregister your appliance?",
    Seen.WRITE,
    AT_END,
)
SWITCH_QUESTION = Text(
    r"\b(?:Are you sure you|Do you) (?:really )?(?:want|wish) to (?P<switch>enable|disable) (?:the )?"
    r"(?:Cisco Cloud Service|(?:Cisco )?(?:SecureX )?Threat Response)(?: on (?:your|the|this) appliance)?\?$",
    "R",
    "A yes/no question after ENABLE or DISABLE, if there is any.",
    STOPS,
    "Do you want to enable the Cisco Cloud Service on your appliance?",
    Seen.WRITE,
    AT_END,
)
COMMIT_COMMENT = Text(
    r"Please enter some comments describing your changes\W*$",
    "B",
    "The comment of the commit.",
    STOPS,
    "Please enter some comments describing your changes:",
    Seen.WRITE,
    AT_END,
)
COMMIT_ROLLBACK = Text(
    r"save the current configuration for rollback\W*$",
    "C",
    "Whether to keep a rollback copy; the default is accepted.",
    STOPS,
    "Do you want to save the current configuration for rollback?",
    Seen.WRITE,
    AT_END,
)
COMMIT_DISCARD = Text(
    r"Are you ready to discard all of your changes\W*$",
    "B",
    "The commit would discard the changes; the answer is N, and the task stops.",
    STOPS,
    "Are you ready to discard all of your changes?",
    Seen.FAILURE,
    AT_END,
)
COMMIT_LOCKED = Text(
    r"configuration\b.{0,40}\block|locked by another",
    "R",
    "Another user has locked the configuration.",
    STOPS,
    "The configuration is locked by another user.",
    Seen.FAILURE,
)
COMMITTED = Text(
    r"Changes committed",
    "B",
    "The commit is done.",
    STOPS,
    "Changes committed: Sat Nov 28 10:00:00 2026 GMT",
    Seen.WRITE,
)
NO_CHANGES = Text(
    r"^(?:(?:There (?:are|were) |You have )?no (?:uncommitted |pending |unsaved |configuration )*changes"
    r"(?: (?:to (?:show|display|commit|be committed)|pending|found|(?:have been |were )?made|since the last commit))*"
    r"|There is (?:no data|nothing) to commit|No data to commit|Nothing to commit)[.!]?$",
    "I",
    "The complete output of showchanges without uncommitted changes.",
    "Changes count as pending or unknown; no step that needs a commit is taken.",
    "There are no changes to show.",
    frame=WHOLE,
)
NOTHING_TO_COMMIT = Text(
    r"There is no data to commit", "B", "Nothing was pending.", STOPS, "There is no data to commit.", Seen.WRITE
)
CLEAR_QUESTION = Text(
    r"clear all changes since the last commit\W*$",
    "B",
    "Drops the uncommitted changes of this session.",
    "The session is closed instead.",
    "Are you sure you want to clear all changes since the last commit?",
    Seen.FAILURE,
    AT_END,
)
EXIT_QUESTION = Text(
    r"Are you sure you wish to exit",
    "B",
    "Uncommitted changes are lost.",
    "The session is closed.",
    "Are you sure you wish to exit?",
    Seen.FAILURE,
    AT_END,
)

# Refusals
UNKNOWN_COMMAND = Text(
    r"Unknown command",
    "C",
    "This release or role does not have the command.",
    STOPS,
    "Unknown command or missing feature key: abc",
)
RESTRICTED = Text(
    r"command is restricted|Would you like to switch|Choose a machine",
    "A",
    "Asked at cluster or group level.",
    STOPS,
    "This command is restricted to machine mode. Would you like to switch?",
    Seen.FAILURE,
)
OTHER_MACHINE = Text(
    r"only on the (?:local )?machine",
    "R",
    "This log-in cannot reach the other machines of the cluster.",
    STOPS,
    "This command can be used only on the machine you are logged in to.",
    Seen.FAILURE,
)
DISCONNECTED = Text(
    r"is currently disconnected",
    "B",
    "The machine is disconnected from its cluster.",
    STOPS,
    "The machine is currently disconnected.",
    Seen.FAILURE,
)
NOT_RESYNCHRONIZED = Text(
    r"not yet resynchronized with the cluster after upgrading",
    "B",
    "The machine is not synchronized with its cluster.",
    STOPS,
    "This machine is not yet resynchronized with the cluster after upgrading.",
    Seen.FAILURE,
)
SAYS_NO = Text(
    r"(?:^|[.:>] )(?:Unknown option|Invalid arguments when processing:|You must (?:enter a|\w+ )|"
    r"The value (?:cannot|should|must|may)|That value must|That value is not valid|Not a valid|Value must be|"
    r"Please answer|Traceback)",
    "B",
    "The answer was not accepted.",
    STOPS,
    "That value is not valid.",
    Seen.FAILURE,
)


def _by_id(names: Mapping[str, object]) -> dict[str, Text]:
    texts = {name.lower(): text for name, text in names.items() if isinstance(text, Text)}
    for text_id, text in texts.items():
        object.__setattr__(text, "id", text_id)
    return texts


TEXTS = _by_id(dict(globals()))

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
