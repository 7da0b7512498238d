# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Follow a test message: accepted over SMTP, tracked, module healthy, sighting found.

Each step has a time, or a reason if it failed. The first failed step ends the verification of an appliance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .investigation import InvestigationOutcome, ModuleError
from .model import DevicesReading, Wanted
from .reasons import Code, Reason, reason

MESSAGE_ID = re.compile(r"[^@\s]+@[^@\s]+")
"""A Message-ID that CTR accepts. An invalid ID would fail the query of the whole region."""


class Link(Enum):
    """The steps of the verification, in order."""

    SMTP = "smtp"
    TRACKED = "tracked"
    MODULE = "module"
    SIGHTING = "sighting"


@dataclass(frozen=True)
class Sent:
    """The outcome of C(esa_test_message). ``skipped``: the verification follows an earlier message with this id."""

    message_id: str = ""
    at: str | None = None
    problem: str = ""
    skipped: bool = False


@dataclass(frozen=True)
class Tracked:
    """The result of message tracking. ``message_id`` is that of the message found, if known.

    ``clock_difference``: the seconds by which the clock of the appliance is ahead of the controller.
    """

    found: bool = False
    message_id: str = ""
    looked_at: str | None = None
    problem: str = ""
    clock_difference: int = 0


@dataclass(frozen=True)
class Chain:
    """The verification of one appliance. ``passed`` has the time of each passed step, or None if the time is unknown."""

    wanted: Wanted
    message_id: str | None = None
    passed: Mapping[Link, str | None] = field(default_factory=dict)
    broken: Link | None = None
    why: Reason | None = None
    module_status: str | None = None
    sent_by_this_run: bool = True

    def pass_link(self, link: Link, at: str | None, **more: Any) -> Chain:
        return Chain(**{**self.__dict__, "passed": {**self.passed, link: at}, **more})

    def break_at(self, link: Link, why: Reason) -> Chain:
        return Chain(**{**self.__dict__, "broken": link, "why": why})


def sent_of(result: Mapping[str, Any]) -> Sent:
    """Return the outcome of C(esa_test_message). Only an accepted message has an id."""
    accepted = bool(result.get("sent_at")) and not result.get("step")
    if accepted:
        return Sent(str(result["message_id"]), str(result["sent_at"]))
    return Sent(problem=str(result.get("msg") or ""))


def tracked_of(result: Mapping[str, Any]) -> Tracked:
    """Return the outcome of C(esa_message_tracking_info)."""
    messages = result.get("messages") or []
    if not messages:
        return Tracked(problem=str(result.get("msg") or ""))
    message_id = str(messages[0].get("message_id") or "").strip().strip("<>")
    return Tracked(True, message_id, result.get("looked_at"), clock_difference=result.get("clock_difference") or 0)


def product_in_sse(wanted: Wanted, devices: Mapping[str, DevicesReading]) -> str:
    """Return the product of this host in SSE, C(esa) or C(sma). Return C(esa) if SSE does not show it."""
    reading = devices.get(wanted.region)
    shown = reading.book.alike(wanted.host) if reading else []
    return "sma" if any((one.type or "").lower() == "sma" for one in shown) else "esa"


def observables(
    chains: Iterable[Chain], health: Mapping[str, InvestigationOutcome] | None = None
) -> dict[str, list[dict[str, str]]]:
    """Return, by region, the tracked messages as options of C(ctr_investigation_info).

    With ``health`` each observable names the module of its appliance: a sighting of another module proves nothing.
    """
    regions: dict[str, list[dict[str, str]]] = {}
    for chain in chains:
        if Link.TRACKED not in chain.passed or chain.broken:
            continue
        observable = {"type": "email_messageid", "value": str(chain.message_id)}
        if health is not None:
            module_id = _module_id(chain.wanted, health.get(chain.wanted.region))
            observable |= {"module_instance_id": module_id} if module_id else {}
        asked = regions.setdefault(chain.wanted.region, [])
        if observable not in asked:
            asked.append(observable)
    return regions


