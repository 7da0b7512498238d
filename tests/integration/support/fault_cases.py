# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of the API, what the user then sees, and the calls: tested, and listed in docs/api-contract.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NEW, BARE, HELD, WAITING = "new.example.com", "bare.example.com", "held.example.com", "waiting.example.com"
DEVICES, INSTANCES, LOGIN = "/iroh/iroh-sse/device", "/iroh/iroh-int/module-instance", "/iroh/oauth2/token"
TOKEN = DEVICES + "/[^/]+/token"

FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1, "page_limit_max": 6},
    "appliances": [
        {"name": HELD, "initial": {"enabled": True, "region": "europe", "registered": True, "module": True}},
        {"name": BARE, "initial": {"enabled": True, "region": "europe", "registered": True}},
    ],
}
OPTIONS: dict[str, dict[str, Any]] = {
    "sse_device_facts": {},
    "sse_token": {"devices": [NEW]},
    "sse_device": {"devices": [{"name": NEW}]},
    "ctr_module": {"name": BARE, "device": BARE},
}
"""The options of each module, unless a case has its own: all devices, a token for a new device, its record, a new
module."""


@dataclass(frozen=True)
class Case:
    """One fault. ``sees`` is the message of the failed task, or how the task succeeds. ``left`` is the number of devices
    (of sse_token and sse_device) or modules (of ctr_module) with the requested name afterwards.
    """

    does: str
    module: str
    faults: tuple[Mapping[str, Any], ...]
    sees: str
    calls: str
    fails: bool = False
    left: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    more_devices: int = 0
    keys: Mapping[str, Any] = field(default_factory=dict)
    pause: float = 0.05
    """The first pause in seconds before a retry, if the answer sets no time. It is 1 outside of the tests."""


def _fault(kind: str, method: str = "GET", path: str = DEVICES, **how: Any) -> Mapping[str, Any]:
    return {"kind": kind, "method": method, "path_regex": path, **how}


