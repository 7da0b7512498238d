# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Registration tokens that an administrator generated in the portal, and who gets which.

A host's variables say where its tokens are: C(esa_ctr_registration_tokens), a list or a map by host, or
C(esa_ctr_token_file), the portal's saved file (one token a line, grade A) or the JSON lines that C(sse_token) saves. Hosts
that name the same tokens share them. Nothing here ever puts a token into a message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .model import Action, Answer, TokensOutcome

TOKENS = "esa_ctr_registration_tokens"
FILE = "esa_ctr_token_file"

_TOKEN = re.compile(r"[0-9a-f]{32}")
_HOW = "Fix: copy the tokens again from the SSE portal; each has 32 lower-case hexadecimal characters."


class TokensUnusable(Exception):
    """What is wrong with the tokens that were given, with the fix and without any token."""


@dataclass(frozen=True, repr=False)
class NamedToken:
    """A token made for one device; ``region`` and ``expires_at`` are None where nobody said them."""

    token: str
    region: str | None = None
    expires_at: str | None = None

    def unusable_in(self, region: str, now: datetime) -> str | None:
        """Why this token must not be used, or None."""
        if self.region not in (None, region):
            return f"the token given for it is of the region {self.region}, not {region}"
        expires = _time(self.expires_at)
        if expires is not None and expires <= now:
            return f"the token given for it expired at {self.expires_at}"
        return None


@dataclass(frozen=True, repr=False)
class Tokens:
    """The tokens of one source: some made for a device by name (lower case), the others in their order."""

    by_name: Mapping[str, NamedToken] = field(default_factory=dict)
    in_order: tuple[str, ...] = ()

    def all(self) -> frozenset[str]:
        return frozenset([*self.in_order, *(named.token for named in self.by_name.values())])


def tokens_of_variable(value: Any) -> Tokens:
    """From a list of tokens, or a map from host to token. Raises TokensUnusable."""
    if isinstance(value, Mapping):
        items = [(str(host).strip(), str(token).strip()) for host, token in value.items()]
        _check([(f"that of {host}", token) for host, token in items], TOKENS)
        return Tokens(by_name=_named([(host, host, NamedToken(token)) for host, token in items], TOKENS))
    if isinstance(value, (list, tuple)):
        tokens = tuple(str(token).strip() for token in value)
        _check([(f"number {number}", token) for number, token in enumerate(tokens, 1)], TOKENS)
        return Tokens(in_order=tokens)
    raise TokensUnusable(
        f"{TOKENS} is neither a list nor a map by host. Fix: give a list of tokens, or one token under each host's name."
    )


def tokens_of_text(text: str, where: str) -> Tokens:
    """From the content of a file; ``where`` names it in messages. Raises TokensUnusable."""
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
        raise TokensUnusable(f'{where}: line {number} is no JSON object with the key "token". {_HOW}')
    texts = {key: record[key] for key in ("name", "region", "expires_at") if isinstance(record.get(key), str)}
    return texts.get("name"), NamedToken(record["token"], texts.get("region"), texts.get("expires_at"))


def _named(items: Iterable[tuple[str, str, NamedToken]], where: str) -> dict[str, NamedToken]:
    """By lower-case name, from (place, name, token). Raises TokensUnusable for a name that stands twice."""
    places: dict[str, str] = {}
    found: dict[str, NamedToken] = {}
    for place, name, token in items:
        key = name.strip().lower()
        if key in found:
            raise TokensUnusable(
                f"{where}: {name} has two tokens ({places[key]} and {place}). Fix: leave one of them in."
            )
        places[key], found[key] = place, token
    return found


def _check(tokens: Iterable[tuple[str, str]], where: str) -> None:
    """Raises TokensUnusable unless all, given with what to call their places, are tokens and each stands once."""
    seen: dict[str, str] = {}
    wrong, twice = [], []
    for place, token in tokens:
        if not _TOKEN.fullmatch(token):
            wrong.append(place)
        if token in seen:
            twice.append(f"{seen[token]} and {place}")
        seen.setdefault(token, place)
    if wrong:
        raise TokensUnusable(f"{where}: not a registration token: {', '.join(wrong)}. {_HOW}")
    if twice:
        raise TokensUnusable(
            f"{where}: the same token stands twice ({'; '.join(twice)}), and a token works once. "
            "Fix: leave each in once; the portal generates one per device."
        )
    if not seen:
        raise TokensUnusable(f"{where} holds no token. Fix: generate tokens in the SSE portal, or leave it out.")


