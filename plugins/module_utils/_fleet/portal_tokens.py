# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read registration tokens from the portal, and assign them to hosts.

The variables of a host name its tokens: C(esa_ctr_registration_tokens), a list or a map by host, or C(esa_ctr_token_file),
a file as saved by the portal (one token per line, grade A) or the JSON lines of C(sse_token). Hosts with the same variables
share the tokens. No message contains a token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._times import time_of

from .model import Action, Answer, TokensOutcome

TOKENS = "esa_ctr_registration_tokens"
FILE = "esa_ctr_token_file"
TOLERANCE = timedelta(hours=2)
"""The clock of the controller can be wrong, so the appliance decides about a token that expired this short time ago."""

_TOKEN = re.compile(r"[0-9a-f]{32}")
_COPY = "Fix: copy the tokens from the SSE portal; each has 32 lower-case hexadecimal characters."


class TokensUnusable(Exception):
    """The problem with the given tokens, and the fix. Neither contains a token."""


@dataclass(frozen=True, repr=False)
class NamedToken:
    """A token for one device. ``region`` and ``expires_at`` are None if they are unknown."""

    token: str
    region: str | None = None
    expires_at: str | None = None

    def unusable_in(self, region: str, now: datetime) -> str | None:
        """Return why this token cannot be used, or None."""
        if self.region not in (None, region):
            return f"its token is for the region {self.region}, not {region}"
        expires = time_of(self.expires_at)
        if expires is not None and expires <= now - TOLERANCE:
            return f"its token expired at {self.expires_at}"
        return None


@dataclass(frozen=True, repr=False)
class Tokens:
    """The tokens of one source: tokens for named devices (lower case), and the others in order."""

    by_name: Mapping[str, NamedToken] = field(default_factory=dict)
    in_order: tuple[str, ...] = ()

    def all(self) -> frozenset[str]:
        return frozenset([*self.in_order, *(named.token for named in self.by_name.values())])


def tokens_of_variable(value: Any) -> Tokens:
    """Return the tokens from a list, or from a map by host. Raise TokensUnusable."""
    if isinstance(value, Mapping):
        items = [(str(host).strip(), str(token).strip()) for host, token in value.items()]
        _check([(f"for {host}", token) for host, token in items], TOKENS)
        return Tokens(by_name=_named([(host, host, NamedToken(token)) for host, token in items], TOKENS))
    if isinstance(value, (list, tuple)):
        tokens = tuple(str(token).strip() for token in value)
        _check([(f"number {number}", token) for number, token in enumerate(tokens, 1)], TOKENS)
        return Tokens(in_order=tokens)
    raise TokensUnusable(
        f"{TOKENS} is neither a list nor a map by host. Fix: give a list of tokens, or a map with one token per host."
    )


def tokens_of_text(text: str, where: str) -> Tokens:
    """Return the tokens from the content of a file. ``where`` names it in messages. Raise TokensUnusable."""
    named: list[tuple[str, str, NamedToken]] = []
    in_order: list[str] = []
    tokens: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.lstrip("\ufeff").strip()
        if not line or line.startswith("#"):
            continue
        name, token = _line(line, where, number)
        tokens.append((f"line {number}", token.token))
        if name:
            named.append((f"line {number}", name, token))
        else:
            in_order.append(token.token)
    _check(tokens, where)
    return Tokens(_named(named, where), tuple(in_order))


def _line(line: str, where: str, number: int) -> tuple[str | None, NamedToken]:
    if not line.startswith("{"):
        return None, NamedToken(line)
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("token"), str):
        raise TokensUnusable(f'{where} has no JSON object with the key "token" in line {number}. {_COPY}')
    texts = {key: record[key] for key in ("name", "region", "expires_at") if isinstance(record.get(key), str)}
    return texts.get("name"), NamedToken(record["token"], texts.get("region"), texts.get("expires_at"))


def _named(items: Iterable[tuple[str, str, NamedToken]], where: str) -> dict[str, NamedToken]:
    """Return tokens by lower-case name, from (place, name, token). Raise TokensUnusable for a duplicate name."""
    places: dict[str, str] = {}
    found: dict[str, NamedToken] = {}
    for place, name, token in items:
        key = name.strip().lower()
        if key in found:
            raise TokensUnusable(
                f"{where} has two tokens for {name} ({places[key]} and {place}). Fix: remove one of them."
            )
        places[key], found[key] = place, token
    return found


