# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on demand: what the clouds do in place of, or in addition to, a proper answer."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.lab.cloud.clock import http_date
from tests.lab.cloud.store import CloudStore
from tests.lab.fleet_fields import Fields
from tests.lab.regions import SERVERS

MATCHING = {"region", "method", "path", "path_regex", "count", "skip", "kind"}
METHODS = ("GET", "POST", "PATCH", "DELETE")
KINDS = {
    "error": {"status", "error", "error_description", "trace_id", "scopes", "retry_after", "retry_after_form", "acts"},
    "answer": {"status", "reason", "headers", "text"},
    "drop": {"acts"},
    "slow": {"seconds"},
    "hold": {"seconds", "acts"},
    "invalid_json": {"acts"},
    "truncated": set(),
    "html": {"status", "acts"},
    "page_change": {"change"},
    "expire_tokens": set(),
    "quota": {"remaining"},
}
"""The kinds of faults, and the specific fields of each."""
NAMES = {
    400: "invalid_request",
    401: "invalid_request",
    403: "missing_scope",
    404: "not_found",
    409: "conflict",
    429: "too_many_requests",
}
"""The default name of an error (A for 401 and 403)."""
LONGEST_HOLD = 25.0
"""Seconds; a client waits 30 for an answer."""
RETRY_AFTER_FORMS = ("seconds", "letter", "date")
CHANGES = ("insert", "remove", "swap")
PROXY_PAGE = (
    "<html><head><title>Web gateway</title></head><body><h1>Access to this page is held back</h1></body></html>"
)

FAULTY = web.RequestKey("faulty", bool)
"""Set if the answer is not a regular answer of the lab, so that no contract applies to it."""


@dataclass
class Fault:
    """One fault: the requests that it hits, their number, and its effect. Times are in seconds."""

    kind: str
    region: str | None
    method: str | None
    path: str | None
    path_regex: str | None
    count: int
    skip: int
    details: dict[str, Any]
    number: int = 0
    passed: int = field(default=0, init=False)
    done: int = field(default=0, init=False)

    def as_json(self) -> dict[str, Any]:
        """Return the fault for the control interface: its fields, and the numbers of passed and hit requests."""
        shown = {name: getattr(self, name) for name in ("number", *sorted(MATCHING), "passed", "done")}
        return {**shown, **self.details}

    def takes(self, region: str, method: str, path: str) -> bool:
        """Return whether it hits this request; count the request if it only passes."""
        if self.done >= self.count or self.region not in (None, region) or self.method not in (None, method):
            return False
        if self.path is not None and not path.startswith(self.path):
            return False
        if self.path_regex is not None and not re.fullmatch(self.path_regex, path):
            return False
        if self.passed < self.skip:
            self.passed += 1
            return False
        self.done += 1
        return True


def read_fault(body: object) -> Fault:
    """Return the fault in the body of POST /faults. Raise FleetError, which names an invalid field."""
    every = set().union(*KINDS.values())
    fields = Fields("", "fault", body, MATCHING | every)
    kind = fields.choice("kind", None, tuple(KINDS))
    if kind is None:
        fields.fail("kind", f"is required: one of {', '.join(KINDS)}")
    for key in sorted((every - KINDS[kind]) & set(fields.mapping)):
        fields.fail(key, f"is not a field of the kind {kind}")
    path_regex = fields.text("path_regex", None)
    if path_regex is not None:
        if fields.mapping.get("path") is not None:
            fields.fail("path_regex", "cannot be given beside path")
        try:
            re.compile(path_regex)
        except re.error as error:
            fields.fail("path_regex", f"is not a regular expression: {error}")
    return Fault(
        kind=kind,
        region=fields.choice("region", None, tuple(SERVERS)),
        method=fields.choice("method", None, METHODS),
        path=fields.text("path", None),
        path_regex=path_regex,
        count=fields.whole("count", 1, 1, 1_000_000),
        skip=fields.whole("skip", 0, 0, 1_000_000),
        details=_DETAILS[kind](fields),
    )


def _error(fields: Fields) -> dict[str, Any]:
    status = _required(fields, "status", fields.whole("status", None, 400, 599))
    retry_after = fields.whole("retry_after", None, 0, 1_000_000)
    form = fields.choice("retry_after_form", None, RETRY_AFTER_FORMS)
    if form is not None and retry_after is None:
        fields.fail("retry_after_form", "needs retry_after beside it")
    return {
        "status": status,
        "error": fields.text("error", NAMES.get(status, "internal_error" if status >= 500 else "refused")),
        "error_description": fields.text("error_description", f"a fault of the lab answers {status}"),
        "trace_id": fields.text("trace_id", None),
        "scopes": list(fields.texts("scopes", ())),
        "retry_after": retry_after,
        "retry_after_form": form or "seconds",
        "acts": fields.flag("acts", False),
    }


def _answer(fields: Fields) -> dict[str, Any]:
    headers = fields.mapping.get("headers") or {}
    if not isinstance(headers, dict) or not all(isinstance(text, str) for pair in headers.items() for text in pair):
        fields.fail("headers", "must be a mapping of strings")
    return {
        "status": _required(fields, "status", fields.whole("status", None, 200, 599)),
        "reason": fields.text("reason", None),
        "headers": headers,
        "text": fields.text("text", ""),
    }


