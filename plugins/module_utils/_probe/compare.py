# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Compare each assumption with what was read: confirmed, different, or not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.contract import PATHS
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_types import (
    NoSuchType,
    find_module_type,
    titles_with_device,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate.investigation import WORST_FIRST
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from .appliance import Walk
from .assumptions import Assumption, Kind
from .findings import Findings, has_field, offered_servers, status_of
from .model import Verdict
from .region import API_LOGIN, API_TRACKING, DEVICES, HEALTH, LOGIN, OFFSET, TYPES, Call, RegionRead, page_size
from .texts import came_instead

NOT_FOUND = (404, 405, 410)


@dataclass(frozen=True)
class Outcome:
    """The verdict on one assumption: what came instead, and where (regions and hosts)."""

    verdict: Verdict
    came: tuple[str, ...] = ()
    where: tuple[str, ...] = ()


NOT_SEEN = Outcome(Verdict.NOT_SEEN)


def compare(assumption: Assumption, findings: Findings) -> Outcome:
    """Return how an assumption compares with what was read."""
    return _BY_KIND[assumption.kind](assumption, findings)


def _outcome(confirmed: Iterable[str], differs: Mapping[str, Iterable[str]]) -> Outcome:
    """Return the outcome: a difference anywhere counts before a confirmation elsewhere. ``differs``: what came, by place."""
    found = {place: list(came) for place, came in differs.items()}
    found = {place: came for place, came in found.items() if came}
    if found:
        return Outcome(
            Verdict.DIFFERS, tuple(dict.fromkeys(one for came in found.values() for one in came)), tuple(found)
        )
    places = tuple(dict.fromkeys(confirmed))
    return Outcome(Verdict.CONFIRMED, where=places) if places else NOT_SEEN


def _text(assumption: Assumption, findings: Findings) -> Outcome:
    shown = {walk.host: assumption.subject in findings.shown_texts[walk.host] for walk in findings.walks}
    return _outcome(
        [host for host, seen in shown.items() if seen],
        {walk.host: came_instead(walk, assumption.subject) for walk in findings.walks if not shown[walk.host]},
    )


def _prompt(assumption: Assumption, findings: Findings) -> Outcome:
    name = assumption.subject
    seen: dict[str, Callable[[Walk], bool]] = {
        "question": lambda walk: any(step.screen.default is not None for step in walk.steps),
        "interrupt": lambda walk: walk.left_questions,
        "disconnected": lambda walk: "[disconnected]" in walk.prompt.lower(),
        "pager": lambda walk: False,
    }
    shows = seen.get(name) or (lambda walk: bool(walk.prompt) and walk.mode == name)
    return _outcome([walk.host for walk in findings.walks if shows(walk)], {})


def _command(assumption: Assumption, findings: Findings) -> Outcome:
    name = assumption.subject
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for walk in findings.walks:
        step = walk.step(name)
        if step is None:
            if name == "clustermode" and "group" in walk.prompt.lower() and walk.failure is None:
                confirmed.append(walk.host)
            continue
        refused = "unknown_command" in findings.shown_texts[walk.host] and step.screen.text.strip().startswith(
            _refusal(walk)
        )
        if name in (menu.COMMAND, menu.SWITCH_COMMAND):
            fits = menu.is_menu_of(name, menu.operations(step.screen)) or step.screen.at_prompt
        else:
            fits = step.screen.at_prompt
        if fits and not refused:
            confirmed.append(walk.host)
        elif not (refused and name == menu.SWITCH_COMMAND):
            differs[walk.host] = [step.screen.text.strip()[-200:]]
    return _outcome(confirmed, differs)


def _refusal(walk: Walk) -> str:
    """Return the beginning of the appliance's answer to a line that is no command."""
    step = walk.step("unknown_command")
    return step.screen.text.strip()[:12] if step and step.screen.text.strip() else "\0"


def _keyword(assumption: Assumption, findings: Findings) -> Outcome:
    command, keyword = assumption.subject.split(" ")
    steps = [(walk.host, walk.step(command)) for walk in findings.walks]
    return _outcome([host for host, step in steps if step and keyword in menu.operations(step.screen)], {})


def _line(assumption: Assumption, findings: Findings) -> Outcome:
    name = assumption.subject
    if name == "menu":
        return _outcome([walk.host for walk in findings.walks if walk.keywords()], {})
    if name == "server":
        listed = {walk.host: bool(offered_servers(walk)) for walk in findings.walks}
        return _outcome([host for host, seen in listed.items() if seen], {})
    names = ("serial #", "serial") if name == "serial" else (name,)
    fields = {walk.host: walk.version_fields() for walk in findings.walks if walk.step("version")}
    return _outcome(
        [host for host, found in fields.items() if any(found.get(one) for one in names)],
        {host: sorted(found) for host, found in fields.items() if not any(found.get(one) for one in names)},
    )


def _server(assumption: Assumption, findings: Findings) -> Outcome:
    region = all_regions()[assumption.subject]
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for walk in findings.walks:
        servers = offered_servers(walk)
        if any(server.fqdn == region.appliance_server for server in servers):
            confirmed.append(walk.host)
        else:
            differs[walk.host] = [f"{one.label} ({one.fqdn})" for one in servers if one.label.upper() == region.label]
    return _outcome(confirmed, differs)


def _address(assumption: Assumption, findings: Findings) -> Outcome:
    read = findings.regions.get(assumption.subject)
    if read is None or not read.calls or f"https://{read.host}" != assumption.value:
        return NOT_SEEN
    return _outcome([read.name] if any(call.status for call in read.calls) else [], {})


def _call(assumption: Assumption, findings: Findings) -> Outcome:
    return _answered(assumption.subject, findings)


def _answered(name: str, findings: Findings) -> Outcome:
    if name in (API_LOGIN, API_TRACKING):
        answered = {read.name: read.calls[0] for read in findings.apis if read.calls}
    elif name == LOGIN:
        answered = {
            read.name: call for read in findings.regions.values() for call in read.calls if call.failure is None
        }
    else:
        answered = {
            read.name: call for read in findings.regions.values() for call in read.calls if call.request == name
        }
    return _outcome(
        [place for place, call in answered.items() if call.failure is None],
        {place: [f"answered {call.status}"] for place, call in answered.items() if call.status in NOT_FOUND},
    )


def _field(assumption: Assumption, findings: Findings) -> Outcome:
    if assumption.id.startswith("field.sse."):
        return _sse_field(assumption.subject, findings)
    call, _blank, name = assumption.subject.rpartition(" ")
    if call in (API_LOGIN, API_TRACKING):
        return _api_field(call, name, findings)
    if call == LOGIN:
        return _answered(LOGIN, findings)
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for read in findings.regions.values():
        answer = read.call(call)
        if answer is None:
            continue
        rows = read.records(call) if call != HEALTH else [answer.data]
        rows = [row for row in rows if isinstance(row, dict)]
        if any(name in row for row in rows):
            confirmed.append(read.name)
        elif rows and name not in ("former_title", "errors"):
            differs[read.name] = sorted({str(key) for row in rows for key in row})
    return _outcome(confirmed, differs)


def _sse_field(sse_field: str, findings: Findings) -> Outcome:
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    if sse_field in ("token", "token_expires"):
        return NOT_SEEN
    for region in findings.regions:
        of_region = [one for one in findings.records if one.region == region]
        if any(has_field(one, sse_field) for one in of_region):
            confirmed.append(region)
        elif of_region and (
            sse_field in sse_fields.REQUIRED or any(one.walk and one.walk.registered for one in of_region)
        ):
            differs[region] = sorted({path for one in of_region for path in one.values})
    return _outcome(confirmed, differs)


def _api_field(call: str, name: str, findings: Findings) -> Outcome:
    answered = [read for read in findings.apis if read.call(API_TRACKING)]
    if call == API_LOGIN:
        return _outcome([read.name for read in answered], {})
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for read in answered:
        data = read.calls[0].data
        rows = data.get("data") if isinstance(data, dict) else None
        if name == "data":
            if isinstance(rows, list):
                confirmed.append(read.name)
            else:
                differs[read.name] = sorted(data) if isinstance(data, dict) else [type(data).__name__]
            continue
        attributes = [one.get("attributes") for one in rows or () if isinstance(one, dict)]
        if any(isinstance(one, dict) and name.rsplit(".", 1)[1] in one for one in attributes):
            confirmed.append(read.name)
        elif attributes:
            differs[read.name] = sorted({str(key) for one in attributes if isinstance(one, dict) for key in one})
    return _outcome(confirmed, differs)


def _status(assumption: Assumption, findings: Findings) -> Outcome:
    if assumption.subject == "health":
        return _health(findings)
    registered = assumption.subject == "registered"
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for record in findings.records:
        word = status_of(record, sse_fields.names_of("status"))
        device = sse_fields.Device(id="", name="", status=word)
        if device.registered if registered else device.awaits_token:
            confirmed.append(record.region)
        elif (
            word and record.walk and _means(record.walk, registered) and not (device.registered or device.awaits_token)
        ):
            differs.setdefault(record.region, []).append(word)
    return _outcome(confirmed, differs)


def _means(walk: Walk, registered: bool) -> bool:
    return bool(walk.registered) if registered else bool(walk.keywords()) and not walk.registered


def _health(findings: Findings) -> Outcome:
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for read in findings.regions.values():
        call = read.call(HEALTH)
        entries = call.data.get("data") if call and isinstance(call.data, dict) else None
        inner = [one.get("data") for one in entries or () if isinstance(one, dict)]
        words = {one["status"] for one in inner if isinstance(one, dict) and isinstance(one.get("status"), str)}
        confirmed += [read.name] if words & set(WORST_FIRST) else []
        differs[read.name] = sorted(words - set(WORST_FIRST))
    return _outcome(confirmed, differs)


def _title(assumption: Assumption, findings: Findings) -> Outcome:
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for read in findings.regions.values():
        types = read.records(TYPES)
        if not types:
            continue
        try:
            find_module_type(types, assumption.subject, all_regions()[read.name])
        except NoSuchType:
            if _needs_type(findings, read.name, assumption.subject):
                differs[read.name] = titles_with_device(types)
            continue
        except ApiError:
            pass
        confirmed.append(read.name)
    return _outcome(confirmed, differs)


def _needs_type(findings: Findings, region: str, product: str) -> bool:
    """Return whether an appliance of this product was probed in the region, or none at all."""
    return not findings.walks or any(walk.product.lower() == product for walk in findings.walks_of(region))


def _setting(assumption: Assumption, findings: Findings) -> Outcome:
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for read in findings.regions.values():
        for product in ("esa", "sma"):
            try:
                find_module_type(read.records(TYPES), product, all_regions()[read.name])
            except NoSuchType:
                continue
            except ApiError as error:
                differs[read.name] = [error.reason]
                continue
            confirmed.append(read.name)
    return _outcome(confirmed, differs)


def _header(assumption: Assumption, findings: Findings) -> Outcome:
    name = assumption.subject.lower()
    answers = [(read.name, call) for read in findings.regions.values() for call in read.calls if call.failure is None]
    return _outcome([place for place, call in answers if name in {str(key).lower() for key in call.headers}], {})


def _limit(assumption: Assumption, findings: Findings) -> Outcome:
    judge = {"page": _page, "offset": _offset, "quota": _quota}.get(assumption.subject)
    if judge is None:
        return NOT_SEEN
    confirmed: list[str] = []
    differs: dict[str, list[str]] = {}
    for read in findings.regions.values():
        came = judge(read)
        if came == "":
            confirmed.append(read.name)
        elif came is not None:
            differs[read.name] = [came]
    return _outcome(confirmed, differs)


def _page(read: RegionRead) -> str | None:
    """Return what came instead of a whole page, an empty text if the page is whole, None if that is not known."""
    call = read.call(DEVICES)
    total = _total(call) if call else None
    got = len(read.records(DEVICES))
    if call is None or total is None:
        return None
    return f"{got} records in a page" if got < min(total, page_size(PATHS["devices"])) else ""


def _offset(read: RegionRead) -> str | None:
    whole, part = read.records(DEVICES), read.records(OFFSET)
    if len(whole) < 3 or read.call(OFFSET) is None:
        return None
    return "" if part == whole[1:3] else f"{len(part)} records for limit 2 and offset 1"


def _quota(read: RegionRead) -> str | None:
    limits = {
        str(call.headers["X-Ratelimit-Org-Limit"]) for call in read.calls if "X-Ratelimit-Org-Limit" in call.headers
    }
    return None if not limits else "" if "8000" in limits else ", ".join(sorted(limits))


def _total(call: Call) -> int | None:
    said = str(call.headers.get("X-Total-Hits", ""))
    return int(said) if said.isdecimal() else None


_BY_KIND: dict[Kind, Callable[[Assumption, Findings], Outcome]] = {
    Kind.TEXT: _text,
    Kind.PROMPT: _prompt,
    Kind.COMMAND: _command,
    Kind.KEYWORD: _keyword,
    Kind.LINE: _line,
    Kind.SERVER: _server,
    Kind.ADDRESS: _address,
    Kind.CALL: _call,
    Kind.FIELD: _field,
    Kind.SENT: lambda _assumption, _findings: NOT_SEEN,
    Kind.STATUS: _status,
    Kind.TITLE: _title,
    Kind.SETTING: _setting,
    Kind.HEADER: _header,
    Kind.LIMIT: _limit,
}
