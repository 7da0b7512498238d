# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The way of a test message: SMTP accepted, tracked, module healthy, sighting found.

Each link has its time or the reason for which it broke; the first broken one ends the chain.
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
"""What CTR can be asked for; one appliance with another must not spoil the question for a whole region."""


class Link(Enum):
    """The links of the way, in their order."""

    SMTP = "smtp"
    TRACKED = "tracked"
    MODULE = "module"
    SIGHTING = "sighting"


@dataclass(frozen=True)
class Sent:
    """What C(esa_test_message) did; ``skipped`` where a message that was sent before is followed."""

    message_id: str = ""
    at: str | None = None
    problem: str = ""
    skipped: bool = False


@dataclass(frozen=True)
class Tracked:
    """What message tracking has. ``message_id`` is that of the message found, if it says one."""

    found: bool = False
    message_id: str = ""
    looked_at: str | None = None
    problem: str = ""


@dataclass(frozen=True)
class Chain:
    """How far the message of one appliance came. ``passed`` has the time of each whole link, None where nobody said it."""

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
    """Of C(esa_test_message). Only a message that the listener accepted has an id here."""
    if result.get("skipped"):
        return Sent(skipped=True)
    accepted = bool(result.get("sent_at")) and not result.get("step")
    if accepted:
        return Sent(str(result["message_id"]), str(result["sent_at"]))
    return Sent(problem=str(result.get("msg") or ""))


def tracked_of(result: Mapping[str, Any]) -> Tracked:
    """Of C(esa_message_tracking_info)."""
    messages = result.get("messages") or []
    if not messages:
        return Tracked(problem=str(result.get("msg") or ""))
    message_id = str(messages[0].get("message_id") or "").strip().strip("<>")
    return Tracked(True, message_id, result.get("looked_at"))


def product_in_sse(wanted: Wanted, devices: Mapping[str, DevicesReading]) -> str:
    """What SSE shows this host to be, C(esa) or C(sma); C(esa) where it does not say."""
    reading = devices.get(wanted.region)
    shown = reading.book.alike(wanted.host) if reading else []
    return "sma" if any((one.type or "").lower() == "sma" for one in shown) else "esa"


def observables(
    chains: Iterable[Chain], health: Mapping[str, InvestigationOutcome] | None = None
) -> dict[str, list[dict[str, str]]]:
    """By region, the messages that were tracked, for C(ctr_investigation_info).

    With ``health`` each names the module that has to find it: that another module sees it too proves nothing.
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
    given_id: str = "",
    health: Mapping[str, InvestigationOutcome] | None = None,
    investigation: Mapping[str, InvestigationOutcome] | None = None,
) -> Chain:
    """The chain of one appliance, as far as anyone has looked: without ``health`` or ``investigation`` it ends before these.

    ``given_id`` is the Message-ID of a message that was sent before.
    """
    chain = Chain(wanted, sent_by_this_run=not sent.skipped)
    if not sent.skipped:
        if not sent.message_id:
            return chain.break_at(Link.SMTP, reason(Code.NOT_SENT, problem=sent.problem))
        chain = chain.pass_link(Link.SMTP, sent.at, message_id=sent.message_id)
    if not tracked.found:
        return chain.break_at(Link.TRACKED, reason(Code.NOT_TRACKED, problem=tracked.problem))
    message_id = (tracked.message_id or sent.message_id or given_id).strip().strip("<>")
    if not MESSAGE_ID.fullmatch(message_id):
        why = reason(Code.MESSAGE_ID_UNUSABLE, message_id=message_id)
        return Chain(**{**chain.__dict__, "message_id": message_id}).break_at(Link.TRACKED, why)
    chain = chain.pass_link(Link.TRACKED, tracked.looked_at, message_id=message_id)
    if health is None:
        return chain
    chain = _ask_health(chain, health.get(wanted.region))
    if chain.broken or investigation is None:
        return chain
    return _find(chain, _module_id(wanted, health.get(wanted.region)), investigation.get(wanted.region))


def _ask_health(chain: Chain, told: InvestigationOutcome | None) -> Chain:
    name = chain.wanted.module_name
    if told is None or told.health is None:
        failure = told.failure if told else None
        return chain.break_at(Link.MODULE, _not_asked(failure.message if failure else ""))
    own = next((one for one in told.health if one.module == name), None)
    if own is None:
        return chain.break_at(Link.MODULE, reason(Code.NO_MODULE, name=name))
    errors = [one for one in told.errors_of(own.module_id) if not one.warning]
    if own.status == "error" or errors:
        return chain.break_at(Link.MODULE, reason(Code.MODULE_UNHEALTHY, name=name, words=_words(errors)))
    return chain.pass_link(Link.MODULE, told.looked_at, module_status=own.status)


def _find(chain: Chain, module_id: str | None, told: InvestigationOutcome | None) -> Chain:
    if told is None or told.sightings is None:
        failure = told.failure if told else None
        return chain.break_at(Link.SIGHTING, _not_asked(failure.message if failure else ""))
    for one in told.sightings:
        if one.module_id == module_id and chain.message_id in one.observables:
            return chain.pass_link(Link.SIGHTING, told.looked_at)
    words = _words(told.errors_of(module_id))
    return chain.break_at(Link.SIGHTING, reason(Code.NO_SIGHTING, words=words, message_id=str(chain.message_id)))


def _module_id(wanted: Wanted, told: InvestigationOutcome | None) -> str | None:
    health = told.health or () if told else ()
    return next((one.module_id for one in health if one.module == wanted.module_name), None)


def _not_asked(problem: str) -> Reason:
    return reason(Code.CTR_NOT_ASKED, problem=problem)


def _words(errors: list[ModuleError]) -> str:
    """The errors of a module in one line, without its name."""
    return "; ".join(f"{one.message or 'no message'} ({one.code or 'no code'})" for one in errors)