def _required(fields: Fields, key: str, value: Any) -> Any:
    if value is None:
        fields.fail(key, f"is required for the kind {fields.mapping['kind']}")
    return value


_DETAILS: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "error": _error,
    "answer": _answer,
    "drop": lambda fields: {"acts": fields.flag("acts", False)},
    "slow": lambda fields: {"seconds": _required(fields, "seconds", fields.seconds("seconds", None))},
    "hold": lambda fields: {
        "seconds": fields.seconds("seconds", LONGEST_HOLD),
        "acts": fields.flag("acts", False),
    },
    "invalid_json": lambda fields: {"acts": fields.flag("acts", True)},
    "truncated": lambda fields: {},
    "html": lambda fields: {"status": fields.whole("status", 200, 200, 599), "acts": fields.flag("acts", False)},
    "page_change": lambda fields: {"change": _required(fields, "change", fields.choice("change", None, CHANGES))},
    "expire_tokens": lambda fields: {},
    "quota": lambda fields: {"remaining": _required(fields, "remaining", fields.whole("remaining", None, 0, 10**6))},
}


class Faults:
    """The faults of a lab run, in the order of their creation."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._numbers = 0

    def add(self, body: object) -> Fault:
        """Add a fault from POST /faults. Raise FleetError if it is invalid."""
        fault = read_fault(body)
        self._numbers += 1
        fault.number = self._numbers
        self.faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        self.faults.clear()

    async def handle(self, store: CloudStore, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer the request properly, or with the first fault that applies."""
        fault = next((one for one in self.faults if one.takes(store.region, request.method, request.path)), None)
        if fault is None:
            return await handler(request)
        if fault.kind == "hold":
            return await self._hold(fault, request, handler)
        if fault.kind in ("slow", "page_change", "expire_tokens", "quota"):
            return await _beside(fault, store, request, handler)
        request[FAULTY] = True
        answer = await handler(request) if fault.details.get("acts", fault.kind == "truncated") else None
        if fault.kind == "answer":
            details = fault.details
            body = details["text"].encode()
            return web.Response(
                status=details["status"], reason=details["reason"], headers=details["headers"], body=body
            )
        if fault.kind == "drop":
            return hang_up(request)
        if fault.kind == "truncated":
            return await _half(request, answer)
        if fault.kind == "invalid_json":
            return web.Response(
                text='{"id": "', content_type="application/json", status=answer.status if answer else 200
            )
        if fault.kind == "html":
            return web.Response(text=PROXY_PAGE, content_type="text/html", status=fault.details["status"])
        return _error_answer(fault.details, store)

    async def _hold(self, fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer regularly, but hold the request, or with C(acts) its answer, until the faults are removed."""
        answer = await handler(request) if fault.details["acts"] else None
        ends = time.monotonic() + fault.details["seconds"]
        while fault in self.faults and time.monotonic() < ends:
            await asyncio.sleep(0.02)
        return answer or await handler(request)


async def _beside(fault: Fault, store: CloudStore, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Apply the faults after which the lab still gives its regular answer."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.details["seconds"])
    elif fault.kind == "expire_tokens":
        store.access_tokens.clear()
    elif fault.kind == "quota":
        store.leave_requests(fault.details["remaining"])
    answer = await handler(request)
    if fault.kind == "page_change":
        _change_list(store.devices if "/iroh-sse/" in request.path else store.instances, store, fault.details["change"])
    return answer


def _change_list(records: dict[str, dict[str, Any]], store: CloudStore, change: str) -> None:
    """Remove the first record, add one at the end, or both, so that the number of records stays."""
    first = next(iter(records.values()), None)
    if first is None:
        return
    if change != "insert":
        del records[first["id"]]
    if change == "remove":
        return
    name = f"inserted-{uuid.uuid4()}.example.com"
    if records is store.devices:
        store.add_device(name)
    else:
        store.add_instance({key: first[key] for key in ("module_type_id", "visibility", "settings")} | {"name": name})


def hang_up(request: web.Request) -> web.StreamResponse:
    """Reset the connection of a request."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _half(request: web.Request, answer: web.StreamResponse | None) -> web.StreamResponse:
    """Send the first half of a body, with the length of the whole body."""
    body = bytes(getattr(answer, "body", None) or b"")
    if answer is None or len(body) < 2:
        return hang_up(request)
    short = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    short.content_length = len(body)
    await short.prepare(request)
    await short.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return short


def _error_answer(details: dict[str, Any], store: CloudStore) -> web.Response:
    body: dict[str, Any] = {
        "error": details["error"],
        "error_description": details["error_description"],
        "trace_id": details["trace_id"] or str(uuid.uuid4()),
    }
    if details["scopes"]:
        body["missing-scopes"] = body["required-scopes"] = details["scopes"]
        body["scopes"] = ["profile"]
    headers = {}
    if details["status"] == 429:
        headers = {"X-Ratelimit-Org-Limit": str(store.settings.rate_limit), "X-Ratelimit-Org-Remaining": "0"}
    if details["retry_after"] is not None:
        headers["Retry-After"] = _retry_after(details["retry_after"], details["retry_after_form"], store.now)
    return web.json_response(body, status=details["status"], headers=headers)


def _retry_after(seconds: int, form: str, now: float) -> str:
    if form == "date":
        return http_date(now + seconds)
    return f"{seconds}s" if form == "letter" else str(seconds)
