# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Turn what a probe found into a document that is safe to share: words and forms, no data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions
from ansible_collections.emailsec.ctr.plugins.module_utils._stand_ins import StandIns

from .appliance import Walk
from .assumptions import WHEN, Assumption
from .compare import Outcome
from .findings import Findings, flat, offered_servers, plain_name
from .model import (
    ApplianceProbe,
    CallRead,
    Checked,
    Failure,
    ProbeDocument,
    Proposal,
    RegionProbe,
    Remaining,
    ScreenRead,
    Verdict,
)
from .propose_fields import OTHER_NAMES, UUID, VERSION, WORD, is_address, is_time
from .region import DEVICES, HEALTH, INSTANCES, LISTS, OFFSET, TYPES, Call, RegionRead

LONGEST_SCREEN = 4000
MOST_WORDS = 200
"""Words of a field, and fields of an answer."""
_WORDS = {
    "status": ("status", *OTHER_NAMES["status"]),
    "type": ("type", *OTHER_NAMES["type"]),
}
_OF_TYPES = ("title", "default_name", "former_title")
_OF_SETTINGS = ("key", "type", "label")
_LOGIN_LINE = re.compile(r"(?:Last login: |AsyncOS |Welcome to the |NOTE: )|will be lost|idle", re.I)


def probe_document(
    findings: Findings,
    compared: Sequence[tuple[Assumption, Outcome]],
    proposals: Sequence[Proposal],
    remaining: Sequence[Remaining],
    stand_ins: StandIns,
    **about: Any,
) -> ProbeDocument:
    """Return the document. ``stand_ins`` know the data of the inventory; the data that was read is added here.

    ``about``: created, collection, seconds and profile of the document.
    """
    _learn(findings, stand_ins)
    stand_ins.keep(_safe_paths(findings, proposals, stand_ins))
    text = stand_ins.text
    return ProbeDocument(
        appliances=tuple(_appliance(walk, stand_ins) for walk in findings.walks),
        regions=tuple(_region(read, stand_ins) for read in findings.regions.values()),
        apis=tuple(replace(_region(read, stand_ins), region=text(read.name)) for read in findings.apis),
        assumptions=tuple(_checked(assumption, outcome, stand_ins) for assumption, outcome in compared),
        proposals=tuple(
            replace(one, value=stand_ins.data(one.value), evidence=text(one.evidence)) for one in proposals
        ),
        remaining=tuple(replace(one, problem=text(one.problem), fix=text(one.fix)) for one in remaining),
        **about,
    )


def vocabulary(findings: Findings) -> set[str]:
    """Return the words that stay: names of servers and regions, commands and keywords."""
    words = {server.fqdn for walk in findings.walks for server in offered_servers(walk)}
    words |= {region.label for region in all_regions().values()} | set(all_regions())
    words |= {keyword for keywords in menu.KNOWN.values() for keyword in keywords} | set(menu.KNOWN)
    return words | set(sse_fields.FIELDS.values()) | {"registered", "pending", "esa", "sma"}


def _learn(findings: Findings, stand_ins: StandIns) -> None:
    for walk in findings.walks:
        fields = walk.version_fields()
        stand_ins.know("host", walk.host, walk.hostname)
        stand_ins.know("serial", fields.get("serial #"), fields.get("serial"))
    words = {*_WORDS["status"], *_WORDS["type"]}
    for record in findings.records:
        for path, value in record.values.items():
            is_word = plain_name(path) in words and isinstance(value, str) and WORD.fullmatch(value)
            if isinstance(value, str) and not is_word and not is_time(value) and not VERSION.fullmatch(value):
                stand_ins.know("host" if "." in value and " " not in value else "text", value)
    for read in findings.regions.values():
        stand_ins.know("host", read.host.split(":")[0])
        for instance in read.records(INSTANCES):
            stand_ins.know("name", instance.get("name"))


def _safe_paths(findings: Findings, proposals: Sequence[Proposal], stand_ins: StandIns) -> set[str]:
    """Return the paths of fields whose parts are no data. Dots make them look like host names."""
    paths = {path for record in findings.records for path in record.values}
    paths |= {".".join(one.place) for one in proposals}
    paths |= {f"sse.fields.{name}" for name in sse_fields.FIELDS} | {f"sse.sends.{name}" for name in sse_fields.SENT}
    paths |= {str(name) for one in proposals if one.place[:2] == ("sse", "fields") for name in one.value}
    return {path for path in paths if all(stand_ins.text(part) == part for part in path.split("."))}


def _appliance(walk: Walk, stand_ins: StandIns) -> ApplianceProbe:
    fields = walk.version_fields()
    registration = "registered" if walk.registered else "unregistered" if walk.unregistered else ""
    if "ENABLE" in walk.keywords():
        registration = "disabled"
    login = "\n".join(_login_lines(walk.login))
    screens = [ScreenRead("login", "", stand_ins.text(login), len(walk.login), 0.0)] if walk.login else []
    for step in walk.steps:
        shown = _shown_screen(step.id, step.screen.text)
        screens.append(
            ScreenRead(step.id, step.typed, stand_ins.text(shown), len(step.screen.text), round(step.seconds, 3))
        )
    return ApplianceProbe(
        host=stand_ins.text(walk.host),
        region=walk.region,
        product=walk.product,
        model=fields.get("model", ""),
        version=fields.get("version", ""),
        registration=registration,
        seconds=round(walk.seconds, 3),
        screens=tuple(screens),
        failure=_failure(walk.failure, stand_ins),
    )