SAY = {"error_description": "words of the API", "trace_id": "t-1"}
CASES: tuple[Case, ...] = (
    Case(
        "429 with `Retry-After: 1`",
        "sse_device_facts",
        (_fault("error", status=429, retry_after=1),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device 429, GET device 200",
    ),
    Case(
        "429 with `Retry-After: 1s`",
        "sse_device_facts",
        (_fault("error", status=429, retry_after=1, retry_after_form="letter"),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device 429, GET device 200",
    ),
    Case(
        "429 with `Retry-After` as a date",
        "sse_device_facts",
        (_fault("error", status=429, retry_after=2, retry_after_form="date"),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device 429, GET device 200",
    ),
    Case(
        "429 without `Retry-After`",
        "sse_device_facts",
        (_fault("error", status=429),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device 429, GET device 200",
    ),
    Case(
        "429 to a POST that adds a device",
        "sse_token",
        (_fault("error", method="POST", status=429, retry_after=1),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device 200, POST device 429, POST device 201",
        left=1,
    ),
    Case(
        "429 with a wait that is longer than `retry_budget`",
        "sse_device_facts",
        (_fault("error", status=429, retry_after=3172, retry_after_form="letter", **SAY),),
        sees=(
            "HOST: answered 429: too_many_requests: words of the API (GET /iroh/iroh-sse/device, "
            "trace_id t-1). Fix: rerun after 3172 s, or raise retry_budget. This task waited 0 s; "
            "retry_budget is 5 s. The quota (8,000 requests in 60 minutes) is shared by all API "
            "clients of the organization."
        ),
        calls="log in 200, GET device 429",
        fails=True,
        keys={"http_status": 429, "error": "too_many_requests", "trace_id": "t-1", "path": "GET /iroh/iroh-sse/device"},
    ),
    Case(
        "the quota runs out during a task",
        "sse_token",
        (_fault("quota", remaining=1),),
        sees=(
            "1 of 2 devices failed: second.example.com: answered 429: too_many_requests: the "
            "organisation has used up its requests of this hour (POST /iroh/iroh-sse/device, trace_id"
            " ID). Fix: rerun after 3600 s, or raise retry_budget. This task waited 0 s; retry_budget"
            " is 5 s. The quota (8,000 requests in 60 minutes) is shared by all API clients of the "
            "organization."
        ),
        calls="log in 200, GET device 200, POST device 201, POST device 429",
        fails=True,
        left=1,
        options={"devices": [NEW, "second.example.com"]},
        keys={"http_status": 429, "error": "too_many_requests", "path": "POST /iroh/iroh-sse/device"},
    ),
    Case(
        "the access token expires during a task",
        "sse_token",
        (_fault("expire_tokens", method="POST"),),
        sees="a change",
        calls="log in 200, GET device 200, POST device 401, log in 200, POST device 201",
        left=1,
    ),
    Case(
        "401 to every access token",
        "sse_device_facts",
        (_fault("error", status=401, count=99, **SAY),),
        sees=(
            "HOST: answered 401: invalid_request: words of the API (GET /iroh/iroh-sse/device, "
            "trace_id t-1). Fix: check client_id and client_password, and that this API client was "
            "created in EUROPE. An API client is valid in one region only."
        ),
        calls="log in 200, GET device 401, log in 200, GET device 401",
        fails=True,
        keys={"http_status": 401, "error": "invalid_request", "trace_id": "t-1", "path": "GET /iroh/iroh-sse/device"},
    ),
    Case(
        "401 to the log-in",
        "sse_device_facts",
        (_fault("error", method="POST", path=LOGIN, status=401, error="invalid_client", **SAY),),
        sees=(
            "HOST: answered 401: invalid_client: words of the API (POST /iroh/oauth2/token, trace_id "
            "t-1). Fix: check client_id and client_password, and that this API client was created in "
            "EUROPE. An API client is valid in one region only."
        ),
        calls="log in 401",
        fails=True,
        keys={"http_status": 401, "error": "invalid_client", "trace_id": "t-1", "path": "POST /iroh/oauth2/token"},
    ),
    Case(
        "403 that names the missing scopes",
        "ctr_module",
        (
            _fault(
                "error",
                path=INSTANCES,
                status=403,
                scopes=["integration/module-instance:read", "integration/module-instance:write"],
                **SAY,
            ),
        ),
        sees=(
            "HOST: answered 403: missing_scope: words of the API (GET /iroh/iroh-int/module-instance,"
            " trace_id t-1). Fix: create an API client in EUROPE that has the missing scopes "
            '"integration/module-instance:read" and "integration/module-instance:write". The '
            'collection needs these scopes: "sse" (Manage your Devices), "integration" (Manage your '
            'modules), "enrich:read" (Query your configured modules for threat intelligence), '
            '"inspect:read" (Extract Observables and data from text).'
        ),
        calls="log in 200, GET module-type 200, GET module-instance 403",
        fails=True,
        left=0,
        keys={
            "http_status": 403,
            "error": "missing_scope",
            "trace_id": "t-1",
            "path": "GET /iroh/iroh-int/module-instance",
        },
    ),
    Case(
        "403 that names the missing scopes in its description",
        "sse_device_facts",
        (_fault("error", status=403, error_description="missing scopes: sse", trace_id="t-1"),),
        sees=(
            "HOST: answered 403: missing_scope: missing scopes: sse (GET /iroh/iroh-sse/device, "
            'trace_id t-1). Fix: create an API client in EUROPE that has the missing scope "sse". The'
            ' collection needs these scopes: "sse" (Manage your Devices), "integration" (Manage your '
            'modules), "enrich:read" (Query your configured modules for threat intelligence), '
            '"inspect:read" (Extract Observables and data from text).'
        ),
        calls="log in 200, GET device 403",
        fails=True,
        keys={"http_status": 403, "error": "missing_scope", "trace_id": "t-1", "path": "GET /iroh/iroh-sse/device"},
    ),
    Case(
        "403 that names no scopes",
        "ctr_module",
        (_fault("error", path=INSTANCES, status=403, **SAY),),
        sees=(
            "HOST: answered 403: missing_scope: words of the API (GET /iroh/iroh-int/module-instance,"
            ' trace_id t-1). Fix: create an API client in EUROPE that has the scope "integration" (in'
            ' particular "integration/module-instance:read"). The collection needs these scopes: '
            '"sse" (Manage your Devices), "integration" (Manage your modules), "enrich:read" (Query '
            'your configured modules for threat intelligence), "inspect:read" (Extract Observables '
            "and data from text)."
        ),
        calls="log in 200, GET module-type 200, GET module-instance 403",
        fails=True,
        left=0,
        keys={
            "http_status": 403,
            "error": "missing_scope",
            "trace_id": "t-1",
            "path": "GET /iroh/iroh-int/module-instance",
        },
    ),
    Case(
        "404 to a new token for a deleted device",
        "sse_token",
        (_fault("error", method="POST", path=TOKEN, status=404, error="device_not_found", **SAY),),
        sees=(
            "1 of 1 device failed: waiting.example.com: answered 404: device_not_found: words of the "
            "API (POST /iroh/iroh-sse/device/ID/token, trace_id t-1). Fix: rerun; the object may have"
            " been removed, and the next run reads the current state before it writes."
        ),
        calls="log in 200, GET device 200, POST device/{id}/token 404, GET device 200",
        fails=True,
        left=1,
        options={"devices": [WAITING]},
        keys={"http_status": 404, "error": "device_not_found", "trace_id": "t-1"},
    ),
    Case(
        "404 to the deletion of a module that is already deleted",
        "ctr_module",
        (
            _fault(
                "error",
                method="DELETE",
                path=INSTANCES + "/.+",
                status=404,
                error="module_instance_not_found",
                acts=True,
                **SAY,
            ),
        ),
        sees="nothing",
        calls="log in 200, GET module-type 200, GET module-instance 200, DELETE module-instance/{id} 404",
        left=0,
        options={"name": HELD, "device": None, "state": "absent"},
    ),
    Case(
        "404 to the change of a deleted module",
        "ctr_module",
        (
            _fault(
                "error", method="PATCH", path=INSTANCES + "/.+", status=404, error="module_instance_not_found", **SAY
            ),
        ),
        sees=(
            "1 of 1 module failed: held.example.com: answered 404: module_instance_not_found: words "
            "of the API (PATCH /iroh/iroh-int/module-instance/ID, trace_id t-1). Fix: rerun; the "
            "object may have been removed, and the next run reads the current state before it writes."
        ),
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, PATCH module-instance/{id} 404"
        ),
        fails=True,
        left=1,
        options={"name": HELD, "device": HELD, "request_timeframe_days": 60},
        keys={"http_status": 404, "error": "module_instance_not_found", "trace_id": "t-1"},
    ),
    Case(
        "409 to the addition of a device",
        "sse_token",
        (_fault("error", method="POST", status=409, error="device_exists", **SAY),),
        sees=(
            "1 of 1 device failed: new.example.com: answered 409: device_exists: words of the API "
            "(POST /iroh/iroh-sse/device, trace_id t-1). Fix: rerun; the object may have been created"
            " or changed, and the next run reads the current state before it writes."
        ),
        calls="log in 200, GET device 200, POST device 409, GET device 200",
        fails=True,
        left=0,
        keys={"http_status": 409, "error": "device_exists", "trace_id": "t-1", "path": "POST /iroh/iroh-sse/device"},
    ),
    Case(
        "409 to a new token, because the device has registered meanwhile",
        "sse_token",
        (_fault("error", method="POST", path=TOKEN, status=409, error="device_registered", **SAY),),
        sees=(
            "1 of 1 device failed: waiting.example.com: answered 409: device_registered: words of the"
            " API (POST /iroh/iroh-sse/device/ID/token, trace_id t-1). Fix: rerun; the object may "
            "have been created or changed, and the next run reads the current state before it writes."
        ),
        calls="log in 200, GET device 200, POST device/{id}/token 409, GET device 200",
        fails=True,
        left=1,
        options={"devices": [WAITING]},
        keys={"http_status": 409, "error": "device_registered", "trace_id": "t-1"},
    ),
    Case(
        "500 to a read, once",
        "sse_device_facts",
        (_fault("error", status=500, **SAY),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device 500, GET device 200",
    ),
    Case(
        "503 to every read",
        "sse_device_facts",
        (_fault("error", status=503, count=99, **SAY),),
        sees=(
            "HOST: answered 503: internal_error: words of the API (GET /iroh/iroh-sse/device, "
            "trace_id t-1). Fix: rerun later, or raise retry_budget. This task waited 1 s; "
            "retry_budget is 1 s."
        ),
        calls="log in 200, GET device 503, GET device 503",
        fails=True,
        options={"retry_budget": 1},
        pause=1.0,
        keys={"http_status": 503, "error": "internal_error", "trace_id": "t-1", "path": "GET /iroh/iroh-sse/device"},
    ),
    Case(
        "500 to the log-in, once",
        "sse_device_facts",
        (_fault("error", method="POST", path=LOGIN, status=500, **SAY),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 500, log in 200, GET device 200",
    ),
    Case(
        "500 to the addition of a device, which was not carried out",
        "sse_token",
        (_fault("error", method="POST", status=500, **SAY),),
        sees="a change",
        calls="log in 200, GET device 200, POST device 500, GET device 200, POST device 201",
        left=1,
    ),
    Case(
        "500 to the addition of a device, which was carried out",
        "sse_token",
        (_fault("error", method="POST", status=500, acts=True, **SAY),),
        sees="a change",
        calls="log in 200, GET device 200, POST device 500, GET device 200, POST device/{id}/token 200",
        left=1,
    ),
    Case(
        "500 to every addition of a device",
        "sse_token",
        (_fault("error", method="POST", status=500, count=99, **SAY),),
        sees=(
            "1 of 1 device failed: new.example.com: answered 500: internal_error: words of the API "
            "(POST /iroh/iroh-sse/device, trace_id t-1). Fix: rerun later; the API reports a server "
            "error."
        ),
        calls="log in 200, GET device 200, POST device 500, GET device 200, POST device 500, GET device 200",
        fails=True,
        left=0,
        keys={"http_status": 500, "error": "internal_error", "trace_id": "t-1", "path": "POST /iroh/iroh-sse/device"},
    ),
    Case(
        "500 to a new token, which was issued",
        "sse_token",
        (_fault("error", method="POST", path=TOKEN, status=500, acts=True, **SAY),),
        sees="a change",
        calls="log in 200, GET device 200, POST device/{id}/token 500, GET device 200, POST device/{id}/token 200",
        left=1,
        options={"devices": [WAITING]},
    ),
    Case(
        "404 to the log-in",
        "sse_device_facts",
        (_fault("error", method="POST", path="/iroh/oauth2/token", status=404, **SAY),),
        sees=(
            "HOST: the API has no log-in at this address (answered 404): not_found: words of the API "
            "(POST /iroh/oauth2/token, trace_id t-1). Fix: check api_url and proxy; the API of EUROPE"
            " is https://visibility.eu.amp.cisco.com."
        ),
        calls="log in 404",
        fails=True,
    ),
    Case(
        "500 to the creation of a module, which was not carried out",
        "ctr_module",
        (_fault("error", method="POST", path=INSTANCES, status=500, **SAY),),
        sees="a change",
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, POST module-instance "
            "500, GET module-instance 200, POST module-instance 201, GET module-instance 200"
        ),
        left=1,
    ),
    Case(
        "500 to the creation of a module, which was carried out",
        "ctr_module",
        (_fault("error", method="POST", path=INSTANCES, status=500, acts=True, **SAY),),
        sees="a change",
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, POST module-instance "
            "500, GET module-instance 200"
        ),
        left=1,
    ),
    Case(
        "504 to the addition of a device, which the server may still carry out",
        "sse_token",
        (_fault("error", method="POST", status=504, **SAY),),
        sees=(
            "1 of 1 device failed: new.example.com: answered 504; the request is not retried, because"
            " the API may still process it: internal_error: words of the API (POST "
            "/iroh/iroh-sse/device, trace_id t-1). Fix: rerun in a few minutes; the next run reads "
            "the current state before it writes. If the API is slow, raise timeout."
        ),
        calls="log in 200, GET device 200, POST device 504, GET device 200, GET device 200",
        fails=True,
        left=0,
        keys={"http_status": 504, "error": "internal_error", "trace_id": "t-1", "path": "POST /iroh/iroh-sse/device"},
    ),
    Case(
        "the connection breaks before a read is answered",
        "sse_device_facts",
        (_fault("drop"),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device none, GET device 200",
    ),
    Case(
        "the connection breaks before a device is added",
        "sse_token",
        (_fault("drop", method="POST"),),
        sees="a change",
        calls="log in 200, GET device 200, POST device none, GET device 200, POST device 201",
        left=1,
    ),
    Case(
        "the connection breaks after a device was added",
        "sse_token",
        (_fault("drop", method="POST", acts=True),),
        sees="a change",
        calls="log in 200, GET device 200, POST device none, GET device 200, POST device/{id}/token 200",
        left=1,
    ),
    Case(
        "the connection breaks before a module is created",
        "ctr_module",
        (_fault("drop", method="POST", path=INSTANCES),),
        sees="a change",
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, POST module-instance "
            "none, GET module-instance 200, POST module-instance 201, GET module-instance 200"
        ),
        left=1,
    ),
    Case(
        "the connection breaks after a module was created",
        "ctr_module",
        (_fault("drop", method="POST", path=INSTANCES, acts=True),),
        sees="a change",
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, POST module-instance "
            "none, GET module-instance 200"
        ),
        left=1,
    ),
    Case(
        "the connection breaks after a module was changed",
        "ctr_module",
        (_fault("drop", method="PATCH", path=INSTANCES + "/.+", acts=True),),
        sees="EUROPE: waited N s for the API before retries.",
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, PATCH "
            "module-instance/{id} none, PATCH module-instance/{id} 200"
        ),
        left=1,
        options={"name": HELD, "device": HELD, "request_timeframe_days": 60},
    ),
    Case(
        "the connection breaks after a module was deleted",
        "ctr_module",
        (_fault("drop", method="DELETE", path=INSTANCES + "/.+", acts=True),),
        sees="EUROPE: waited N s for the API before retries.",
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, DELETE module-instance/{id} none, DELETE "
            "module-instance/{id} 404"
        ),
        left=0,
        options={"name": HELD, "device": None, "state": "absent"},
    ),
    Case(
        "a read takes longer than `timeout`, once",
        "sse_device_facts",
        (_fault("slow", seconds=3),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device none, GET device 200",
        options={"timeout": 1},
    ),
    Case(
        "the addition of a device takes longer than `timeout`, and is carried out later",
        "sse_token",
        (_fault("slow", method="POST", seconds=3),),
        sees=(
            "1 of 1 device failed: new.example.com: no answer within 1 s; the request is not retried,"
            " because the API may still process it (POST /iroh/iroh-sse/device). Fix: rerun in a few "
            "minutes; the next run reads the current state before it writes. If the API is slow, "
            "raise timeout."
        ),
        calls="log in 200, GET device 200, POST device none, GET device 200, GET device 200",
        fails=True,
        left=1,
        options={"timeout": 1},
        keys={"path": "POST /iroh/iroh-sse/device"},
    ),
    Case(
        "the creation of a module takes longer than `timeout`, and is carried out later",
        "ctr_module",
        (_fault("slow", method="POST", path=INSTANCES, seconds=3),),
        sees=(
            "1 of 1 module failed: bare.example.com: no answer within 1 s; the request is not "
            "retried, because the API may still process it (POST /iroh/iroh-int/module-instance). "
            "Fix: rerun in a few minutes; the next run reads the current state before it writes. If "
            "the API is slow, raise timeout."
        ),
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, POST module-instance "
            "none, GET module-instance 200, GET module-instance 200"
        ),
        fails=True,
        left=1,
        options={"timeout": 1},
        keys={"path": "POST /iroh/iroh-int/module-instance"},
    ),
    Case(
        "invalid JSON to a read",
        "sse_device_facts",
        (_fault("invalid_json"),),
        sees=(
            'HOST: the answer is invalid JSON, 8 bytes, beginning with \'{"id": "\' (GET '
            "/iroh/iroh-sse/device). Fix: rerun later."
        ),
        calls="log in 200, GET device 200",
        fails=True,
        keys={"http_status": 200, "path": "GET /iroh/iroh-sse/device"},
    ),
    Case(
        "invalid JSON to the addition of a device, which was carried out",
        "sse_token",
        (_fault("invalid_json", method="POST"),),
        sees="a change",
        calls="log in 200, GET device 200, POST device 201, GET device 200, POST device/{id}/token 200",
        left=1,
    ),
    Case(
        "invalid JSON to the creation of a module, which was carried out",
        "ctr_module",
        (_fault("invalid_json", method="POST", path=INSTANCES),),
        sees="a change",
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, POST module-instance "
            "201, GET module-instance 200"
        ),
        left=1,
    ),
    Case(
        "a truncated answer to a read",
        "sse_device_facts",
        (_fault("truncated"),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device none, GET device 200",
    ),
    Case(
        "a truncated answer to the addition of a device",
        "sse_token",
        (_fault("truncated", method="POST"),),
        sees="a change",
        calls="log in 200, GET device 200, POST device none, GET device 200, POST device/{id}/token 200",
        left=1,
    ),
    Case(
        "a truncated answer to the creation of a module",
        "ctr_module",
        (_fault("truncated", method="POST", path=INSTANCES),),
        sees="a change",
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, POST module-instance "
            "none, GET module-instance 200"
        ),
        left=1,
    ),
    Case(
        "a proxy answers a read with an HTML page and 200",
        "sse_device_facts",
        (_fault("html"),),
        sees=(
            "HOST: the answer is text/html; charset=utf-8, not JSON, 106 bytes, beginning with "
            "'<html><head><title>Web gateway</title></head><body><h1>Access to this page is held "
            "back</h1></body><' (GET /iroh/iroh-sse/device). Fix: check api_url and proxy; a portal "
            "or proxy may have answered instead of the API."
        ),
        calls="log in 200, GET device 200",
        fails=True,
        keys={"http_status": 200, "path": "GET /iroh/iroh-sse/device"},
    ),
    Case(
        "a proxy answers a read with an HTML page and 502, once",
        "sse_device_facts",
        (_fault("html", status=502),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device 502, GET device 200",
    ),
    Case(
        "a proxy answers a read with an HTML page and 403",
        "sse_device_facts",
        (_fault("html", status=403),),
        sees=(
            "HOST: answered 403: the answer is text/html; charset=utf-8, beginning with "
            "'<html><head><title>Web gateway</title></head><body><h1>Access to this page is held "
            "back</h1></body><' (GET /iroh/iroh-sse/device). Fix: check api_url and proxy; a portal "
            "or proxy may have answered instead of the API."
        ),
        calls="log in 200, GET device 403",
        fails=True,
        keys={"http_status": 403, "path": "GET /iroh/iroh-sse/device"},
    ),
    Case(
        "a proxy answers the log-in with an HTML page and 200",
        "sse_device_facts",
        (_fault("html", method="POST", path=LOGIN),),
        sees=(
            "HOST: the answer is text/html; charset=utf-8, not JSON, 106 bytes, beginning with "
            "'<html><head><title>Web gateway</title></head><body><h1>Access to this page is held "
            "back</h1></body><' (POST /iroh/oauth2/token). Fix: check api_url and proxy; a portal or "
            "proxy may have answered instead of the API."
        ),
        calls="log in 200",
        fails=True,
        keys={"http_status": 200, "path": "POST /iroh/oauth2/token"},
    ),
    Case(
        "a proxy answers the addition of a device with an HTML page and 200",
        "sse_token",
        (_fault("html", method="POST"),),
        sees="a change",
        calls="log in 200, GET device 200, POST device 200, GET device 200, POST device 201",
        left=1,
    ),
    Case(
        "a proxy answers the addition of a device with an HTML page and 502, after it was carried out",
        "sse_token",
        (_fault("html", method="POST", status=502, acts=True),),
        sees="a change",
        calls="log in 200, GET device 200, POST device 502, GET device 200, POST device/{id}/token 200",
        left=1,
    ),
    Case(
        "a proxy answers the change of a module with an HTML page and 200",
        "ctr_module",
        (_fault("html", method="PATCH", path=INSTANCES + "/.+"),),
        sees=(
            "1 of 1 module failed: held.example.com: the answer is text/html; charset=utf-8, not "
            "JSON, 106 bytes, beginning with '<html><head><title>Web "
            "gateway</title></head><body><h1>Access to this page is held back</h1></body><' (PATCH "
            "/iroh/iroh-int/module-instance/ID). Fix: check api_url and proxy; a portal or proxy may "
            "have answered instead of the API. The server may have processed the request."
        ),
        calls=(
            "log in 200, GET module-type 200, GET module-instance 200, GET device 200, PATCH module-instance/{id} 200"
        ),
        fails=True,
        left=1,
        options={"name": HELD, "device": HELD, "request_timeframe_days": 60},
        keys={"http_status": 200},
    ),
    Case(
        "a device is added while the pages are read",
        "sse_device_facts",
        (_fault("page_change", change="insert"),),
        sees="nothing",
        calls="log in 200, GET device 200, GET device 200, GET device 200, GET device 200",
        more_devices=6,
    ),
    Case(
        "a device is removed while the pages are read",
        "sse_device_facts",
        (_fault("page_change", change="remove"),),
        sees="nothing",
        calls="log in 200, GET device 200, GET device 200, GET device 200, GET device 200",
        more_devices=6,
    ),
    Case(
        "a device is removed and another added while the pages are read",
        "sse_device_facts",
        (_fault("page_change", change="swap"),),
        sees="nothing",
        calls="log in 200, GET device 200, GET device 200, GET device 200, GET device 200",
        more_devices=6,
    ),
    Case(
        "devices are added and removed whenever the pages are read",
        "sse_device_facts",
        (_fault("page_change", change="swap", count=99),),
        sees=(
            "the list changed during each of 3 attempts to read it; a page did not begin with the "
            "last record of the page before it (GET /iroh/iroh-sse/device). Fix: rerun when fewer "
            "changes are being made."
        ),
        calls=(
            "log in 200, GET device 200, GET device 200, GET device 200, GET device 200, GET device 200, GET device 200"
        ),
        fails=True,
        more_devices=6,
        keys={"path": "GET /iroh/iroh-sse/device"},
    ),
    Case(
        "500 to the addition of a record, which was carried out",
        "sse_device",
        (_fault("error", method="POST", status=500, acts=True, **SAY),),
        sees="a change",
        calls="log in 200, GET device 200, POST device 500, GET device 200",
        left=1,
    ),
    Case(
        "the connection breaks after a record was added",
        "sse_device",
        (_fault("drop", method="POST", acts=True),),
        sees="a change",
        calls="log in 200, GET device 200, POST device none, GET device 200",
        left=1,
    ),
    Case(
        "the addition of a record takes longer than `timeout`, and is carried out later",
        "sse_device",
        (_fault("slow", method="POST", seconds=3),),
        sees=(
            "1 of 1 device failed: new.example.com: no answer within 1 s; the request is not retried,"
            " because the API may still process it (POST /iroh/iroh-sse/device). Fix: rerun in a few "
            "minutes; the next run reads the current state before it writes. If the API is slow, "
            "raise timeout."
        ),
        calls="log in 200, GET device 200, POST device none, GET device 200, GET device 200",
        fails=True,
        left=1,
        options={"timeout": 1},
        keys={"path": "POST /iroh/iroh-sse/device"},
    ),
    Case(
        "404 to the deletion of a record that is already deleted",
        "sse_device",
        (
            _fault(
                "error", method="DELETE", path=DEVICES + "/.+", status=404, error="device_not_found", acts=True, **SAY
            ),
        ),
        sees="nothing",
        calls="log in 200, GET device 200, DELETE device/{id} 404",
        left=0,
        options={"devices": [{"name": WAITING}], "state": "absent"},
    ),
    Case(
        "the connection breaks after a record was deleted",
        "sse_device",
        (_fault("drop", method="DELETE", path=DEVICES + "/.+", acts=True),),
        sees="EUROPE: waited N s for the API before retries.",
        calls="log in 200, GET device 200, DELETE device/{id} none, DELETE device/{id} 404",
        left=0,
        options={"devices": [{"name": WAITING}], "state": "absent"},
    ),
    Case(
        "409 to the deletion of a record",
        "sse_device",
        (_fault("error", method="DELETE", path=DEVICES + "/.+", status=409, **SAY),),
        sees=(
            "1 of 1 device failed: waiting.example.com: answered 409: conflict: words of the API "
            "(DELETE /iroh/iroh-sse/device/ID, trace_id t-1). Fix: rerun; the object may have been "
            "created or changed, and the next run reads the current state before it writes."
        ),
        calls="log in 200, GET device 200, DELETE device/{id} 409",
        fails=True,
        left=1,
        options={"devices": [{"name": WAITING}], "state": "absent"},
        keys={"http_status": 409, "error": "conflict", "trace_id": "t-1"},
    ),
    Case(
        "a proxy answers the description of a record with an HTML page and 200",
        "sse_device",
        (_fault("html", method="PATCH", path=DEVICES + "/.+"),),
        sees=(
            "1 of 1 device failed: waiting.example.com: the answer is text/html; charset=utf-8, not "
            "JSON, 106 bytes, beginning with '<html><head><title>Web "
            "gateway</title></head><body><h1>Access to this page is held back</h1></body><' (PATCH "
            "/iroh/iroh-sse/device/ID). Fix: check api_url and proxy; a portal or proxy may have "
            "answered instead of the API. The server may have processed the request."
        ),
        calls="log in 200, GET device 200, PATCH device/{id} 200",
        fails=True,
        left=1,
        options={"devices": [{"name": WAITING, "description": "spare"}]},
        keys={"http_status": 200},
    ),
)
