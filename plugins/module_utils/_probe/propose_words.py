# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Propose patterns for texts of an appliance, and status words of SSE."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import screens
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.patterns import BadPattern, compiled

from .findings import Findings, offered_servers, status_of
from .model import Proposal, Remaining
from .texts import came_instead

EVIDENCE = {
    "registered": "shown beside a menu that offers DEREGISTER",
    "disabled": "shown beside a menu that offers ENABLE",
    "enabled": "shown beside a menu that offers DISABLE and REGISTER",
    "no_changes": "the whole output of showchanges in a session that had changed nothing",
    "unknown_command": "the answer to a line that is no command",
    "server_question": "asked below the list of servers",
    "current_server": "the sentence that names a listed server",
    "server_fixed": "the answer to SETTRS on an appliance whose menu offers DEREGISTER",
    "token_question": "asked after REGISTER",
    "deregister_question": "asked after DEREGISTER",
}
NOT_NEEDED = ("asyncos_banner",)
"""Texts without which everything works: another command shows the same."""
LONGEST = 200
"""Characters of a sentence that becomes a pattern."""
_SERVER = r"(?P<server>[a-z0-9.-]{1,253})"
_DATA = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){2,}|\d+")


def propose_text(findings: Findings, text_id: str) -> Iterator[Proposal | Remaining]:
    """Yield a pattern for each sentence that came instead of this text, if all appliances with it agree on one sentence."""
    if text_id in NOT_NEEDED:
        return
    came = [came_instead(walk, text_id) for walk in findings.walks if text_id not in findings.shown_texts[walk.host]]
    came = [sentences for sentences in came if sentences]
    agreed = set.intersection(*map(set, came)) if came else set()
    chosen = sorted(agreed, key=came[0].index) if came else []
    evidence = EVIDENCE.get(text_id)
    if evidence and text_id == "current_server":
        chosen = sorted({sentence for sentences in came for sentence in sentences}, key=len)[:1]
    if (
        evidence is None
        or not chosen
        or (text_id in ("no_changes", "enabled", "disabled", "registered") and len(chosen) > 1)
    ):
        yield _remaining(text_id, sorted({one for sentences in came for one in sentences}))
        return
    pattern = _pattern(findings, text_id, chosen[0])
    try:
        compiled(text_id, pattern)
    except BadPattern as bad:
        yield _remaining(text_id, [chosen[0]], f" (as a pattern it {bad})")
        return
    yield Proposal(
        ("texts", text_id), [pattern], f"{evidence}, on {len(came)} appliance{'s'[: len(came) != 1]}", f"text.{text_id}"
    )


def _remaining(text_id: str, came: list[str], why: str = "") -> Remaining:
    seen = "; ".join(came)[:300] or "nothing that the collection knows"
    return Remaining(
        f"text.{text_id}",
        f"the screen shows another text than expected: {seen}{why}",
        f"if this means {screens.TEXTS[text_id].means.rstrip('.')!r}, add it to texts.{text_id} of the profile",
    )


def _pattern(findings: Findings, text_id: str, sentence: str) -> str:
    """Return a sentence as a pattern. Names and numbers match any name and number."""
    words = sentence.strip().rstrip(".:?! ")[:LONGEST]
    servers = {server.fqdn for walk in findings.walks for server in offered_servers(walk)}
    hosts = {walk.hostname for walk in findings.walks} | {walk.host for walk in findings.walks}
    pattern, end = "", 0
    variable = "|".join([*map(re.escape, sorted((servers | hosts) - {""}, key=len, reverse=True)), _DATA.pattern])
    for found in re.finditer(variable, words, re.I):
        any_value = "\\d{1,9}" if found[0].isdecimal() else "[a-z0-9.-]{1,200}"
        is_server = text_id == "current_server" and found[0].lower() in servers
        pattern += _escaped(words[end : found.start()]) + (_SERVER if is_server else any_value)
        end = found.end()
    return pattern + _escaped(words[end:])


def _escaped(text: str) -> str:
    return re.sub(r"\\([ '\"#&~,:;@/-])", r"\1", re.escape(text))


def propose_status(findings: Findings, names: Mapping[str, tuple[str, ...]]) -> Iterator[Proposal | Remaining]:
    """Yield the meaning of status words of devices whose appliance was probed. ``names`` are those of the fields of SSE."""
    meanings: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    unknown: dict[str, None] = {}
    for record in findings.records:
        word = status_of(record, names["status"])
        device = sse_fields.Device(id="", name="", status=word)
        if not word or device.registered or device.awaits_token:
            continue
        if record.walk is None or not record.walk.keywords():
            unknown[word.lower()] = None
            continue
        meanings.setdefault(word, set()).add("registered" if record.walk.registered else "awaits_token")
        counts[word] = counts.get(word, 0) + 1
    for word, meaning in meanings.items():
        if len(meaning) > 1:
            yield _ambiguous(word)
            continue
        (means,) = meaning
        of = "offers DEREGISTER" if means == "registered" else "does not offer DEREGISTER"
        yield Proposal(
            ("sse", "statuses", means),
            [word],
            f"the status of {counts[word]} device{'s'[: counts[word] != 1]} whose appliance {of} in its menu",
            f"status.{means}",
        )
    known = {word.lower() for word in meanings}
    for word in unknown:
        if word not in known:
            yield Remaining(
                "status.registered",
                f"devices have the status {word!r}, and none of their appliances was probed",
                "probe one of these appliances, or add the word to sse.statuses.registered or sse.statuses.awaits_token",
            )


def _ambiguous(word: str) -> Remaining:
    return Remaining(
        "status.registered",
        f"devices of registered and of unregistered appliances have the status {word!r}",
        "check these devices in the SSE portal; a status that means both cannot be used",
    )
