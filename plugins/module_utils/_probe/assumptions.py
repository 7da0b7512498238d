# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Everything that the collection assumes about the real systems, collected in one list.

The assumptions stay in the files that use them. docs/compatibility.md and docs/api-contract.md are generated from this list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu, screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.screens import Seen
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api import tracking
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import client, contract, sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr import module_types
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate import investigation
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS


class Kind(Enum):
    """What is assumed."""

    TEXT = "text of the appliance"
    PROMPT = "form of a prompt"
    COMMAND = "command"
    KEYWORD = "keyword of a menu"
    LINE = "line of a screen"
    SERVER = "server of a region"
    ADDRESS = "address of an API"
    CALL = "call of an API"
    FIELD = "field of an answer"
    SENT = "field of a request"
    STATUS = "status word"
    TITLE = "title of a module type"
    SETTING = "setting of a module type"
    HEADER = "header of an answer"
    LIMIT = "limit"


STOPS = "The task stops with an error; nothing is changed."
IGNORED = "It is ignored."
WHEN = {
    Seen.READ: "needs an appliance, region or state that has it",
    Seen.WRITE: "needs a run that writes",
    Seen.FAILURE: "needs the failure that it is about",
}
"""What shows an assumption that a probe did not see."""


@dataclass(frozen=True)
class Assumption:
    """One assumption. ``id`` is stable; ``value`` is what is expected; ``grade`` is its confidence (see C(screens)).

    ``purpose``: what depends on it. ``otherwise``: what happens if it does not hold. ``seen``: what shows it. ``subject`` is
    what ``id`` names within its kind, for the comparison.
    """

    id: str
    kind: Kind
    value: str
    grade: str
    purpose: str
    otherwise: str
    seen: Seen = Seen.READ
    subject: str = ""


def all_assumptions() -> list[Assumption]:
    """Return the list: first the appliance, then the cloud, then the AsyncOS API."""
    return [
        *_texts(),
        *_prompts(),
        *_commands(),
        *_keywords(),
        *_lines(),
        *_regions(),
        *_calls(),
        *_fields(),
        *_statuses(),
        *_module_types(),
        *_headers(),
        *_limits(),
        *_asyncos_api(),
    ]


def _texts() -> Iterator[Assumption]:
    for text_id, text in screens.TEXTS.items():
        yield Assumption(
            f"text.{text_id}", Kind.TEXT, text.example, text.grade, text.means, text.otherwise, text.seen, text_id
        )


def _prompts() -> Iterator[Assumption]:
    for name, value, grade, purpose, seen in (
        ("standalone", "host.domain> ", "C", "The main prompt of an appliance outside a cluster.", Seen.READ),
        ("machine", "(Machine host.domain)> ", "C", "The main prompt of a machine of a cluster.", Seen.READ),
        ("group", "(Group name)> ", "I", "The prompt at group level; the machine mode is entered.", Seen.READ),
        ("cluster", "(Cluster name)> ", "C", "The prompt at cluster level; the machine mode is entered.", Seen.READ),
        ("disconnected", "[Disconnected]> ", "B", "The machine is disconnected from its cluster.", Seen.FAILURE),
        ("question", "[default]> ", "B", "A question or a menu ends in its default answer in brackets.", Seen.READ),
        ("pager", "-Press Any Key For More-", "C", "Longer output stops; a blank continues it.", Seen.READ),
        ("interrupt", "Ctrl-C returns to the prompt", "B", "A question is left without an answer.", Seen.READ),
    ):
        yield Assumption(f"prompt.{name}", Kind.PROMPT, value, grade, purpose, STOPS, seen, name)


def _commands() -> Iterator[Assumption]:
    for name, grade, purpose, seen in (
        ("version", "C", "Shows product, model and version.", Seen.READ),
        (menu.COMMAND, "B", "Shows and changes the cloud service.", Seen.READ),
        (menu.SWITCH_COMMAND, "R", "Enables the service on releases whose menu has no ENABLE.", Seen.READ),
        ("showchanges", "B", "Shows uncommitted changes.", Seen.READ),
        ("clustermode", "B", "Enters the machine mode of a cluster.", Seen.READ),
        ("commit", "B", "Commits the changes of the session.", Seen.WRITE),
        ("clearchanges", "B", "Drops the changes of the session.", Seen.FAILURE),
    ):
        yield Assumption(f"command.{name}", Kind.COMMAND, name, grade, purpose, STOPS, seen, name)