@dataclass(frozen=True)
class Claimant:
    """A host that shares a source: its device name once it was read, and whether it was found without a registration."""

    host: str
    device: str | None = None
    needs_token: bool = False
    read: bool = False


@dataclass(repr=False)
class HandedOut:
    """Who got which token, why others got none, and how many tokens are left over."""

    tokens: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    left_over: int = 0


def hand_out(tokens: Tokens, claimants: Iterable[Claimant], region: str, now: datetime | None = None) -> HandedOut:
    """One token for each claimant that needs one.

    A token made for a device goes to it. Of the others, the host in place n of the play gets the token in place n, so
    that a run that was interrupted gives each host the same token again; hosts beyond the end of the list get those of
    hosts that turned out to be registered. No token is given twice.
    """
    now = now or datetime.now(timezone.utc)
    claimants = list(claimants)
    handed = HandedOut()
    owners = _owners(tokens, claimants)
    spare: list[str] = list(tokens.in_order[len(claimants) :])
    late: list[Claimant] = []
    for place, claimant in enumerate(claimants):
        own = owners.get(claimant.host)
        in_place = tokens.in_order[place] if place < len(tokens.in_order) else None
        if (not claimant.needs_token or own) and in_place and (claimant.read or own):
            spare.append(in_place)
        if claimant.needs_token and own:
            problem = own.unusable_in(region, now)
            if problem:
                handed.refused[claimant.host] = f"{problem}. Fix: generate a new one in the SSE portal of {region}."
            else:
                handed.tokens[claimant.host] = own.token
        elif claimant.needs_token and in_place:
            handed.tokens[claimant.host] = in_place
        elif claimant.needs_token:
            late.append(claimant)
    for claimant in late:
        if spare:
            handed.tokens[claimant.host] = spare.pop(0)
        else:
            handed.refused[claimant.host] = (
                "no registration token is left for it. Fix: generate more in the SSE portal of "
                f"{region}, and add them to {TOKENS} or {FILE}."
            )
    handed.left_over = len(tokens.all()) - len(handed.tokens)
    return handed


@dataclass(frozen=True, repr=False)
class Pool:
    """One source of tokens, with the hosts of the whole play that share it, in their order."""

    tokens: Tokens
    claimants: Sequence[Claimant]


def hand_out_in(
    region: str, pools: Iterable[Pool], needing: Container[str], batch: Container[str]
) -> tuple[TokensOutcome, dict[str, str]]:
    """What each host of a region gets that needs a token, and the tokens by device name.

    A host of this ``batch`` that failed meanwhile does not get what is kept for it.
    """
    answers: list[Answer] = []
    by_device: dict[str, str] = {}
    given = left_over = 0
    for pool in pools:
        handed = hand_out(pool.tokens, pool.claimants, region)
        given += len(pool.tokens.all())
        left_over += handed.left_over + sum(host in batch and host not in needing for host in handed.tokens)
        for claimant in (one for one in pool.claimants if one.host in needing):
            token = handed.tokens.get(claimant.host)
            action = Action.HANDED_OUT if token else Action.FAILED
            answers.append(Answer(claimant.device, None, action, handed.refused.get(claimant.host)))
            if token:
                by_device[str(claimant.device)] = token
    return TokensOutcome(tuple(answers), given=given, left_over=left_over), by_device


def _owners(tokens: Tokens, claimants: Iterable[Claimant]) -> dict[str, NamedToken]:
    """By host, the token made for it: for the host of the name, or else for the first whose device has it."""
    free = dict(tokens.by_name)
    owners: dict[str, NamedToken] = {}
    names: tuple[Callable[[Claimant], str], ...] = (lambda one: one.host, lambda one: one.device or "")
    for name in names:
        for claimant in claimants:
            token = None if claimant.host in owners else free.pop(name(claimant).lower(), None)
            if token:
                owners[claimant.host] = token
    return owners


def _time(text: str | None) -> datetime | None:
    try:
        when = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)