def _check(tokens: Iterable[tuple[str, str]], where: str) -> None:
    """Raise TokensUnusable unless all are valid tokens without duplicates. ``tokens`` are pairs (place, token)."""
    seen: dict[str, str] = {}
    wrong, duplicates = [], []
    for place, token in tokens:
        if not _TOKEN.fullmatch(token):
            wrong.append(place)
        if token in seen:
            duplicates.append(f"{seen[token]} and {place}")
        seen.setdefault(token, place)
    if wrong:
        raise TokensUnusable(f"{where} has values that are not registration tokens: {', '.join(wrong)}. {_COPY}")
    if duplicates:
        raise TokensUnusable(
            f"{where} has duplicate tokens ({'; '.join(duplicates)}). "
            "Fix: give each token once; a token registers one device."
        )
    if not seen:
        raise TokensUnusable(f"{where} has no token. Fix: generate tokens in the SSE portal, or remove the variable.")


@dataclass(frozen=True)
class TokenHost:
    """A host that shares a source of tokens, with its device name (once read) and whether it is not registered."""

    name: str
    device: str | None = None
    needs_token: bool = False
    read: bool = False


@dataclass(repr=False)
class HandedOut:
    """The assigned tokens by host, the reasons of hosts without a token, and the number of unused tokens."""

    tokens: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    left_over: int = 0


def hand_out(tokens: Tokens, hosts: Iterable[TokenHost], region: str, now: datetime | None = None) -> HandedOut:
    """Assign one token to each host that needs one.

    A token for a named device is assigned to that device. Otherwise host number n of the play gets token number n, so that a
    rerun assigns the same token to the same host. Hosts beyond the end of the list get the tokens of registered hosts. No
    token is assigned twice.
    """
    now = now or datetime.now(timezone.utc)
    hosts = list(hosts)
    handed = HandedOut()
    owners = _owners(tokens, hosts)
    spare: list[str] = list(tokens.in_order[len(hosts) :])
    late: list[TokenHost] = []
    for place, host in enumerate(hosts):
        own = owners.get(host.name)
        in_place = tokens.in_order[place] if place < len(tokens.in_order) else None
        if (not host.needs_token or own) and in_place and (host.read or own):
            spare.append(in_place)
        if host.needs_token and own:
            problem = own.unusable_in(region, now)
            if problem:
                handed.refused[host.name] = f"{problem}. Fix: generate a new token in the SSE portal of {region}."
            else:
                handed.tokens[host.name] = own.token
        elif host.needs_token and in_place:
            handed.tokens[host.name] = in_place
        elif host.needs_token:
            late.append(host)
    for host in late:
        if spare:
            handed.tokens[host.name] = spare.pop(0)
        else:
            handed.refused[host.name] = (
                f"no registration token is left. Fix: generate more tokens in the SSE portal of {region}, and add them to "
                f"{TOKENS} or {FILE}."
            )
    handed.left_over = len(tokens.all()) - len(handed.tokens)
    return handed


@dataclass(frozen=True, repr=False)
class Pool:
    """One source of tokens, with the hosts of the whole play that share it, in order."""

    tokens: Tokens
    hosts: Sequence[TokenHost]


def hand_out_in(
    region: str, pools: Iterable[Pool], needing: Container[str], batch: Container[str]
) -> tuple[TokensOutcome, dict[str, str]]:
    """Return the outcome for each host of a region that needs a token, and the tokens by device name.

    A host of this ``batch`` that failed in the meantime does not get its token.
    """
    answers: list[Answer] = []
    by_device: dict[str, str] = {}
    given = left_over = 0
    for pool in pools:
        handed = hand_out(pool.tokens, pool.hosts, region)
        given += len(pool.tokens.all())
        left_over += handed.left_over + sum(name in batch and name not in needing for name in handed.tokens)
        for host in (one for one in pool.hosts if one.name in needing):
            token = handed.tokens.get(host.name)
            action = Action.HANDED_OUT if token else Action.FAILED
            answers.append(Answer(host.device, None, action, handed.refused.get(host.name)))
            if token:
                by_device[str(host.device)] = token
    return TokensOutcome(tuple(answers), given=given, left_over=left_over), by_device


def _owners(tokens: Tokens, hosts: Iterable[TokenHost]) -> dict[str, NamedToken]:
    """Return the tokens for named devices by host. A host name takes precedence over a device name."""
    free = dict(tokens.by_name)
    owners: dict[str, NamedToken] = {}
    names: tuple[Callable[[TokenHost], str], ...] = (lambda one: one.name, lambda one: one.device or "")
    for name in names:
        for host in hosts:
            token = None if host.name in owners else free.pop(name(host).lower(), None)
            if token:
                owners[host.name] = token
    return owners