def _keywords() -> Iterator[Assumption]:
    for command, keywords in menu.KNOWN.items():
        grade = "B" if command == menu.COMMAND else "R"
        for keyword in sorted(keywords):
            used = keyword in menu.IDENTIFYING[command]
            if keyword == "AUTOREGISTER":
                grade_of = "R"
            else:
                grade_of = grade
            purpose = f"An operation of {command}" + ("." if used else "; it is never used.")
            otherwise = STOPS if used else IGNORED
            subject = f"{command} {keyword}"
            yield Assumption(
                f"keyword.{command}.{keyword.lower()}",
                Kind.KEYWORD,
                keyword,
                grade_of,
                purpose,
                otherwise,
                Seen.READ,
                subject,
            )


def _lines() -> Iterator[Assumption]:
    for name, value, grade, purpose, otherwise in (
        ("menu", "- KEYWORD - description", "A", "A line of a menu of operations.", STOPS),
        ("server", "1. LABEL (server.example.com)", "C", "A line of the list of servers.", STOPS),
        ("model", "Model: C100V", "C", "The model; C and X are an ESA, M an SMA, S a web gateway.", STOPS),
        ("version", "Version: 14.0.0-698", "C", "The release.", STOPS),
        ("serial", "Serial #: ABC-DEF", "C", "The serial number, for reports.", IGNORED),
    ):
        yield Assumption(f"line.{name}", Kind.LINE, value, grade, purpose, otherwise, Seen.READ, name)


def _regions() -> Iterator[Assumption]:
    for name, region in KNOWN_REGIONS.items():
        yield Assumption(
            f"server.{name}",
            Kind.SERVER,
            region.appliance_server,
            "A",
            f"Appliances of {region.label} use this server.",
            "The appliance offers no server of its region; nothing is changed.",
            Seen.READ,
            name,
        )
        yield Assumption(
            f"address.{name}",
            Kind.ADDRESS,
            region.api_url,
            "A",
            f"The API of {region.label}.",
            "The region fails before the first write.",
            Seen.READ,
            name,
        )


def _calls() -> Iterator[Assumption]:
    for one in contract.OPERATIONS:
        otherwise = "The region fails before the first write." if one.reads_only else STOPS
        seen = Seen.READ if one.reads_only and not one.needs_data else Seen.WRITE
        call = f"{one.method} {one.path}"
        yield Assumption(
            f"call.{call}", Kind.CALL, call, one.grade, f"{one.purpose}.".capitalize(), otherwise, seen, call
        )


def _fields() -> Iterator[Assumption]:
    for field, name in sse_fields.FIELDS.items():
        token = field in ("token", "token_expires")
        required = field in sse_fields.REQUIRED or token
        yield Assumption(
            f"field.sse.{field}",
            Kind.FIELD,
            name,
            sse_fields.grade_of(field),
            "A registration token." if token else "A device record of SSE.",
            "The region fails before the first write." if required and not token else STOPS if token else IGNORED,
            Seen.WRITE if token else Seen.READ,
            field,
        )
    for field, name in sse_fields.SENT.items():
        yield Assumption(
            f"sent.sse.{field}",
            Kind.SENT,
            name,
            sse_fields.grade_of(field),
            "Adds or changes a device.",
            STOPS,
            Seen.WRITE,
            field,
        )
    for one in contract.OPERATIONS:
        if one.path.startswith("/iroh/iroh-sse/"):
            continue
        for name in one.reads:
            seen = Seen.READ if one.reads_only and not one.needs_data else Seen.WRITE
            call = f"{one.method} {one.path}"
            yield Assumption(
                f"field.{call}.{name}", Kind.FIELD, name, one.grade, f"Read from {call}.", STOPS, seen, f"{call} {name}"
            )