def _login_lines(login: str) -> Iterable[str]:
    """Yield the lines of the vendor. Banners of an administrator may hold anything."""
    for line in login.splitlines():
        if not line.strip() or _LOGIN_LINE.search(line):
            yield line
        else:
            yield f"[{len(line)} characters]"


def _shown_screen(step_id: str, text: str) -> str:
    """Return a screen, without changes of the configuration, which may hold anything."""
    if step_id == "showchanges" and len(text.strip().splitlines()) > 1:
        return f"[{len(text.splitlines())} lines of changes]"
    return text if len(text) <= LONGEST_SCREEN else f"{text[:LONGEST_SCREEN]}\n[{len(text)} characters in all]"


def _failure(error: AsyncOSError | ApiError | None, stand_ins: StandIns) -> Failure | None:
    if error is None:
        return None
    problem = error.problem if isinstance(error, AsyncOSError) else error.reason
    return Failure(stand_ins.text(problem), stand_ins.text(error.fix or ""))


def _region(read: RegionRead, stand_ins: StandIns) -> RegionProbe:
    return RegionProbe(
        region=read.name,
        seconds=round(read.seconds, 3),
        calls=tuple(_call(call, read, stand_ins) for call in read.calls),
        failure=_failure(read.failure, stand_ins),
        sent=read.sent,
    )


def _call(call: Call, read: RegionRead, stand_ins: StandIns) -> CallRead:
    rows = read.records(call.request) if call.request in LISTS or call.request == OFFSET else _objects(call.data)
    return CallRead(
        request=call.request,
        status=call.status,
        seconds=round(call.seconds, 3),
        size=call.size,
        records=len(rows) if call.request in LISTS or call.request == OFFSET else None,
        shape=_shape(rows, stand_ins),
        words=_words(call.request, rows, stand_ins),
        headers=tuple(sorted(stand_ins.text(str(name)) for name in call.headers))[:MOST_WORDS],
        failure=_failure(call.failure, stand_ins),
    )


def _objects(data: Any) -> list[dict[str, Any]]:
    return [data] if isinstance(data, dict) else []


def _shape(rows: Sequence[Mapping[str, Any]], stand_ins: StandIns) -> dict[str, str]:
    """Return the form of each field by its path."""
    forms: dict[str, set[str]] = {}
    for row in rows:
        for path, value in flat(row):
            if path in forms or len(forms) < MOST_WORDS:
                forms.setdefault(path, set()).add(form_of(value))
    named: dict[str, set[str]] = {}
    for path, found in forms.items():
        named.setdefault(_shared_path(path, stand_ins), set()).update(found)
    return {name: " or ".join(sorted(found)) for name, found in sorted(named.items())}


def _shared_path(path: str, stand_ins: StandIns) -> str:
    """Return the path of a field with stand-ins in its parts. Its dots would make it look like a host name."""
    return ".".join(stand_ins.text(part) for part in path.split("."))


def form_of(value: Any) -> str:
    """Return the form of a value: its type, and for a text what it looks like."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        forms = (("uuid", UUID.fullmatch), ("time", is_time), ("address", is_address), ("version", VERSION.fullmatch))
        return next((form for form, fits in forms if fits(value)), "text")
    if isinstance(value, list):
        inner = sorted({form_of(one) for one in value[:MOST_WORDS]})
        return f"list of {' or '.join(inner)}" if inner else "empty list"
    return "object"


def _words(request: str, rows: Sequence[Mapping[str, Any]], stand_ins: StandIns) -> dict[str, tuple[str, ...]]:
    """Return the vocabulary of an answer: status words, types, and titles and settings of module types."""
    found: dict[str, dict[str, None]] = {}

    def add(field: str, value: Any) -> None:
        if isinstance(value, str) and value and len(found.setdefault(field, {})) < MOST_WORDS:
            found[field][value] = None

    for row in rows:
        if request in (DEVICES, HEALTH, OFFSET):
            for path, value in flat(row):
                if plain_name(path) in {*_WORDS["status"], *_WORDS["type"]} and _is_word(value):
                    add(path, value)
        elif request == TYPES:
            spec = row.get("configuration_spec")
            settings = [one for one in spec if isinstance(one, dict)] if isinstance(spec, list) else []
            if any(one.get("type") == "device" for one in settings):
                for name in _OF_TYPES:
                    add(name, row.get(name))
                for setting in settings:
                    for name in _OF_SETTINGS:
                        add(f"configuration_spec.{name}", setting.get(name))
    named: dict[str, dict[str, None]] = {}
    for field, words in found.items():
        named.setdefault(_shared_path(field, stand_ins), {}).update(dict.fromkeys(map(stand_ins.text, words)))
    return {field: tuple(words) for field, words in named.items()}


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and WORD.fullmatch(value) is not None


def _checked(assumption: Assumption, outcome: Outcome, stand_ins: StandIns) -> Checked:
    return Checked(
        id=assumption.id,
        kind=assumption.kind.value,
        grade=assumption.grade,
        expected=assumption.value,
        purpose=assumption.purpose,
        otherwise=assumption.otherwise,
        verdict=outcome.verdict,
        came=tuple(stand_ins.text(one) for one in outcome.came),
        where=tuple(stand_ins.text(one) for one in outcome.where),
        when=WHEN[assumption.seen] if outcome.verdict is Verdict.NOT_SEEN else "",
    )
