# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile answers at every place of every operation: a result, or an error of ours, and nothing that harms a terminal.

``HOSTILE_ANSWERS`` sets the number of cases, ``HOSTILE_SEED`` the first seed; a failure names the seed of its case.
"""

from __future__ import annotations

import copy
import json
import os
import random
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.client import ApiClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.modules import ensure_modules
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate.investigation import investigate
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.records import ensure_records
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import issue_tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.waiting import gather_device_facts
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError

CASES = int(os.environ.get("HOSTILE_ANSWERS", "400"))
FIRST_SEED = int(os.environ.get("HOSTILE_SEED", "0"))
BATCHES = 4

HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
EVIL_TEXTS = [
    "",
    " ",
    "\x1b[2J\x1b]0;owned\x07",
    "a\x00b",
    "\u202eevil",
    "{{ 7 * 7 }}",
    "\r\nSet-Cookie: a=b",
    "../../etc/passwd",
    "x" * 10_000,
    "9" * 5000,
    "\U0001f4a3",
]
RAW = "@@raw@@"
EVIL_JSON = [
    '"\\ud800"',
    '"a\\udfffb"',
    "1" + "0" * 400,
    "9" * 5000,
    "-" + "9" * 5000,
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "1e308",
    "[" * 5000 + "]" * 5000,
    "[" * 200_000,
    '{"a":' * 900 + "1" + "}" * 900,
    "[" * 99 + "]" * 99,
]
EVIL_HEADERS = {
    "X-Total-Hits": ["9" * 5000, "-1", "0", "1e3", "\xb2"],
    "Retry-After": [
        "9" * 5000,
        "Fri, 31 Dec 99999999999 23:59:59 GMT",
        "-5",
        "\xff\xfe",
        "Mon, 99 Foo 0000 99:99:99 GMT",
        "1" * 25,
    ],
    "X-Ratelimit-Org-Remaining": ["9" * 5000, "\xb9", "-1"],
    "X-Ratelimit-Org-Limit": ["9" * 5000],
    "Location": ["http://[", "\xff\xfe\x80", "//\u00e9[", "https://x:99999999/", "http://a\x1b[31m/"],
    "Content-Type": ["\xff", "text/html; charset=\xfe", "application/json; charset=utf-7", "a" * 5000],
    "Content-Encoding": ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x" * 500],
    "Set-Cookie": ["a=b; expires=Fri, 31 Dec 99999999999 23:59:59 GMT", "\xff=\xff"],
}
STATUSES = [
    200,
    201,
    202,
    204,
    226,
    299,
    300,
    301,
    302,
    308,
    400,
    401,
    403,
    404,
    405,
    409,
    410,
    418,
    422,
    429,
    451,
    500,
    502,
    503,
    504,
    599,
    999,
]

Answer = tuple[int, Any, dict[str, str]]


def hostile(rng: random.Random, status: int, body: Any, headers: dict[str, str]) -> Answer:
    """One or two changes to a good answer."""
    body = copy.deepcopy(body)
    raw: list[str] = []
    for _time in range(rng.choice((1, 1, 2))):
        kind = rng.choice(
            ("value", "value", "json", "json", "key", "drop", "header", "header", "status", "bytes", "whole")
        )
        if kind == "header":
            name = rng.choice(list(EVIL_HEADERS))
            headers = {**headers, name: rng.choice(EVIL_HEADERS[name])}
            if name == "Location":
                status = rng.choice((200, 301, 302, 307))
            if name == "Retry-After":
                status = rng.choice((429, 503))
        elif kind == "status":
            status = rng.choice(STATUSES)
            if rng.random() < 0.7:
                body = {
                    "error": rng.choice(EVIL_TEXTS),
                    "error_description": rng.choice([*EVIL_TEXTS, 7, []]),
                    "trace_id": rng.choice([None, {}, "t"]),
                }
        elif kind == "bytes":
            content = body if isinstance(body, bytes) else _json(body, raw)
            at = rng.randrange(len(content) + 1)
            body = (
                content[:at]
                + rng.choice((b"", b"\xff", b"\x00", b"\xed\xa0\x80", b"}", b'"'))
                + content[at + rng.randrange(3) :]
            )
        elif kind == "whole":
            raw.append(rng.choice(EVIL_JSON))
            body = RAW + "0"
        elif not isinstance(body, bytes):
            body = _changed(rng, kind, body, raw)
    return status, body if isinstance(body, bytes) else _json(body, raw), headers


def _changed(rng: random.Random, kind: str, body: Any, raw: list[str]) -> Any:
    holders: list[tuple[Any, Any]] = []
    todo = [body]
    while todo:
        one = todo.pop()
        keys = list(one) if isinstance(one, dict) else list(range(len(one))) if isinstance(one, list) else []
        holders += [(one, key) for key in keys]
        todo += [one[key] for key in keys]
    if not holders:
        return rng.choice([None, {}, [], "text", 7, [[]], [None], ["text"], {"a": 1}])
    holder, key = rng.choice(holders)
    if kind == "drop":
        del holder[key]
    elif kind == "key" and isinstance(holder, dict):
        holder[rng.choice(EVIL_TEXTS)] = holder.pop(key)
    elif kind == "json":
        raw.append(rng.choice(EVIL_JSON))
        holder[key] = f"{RAW}{len(raw) - 1}"
    else:
        holder[key] = rng.choice([None, True, 0, -1, 1.5, [], {}, [[]], [{}], {"a": [1]}, 10**18, *EVIL_TEXTS])
    return body


def _json(body: Any, raw: list[str]) -> bytes:
    text = "" if body is None else json.dumps(body)
    for number, part in enumerate(raw):
        text = text.replace(f'"{RAW}{number}"', part)
    return text.encode()


MODULE_OPTIONS = {
    "modules": None,
    "name": None,
    "device": None,
    "id": None,
    "request_timeframe_days": 30,
    "enabled": True,
    "product": "esa",
    "module_types": None,
    "state": "present",
    "assumed_devices": [],
    "known_devices": None,
    "list_orphans": True,
}
RECORD_OPTIONS = {
    "devices": None,
    "name": "esa1",
    "id": None,
    "description": "text",
    "state": "present",
    "known_devices": None,
    "types": ["ESA", "SMA"],
    "allow_registered": True,
    "wait_timeout": 0.0,
    "wait_interval": 0.1,
}
FACTS_OPTIONS = {
    "names": ["esa1"],
    "type": None,
    "status": None,
    "wait_for": "Registered",
    "wait_timeout": 0.0,
    "wait_interval": 0.1,
    "wait_progress": None,
}
INVESTIGATION = {
    "content": "the subject",
    "query": None,
    "observables": None,
    "module_instance_id": None,
    "module_name": "ESA 1",
    "check_health": True,
    "fail_on_errors": False,
    "wait_timeout": 0.0,
    "wait_interval": 1.0,
    "wait_for": "any",
    "wait_progress": None,
}
MODULES = [{"name": "ESA 1", "device": "esa1"}, {"name": "ESA 2", "device": "esa2"}]
TOKENS = {"devices": ["esa1", "esa4"], "lifetime": "1h", "dest": None, "known_devices": None}
OPERATIONS: dict[str, tuple[Callable[..., Any], dict[str, Any], int]] = {
    "add modules": (ensure_modules, {**MODULE_OPTIONS, "modules": MODULES}, 8),
    "remove modules": (ensure_modules, {**MODULE_OPTIONS, "modules": [{"device": "esa1"}], "state": "absent"}, 6),
    "issue tokens": (issue_tokens, TOKENS, 4),
    "add a record": (ensure_records, {**RECORD_OPTIONS, "name": "esa5"}, 3),
    "describe a record": (ensure_records, RECORD_OPTIONS, 3),
    "remove a record": (
        ensure_records,
        {**RECORD_OPTIONS, "name": None, "devices": [{"name": "esa3"}], "state": "absent"},
        4,
    ),
    "wait for devices": (gather_device_facts, FACTS_OPTIONS, 2),
    "investigate": (investigate, INVESTIGATION, 5),
}
"""What is done, with which options, and how many requests it takes: one of them gets the hostile answer."""
NAMED = {"module": "ESA 1", "module_instance_id": "i", "module_type_id": "t"}
SIGHTING = {
    "id": "s",
    "observed_time": {"start_time": "2026-01-01T00:00:00Z"},
    "count": 1,
    "observables": [{"type": "email_subject", "value": "x"}],
    "relations": [
        {"relation": "Sent_By", "source": {"type": "email", "value": "a"}, "related": {"type": "ip", "value": "b"}}
    ],
}
INVESTIGATED = {
    "/iroh/iroh-inspect/inspect": [{"type": "email_subject", "value": "x"}],
    "/iroh/iroh-enrich/observe/observables": {
        "data": [{**NAMED, "data": {"sightings": {"count": 1, "docs": [SIGHTING]}}}],
        "errors": [{**NAMED, "code": "c", "message": "m", "type": "warning"}],
    },
    "/iroh/iroh-enrich/health/.+": {"data": {**NAMED, "data": {"status": "ok"}}, "errors": []},
}


def prepared(iroh: Any) -> None:
    """Forget the last case."""
    iroh.tricks.clear()
    iroh.calls.clear()
    iroh.devices.clear()
    iroh.instances.clear()
    iroh.device("esa1", type="ESA")
    iroh.device("esa2", type="ESA")
    iroh.device("esa3", "Pending")
    iroh.device("esa4", "Pending")
    iroh.instance("ESA 1", iroh.devices[0]["id"], days=7)


def run_one(seed: int, iroh: Any, options: dict[str, Any]) -> str:
    """Run one call with one hostile answer. Return the outcome, or the reason why it is wrong."""
    rng = random.Random(seed)
    prepared(iroh)
    name = rng.choice(list(OPERATIONS))
    work, params, most = OPERATIONS[name]
    struck = rng.randrange(most)

    def changes(status: int, body: Any, headers: dict[str, str]) -> Answer:
        path = iroh.calls[-1].path
        good = next((one for pattern, one in INVESTIGATED.items() if re.fullmatch(pattern, path)), None)
        if good is not None:
            status, body, headers = 200, good, {}
        return hostile(rng, status, body, headers) if len(iroh.calls) == struck + 1 else (status, body, headers)

    for method in ("GET", "POST", "PATCH", "DELETE"):
        iroh.trick(method, "/iroh/.*", changes=changes, times=99)
    warned: list[str] = []
    module = SimpleNamespace(params=copy.deepcopy(params), check_mode=rng.random() < 0.2, warn=warned.append)
    client_options = {**options, "retry_budget": 0.0, "sleep": lambda _seconds: None}
    try:
        with IrohClient(**client_options) as client:
            result = work(module, client)
            texts = [*warned, str(result.get("msg", ""))]
        outcome = "failed" if result.get("failed") else "result"
    except ApiError as error:
        result = error.as_result()
        texts = [*warned, str(error)]
        outcome = type(error).__name__
    except Exception as error:
        return f"foreign: seed {seed}, {name}, request {struck}: {error!r:.300}"
    try:
        json.dumps(result, ensure_ascii=False, allow_nan=False).encode()
    except Exception as error:
        return f"foreign: seed {seed}, {name}, request {struck}: the result cannot be sent: {error!r:.200}"
    texts += [str(row.get(key)) for row in result.get("modules") or [] for key in ("error", "by_hand")]
    texts += [str(row.get("error")) for row in result.get("devices") or []]
    texts += [*(result.get("missing") or {}).values()]
    if any(HARMFUL.search(text) for text in texts):
        return f"foreign: seed {seed}, {name}, request {struck}: harmful text {texts!r:.300}"
    return outcome


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_hostile_answer_gives_a_result_or_an_api_error(batch: int, iroh: Any, options: dict[str, Any]) -> None:
    seeds = range(FIRST_SEED + batch, FIRST_SEED + CASES, BATCHES)
    outcomes = [run_one(seed, iroh, options) for seed in seeds]
    foreign = [outcome for outcome in outcomes if outcome.startswith("foreign")]
    print(
        f"{len(outcomes)} cases, {len(foreign)} foreign: "
        + ", ".join(f"{outcomes.count(one)} {one}" for one in sorted(set(outcomes) - set(foreign)))
    )
    assert foreign == []
    assert outcomes.count("result") > len(outcomes) / 20, "not every answer is refused"


@pytest.mark.parametrize("at", ["login", "message-tracking/messages"])
def test_the_api_of_an_appliance_too(at: str, iroh: Any, options: dict[str, Any]) -> None:
    good = {
        "login": {"data": {"jwtToken": "a.b.c"}},
        "message-tracking/messages": {
            "meta": {"totalCount": 1, "num_bad_records": 0},
            "data": [{"attributes": {"mid": [1], "subject": "x"}}],
        },
    }
    host, port = iroh.url.removeprefix("https://").split(":")
    foreign = []
    for seed in range(FIRST_SEED, FIRST_SEED + CASES // 4):
        rng = random.Random(seed)
        iroh.tricks.clear()
        for path, body in good.items():

            def changes(
                _status: int,
                _body: Any,
                _headers: dict[str, str],
                path: str = path,
                body: Any = body,
                rng: random.Random = rng,
            ) -> Answer:
                return hostile(rng, 200, body, {}) if path == at else (200, body, {})

            iroh.trick("POST" if path == "login" else "GET", f"/esa/api/v2.0/{path}", changes=changes, times=9)
        try:
            with ApiClient(
                host=host,
                port=int(port),
                product="esa",
                username="u",
                password="p",
                ca_path=options["ca_path"],
                timeout=5,
            ) as client:
                json.dumps(client.get("message-tracking/messages", {}), ensure_ascii=False, allow_nan=False).encode()
        except ApiError as error:
            assert not HARMFUL.search(str(error)), seed
        except Exception as error:
            foreign.append(f"seed {seed}: {error!r:.200}")
    assert foreign == []