def _statuses() -> Iterator[Assumption]:
    yield Assumption(
        "status.registered",
        Kind.STATUS,
        sse_fields.REGISTERED,
        "S",
        "The device is registered.",
        "The device counts as neither registered nor waiting; it gets no token and no module.",
        Seen.READ,
        "registered",
    )
    yield Assumption(
        "status.awaits_token",
        Kind.STATUS,
        " or ".join(sse_fields.AWAITS_TOKEN),
        "I",
        "The device waits for its registration token.",
        "The device gets no new token; the run stops for this appliance.",
        Seen.READ,
        "awaits_token",
    )
    yield Assumption(
        "status.health",
        Kind.STATUS,
        " or ".join(investigation.WORST_FIRST),
        "A",
        "The health of a module.",
        "The word is shown, and counts as not healthy.",
        Seen.READ,
        "health",
    )


def _module_types() -> Iterator[Assumption]:
    for product, titles in module_types.TITLES.items():
        yield Assumption(
            f"title.{product}",
            Kind.TITLE,
            " or ".join(titles),
            "I",
            f"Finds the module type of an {product.upper()}.",
            "No module is created; the error lists the titles.",
            Seen.READ,
            product,
        )
    for name, value in (
        ("device", "type device"),
        ("days", "type integer, " + " or ".join(module_types.TIMEFRAME_WORDS)),
    ):
        yield Assumption(
            f"setting.{name}",
            Kind.SETTING,
            value,
            "I",
            "Finds the key of this setting in configuration_spec.",
            "No module is created; the error lists the settings.",
            Seen.READ,
            name,
        )


def _headers() -> Iterator[Assumption]:
    for name, grade, purpose, otherwise, seen in (
        (client.LIMIT, "A", "The quota of the organization.", "The quota is not reported.", Seen.READ),
        (client.REMAINING, "A", "The requests left.", "The quota is not checked before a run.", Seen.READ),
        ("X-Total-Hits", "A", "The length of a list.", "Lists are read until a page is empty.", Seen.READ),
        ("Retry-After", "A", "Seconds to wait after 429.", "The usual pauses apply.", Seen.FAILURE),
    ):
        yield Assumption(f"header.{name.lower()}", Kind.HEADER, name, grade, purpose, otherwise, seen, name)


def _limits() -> Iterator[Assumption]:
    lifetimes = ", ".join(sse_fields.LIFETIMES)
    for name, value, grade, purpose, otherwise, seen in (
        (
            "page",
            f"{sse_fields.LARGEST_PAGE}",
            "I",
            "Records in a page of a list.",
            "Smaller pages are read.",
            Seen.READ,
        ),
        ("offset", "limit and offset", "A", "Reads the next page of a list.", "The region fails.", Seen.READ),
        ("token_lifetime", lifetimes, "S", "Lifetimes of registration tokens.", STOPS, Seen.WRITE),
        (
            "access_token",
            f"{client.DEFAULT_LIFETIME:g} s",
            "A",
            "Lifetime of an access token.",
            "A 401 renews it.",
            Seen.WRITE,
        ),
        ("quota", "8000", "A", "Requests of an organization in 60 minutes.", "Runs wait for the quota.", Seen.READ),
    ):
        yield Assumption(f"limit.{name}", Kind.LIMIT, value, grade, purpose, otherwise, seen, name)


def _asyncos_api() -> Iterator[Assumption]:
    for call, grade, purpose in (
        ("POST login", "A", "Logs in to the API of the appliance."),
        (f"GET {tracking.PATH}", "C", "Searches message tracking."),
    ):
        yield Assumption(
            f"api.{call}", Kind.CALL, call, grade, purpose, "Verification and diagnosis fail.", Seen.READ, call
        )
    for field, grade in (
        ("data.jwtToken", "A"),
        ("data", "C"),
        ("data.attributes.mid", "C"),
        ("data.attributes.timestamp", "C"),
    ):
        call = "POST login" if field == "data.jwtToken" else f"GET {tracking.PATH}"
        yield Assumption(
            f"api.field.{field}",
            Kind.FIELD,
            field,
            grade,
            f"Read from {call}.",
            "Verification fails.",
            Seen.READ,
            f"{call} {field}",
        )