def follow(
    wanted: Wanted,
    sent: Sent,
    tracked: Tracked,
    health: Mapping[str, InvestigationOutcome] | None = None,
    investigation: Mapping[str, InvestigationOutcome] | None = None,
) -> Chain:
    """Return the verification of one appliance. Without ``health`` or ``investigation`` it ends before these steps."""
    chain = Chain(wanted, sent_by_this_run=not sent.skipped)
    if not sent.skipped:
        if not sent.message_id:
            return chain.break_at(Link.SMTP, reason(Code.NOT_SENT, problem=sent.problem))
        chain = chain.pass_link(Link.SMTP, sent.at, message_id=sent.message_id)
    if not tracked.found:
        return chain.break_at(Link.TRACKED, reason(Code.NOT_TRACKED, problem=tracked.problem))
    message_id = (tracked.message_id or sent.message_id).strip().strip("<>")
    if not MESSAGE_ID.fullmatch(message_id):
        why = reason(Code.MESSAGE_ID_UNUSABLE, message_id=message_id)
        return Chain(**{**chain.__dict__, "message_id": message_id}).break_at(Link.TRACKED, why)
    chain = chain.pass_link(Link.TRACKED, tracked.looked_at, message_id=message_id)
    if health is None:
        return chain
    chain = _check_health(chain, health.get(wanted.region))
    if chain.broken or investigation is None:
        return chain
    return _check_sighting(chain, tracked, health.get(wanted.region), investigation.get(wanted.region))


def check_health(wanted: Wanted, health: Mapping[str, InvestigationOutcome]) -> Chain:
    """Return the verification of one appliance without a message: only the health of its module."""
    return _check_health(Chain(wanted, sent_by_this_run=False), health.get(wanted.region))


def _check_health(chain: Chain, outcome: InvestigationOutcome | None) -> Chain:
    name = chain.wanted.module_name
    if outcome is None or outcome.health is None:
        failure = outcome.failure if outcome else None
        return chain.break_at(Link.MODULE, _not_asked(failure.message if failure else ""))
    own = next((module for module in outcome.health if module.module == name), None)
    if own is None:
        return chain.break_at(Link.MODULE, reason(Code.NO_MODULE, name=name))
    errors = [error for error in outcome.errors_of(own.module_id) if not error.warning]
    if own.status == "error" or errors:
        return chain.break_at(Link.MODULE, reason(Code.MODULE_UNHEALTHY, name=name, words=_words(errors)))
    return chain.pass_link(Link.MODULE, outcome.looked_at, module_status=own.status)


def _check_sighting(
    chain: Chain, tracked: Tracked, health: InvestigationOutcome | None, outcome: InvestigationOutcome | None
) -> Chain:
    module_id = _module_id(chain.wanted, health)
    if outcome is None or outcome.sightings is None:
        failure = outcome.failure if outcome else None
        return chain.break_at(Link.SIGHTING, _not_asked(failure.message if failure else ""))
    for sighting in outcome.sightings:
        if sighting.module_id == module_id and chain.message_id in sighting.observables:
            return chain.pass_link(Link.SIGHTING, outcome.looked_at)
    words = _words(outcome.errors_of(module_id))
    ahead = tracked.clock_difference - outcome.clock_difference
    why = reason(Code.NO_SIGHTING, words=words, message_id=str(chain.message_id), ahead=ahead)
    return chain.break_at(Link.SIGHTING, why)


def _module_id(wanted: Wanted, outcome: InvestigationOutcome | None) -> str | None:
    health = outcome.health or () if outcome else ()
    return next((one.module_id for one in health if one.module == wanted.module_name), None)


def _not_asked(problem: str) -> Reason:
    return reason(Code.CTR_NOT_ASKED, problem=problem)


def _words(errors: list[ModuleError]) -> str:
    """Return the errors of a module in one line, without its name."""
    return "; ".join(f"{one.message or 'no message'} ({one.code or 'no code'})" for one in errors)
