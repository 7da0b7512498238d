# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small HTTPS server with the part of IROH that the plugins use. It records every call, and injects faults."""

from __future__ import annotations

import base64
import json
import re
import secrets
import ssl
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

CLIENT_ID = "client-7d1f"
CLIENT_PASSWORD = "pw/with+odd:chars-8c2e"
LIFETIMES = [hours * 3600 for hours in (1, 2, 4, 6, 8, 12, 24, 48, 72, 96, 120)]


@dataclass
class Call:
    """One request that arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Trick:
    """A fault: ``times`` times, at matching calls, after ``skip`` calls."""

    method: str
    path: str
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    acts: bool = False
    drops: bool = False
    times: int = 1
    skip: int = 0
    changes: Callable[[int, Any, dict[str, str]], tuple[int, Any, dict[str, str]]] | None = None
    """Changes a valid answer."""


class FakeIroh:
    """The cloud of one region. ``url`` is its address; ``ca`` issued its certificate."""

    def __init__(self, ca: trustme.CA) -> None:
        self.calls: list[Call] = []
        self.tricks: list[Trick] = []
        self.devices: list[dict[str, Any]] = []
        self.types: list[dict[str, Any]] = module_types()
        self.instances: list[dict[str, Any]] = []
        self.registration_tokens: list[str] = []
        self.access_tokens: list[str] = []
        self.withdrawn: set[str] = set()
        self.listings_to_delete = 0
        self.deleting: dict[str, int] = {}
        self.expires_in: Any = 600
        self.largest_page = 1000
        self.total_hits = True
        self.lock = threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost").configure_cert(context)
        fake = self

        class Handler(_Handler):
            iroh = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *unused: None
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def trick(self, method: str, path: str, **how: Any) -> None:
        """Misbehave at calls of this method whose path matches."""
        self.tricks.append(Trick(method, path, **how))

    def device(self, name: str, status: str = "Registered", **fields: Any) -> dict[str, Any]:
        """Put a device into SSE."""
        record = {"id": str(uuid.uuid4()), "name": name, "status": status, "created": "2026-01-01T00:00:00Z", **fields}
        self.devices.append(record)
        return record

    def instance(self, name: str, device_id: str, days: Any = 30, enabled: bool = True, kind: int = 0, **settings: Any):
        """Put a module instance into CTR."""
        spec = self.types[kind]["configuration_spec"]
        keys = {one["type"]: one["key"] for one in reversed(spec)}
        record = {
            "id": str(uuid.uuid4()),
            "created_at": _now(),
            "name": name,
            "module_type_id": self.types[kind]["id"],
            "enabled": enabled,
            "visibility": "org",
            "settings": {keys["device"]: device_id, keys["integer"]: days, **settings},
        }
        self.instances.append(record)
        return record

    @property
    def requests(self) -> list[str]:
        return [str(call) for call in self.calls]

    @property
    def writes(self) -> list[str]:
        """The calls that ask for a change."""
        return [str(call) for call in self.calls if call.method != "GET" and "oauth2" not in call.path]

    @property
    def logins(self) -> int:
        return self.requests.count("POST /iroh/oauth2/token")

    @property
    def secrets(self) -> list[str]:
        """All that must never be seen."""
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_PASSWORD}".encode()).decode()
        return [CLIENT_PASSWORD, pair, *self.registration_tokens, *self.access_tokens]

    def new_token(self, lifetime: Any) -> dict[str, Any]:
        token = secrets.token_hex(16)
        self.registration_tokens.append(token)
        return {"token": token, "expiresAt": f"in {lifetime} s"}

    def answer(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        """What a well-behaved API says."""
        if call.path == "/iroh/oauth2/token":
            return self._login(call)
        token = call.headers.get("authorization", "")[len("Bearer ") :]
        if token not in self.access_tokens or token in self.withdrawn:
            return _error(401, "invalid_request", "the token is not valid")
        for method, pattern, handle in (
            ("GET", r"/iroh/iroh-sse/device", lambda: self._devices(call)),
            ("POST", r"/iroh/iroh-sse/device", lambda: self._add_device(call)),
            ("POST", r"/iroh/iroh-sse/device/(?P<id>[^/]+)/token", lambda: self._renew(call)),
            ("PATCH", r"/iroh/iroh-sse/device/[^/]+", lambda: self._patch_device(call)),
            ("DELETE", r"/iroh/iroh-sse/device/[^/]+", lambda: self._delete_device(call)),
            ("GET", r"/iroh/iroh-int/module-type", lambda: self._page(call, self.types)),
            ("GET", r"/iroh/iroh-int/module-instance", lambda: self._instances(call)),
            ("POST", r"/iroh/iroh-int/module-instance", lambda: self._add_instance(call)),
            ("PATCH", r"/iroh/iroh-int/module-instance/.+", lambda: self._patch_instance(call)),
            ("DELETE", r"/iroh/iroh-int/module-instance/.+", lambda: self._delete_instance(call)),
        ):
            if call.method == method and re.fullmatch(pattern, call.path):
                with self.lock:
                    return handle()
        return _error(404, "not_found", str(call))

    def _login(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_PASSWORD}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {pair}" or call.body != "grant_type=client_credentials":
            return _error(401, "invalid_client", "unknown client or wrong password")
        token = "access-" + secrets.token_urlsafe(24)
        self.access_tokens.append(token)
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": self.expires_in}, {}

    def _page(self, call: Call, records: list[dict[str, Any]]) -> tuple[int, Any, dict[str, str]]:
        limit = min(int(call.query.get("limit", 100)), self.largest_page)
        offset = int(call.query.get("offset", 0))
        headers = {"X-Total-Hits": str(len(records))} if self.total_hits else {}
        return 200, records[offset : offset + limit], headers

    def _add_device(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        if any(device["name"] == call.body["name"] for device in self.devices):
            return _error(409, "device_exists", f"a device named {call.body['name']} exists")
        if call.body["tokenExpiry"] not in LIFETIMES:
            return _error(422, "invalid_request", "tokenExpiry")
        given = {"description": call.body["description"]} if "description" in call.body else {}
        device = self.device(call.body["name"], "Pending", **given)
        return 201, {**device, **self.new_token(call.body["tokenExpiry"])}, {}

    def _renew(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        device = next((one for one in self.devices if one["id"] == call.path.split("/")[-2]), None)
        if device is None:
            return _error(404, "device_not_found", "no such device")
        if device["status"] == "Registered":
            return _error(409, "device_registered", "the device is registered")
        return 200, self.new_token(call.body["tokenExpiry"]), {}

    def _devices(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        for device_id in list(self.deleting):
            self.deleting[device_id] -= 1
            if self.deleting[device_id] < 0:
                del self.deleting[device_id]
                self.devices = [one for one in self.devices if one["id"] != device_id]
        return self._page(call, self.devices)

    def _patch_device(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        for one in self.devices:
            if one["id"] == call.path.split("/")[-1]:
                one.update(call.body)
                return 200, one, {}
        return _error(404, "device_not_found", "no such device")

    def _delete_device(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        """At once, or after ``listings_to_delete`` lists that still show it."""
        for one in list(self.devices):
            if one["id"] == call.path.split("/")[-1]:
                if self.listings_to_delete:
                    self.deleting.setdefault(one["id"], self.listings_to_delete)
                    return 202, None, {}
                self.devices.remove(one)
                return 204, None, {}
        return _error(404, "device_not_found", "no such device")

    def _instances(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        kind = call.query.get("module_type_id")
        return self._page(call, [one for one in self.instances if kind in (None, one["module_type_id"])])

    def _add_instance(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        record = {"id": str(uuid.uuid4()), "enabled": True, "created_at": _now(), **call.body}
        self.instances.append(record)
        return 201, record, {}

    def _patch_instance(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        for one in self.instances:
            if one["id"] == call.path.split("/")[-1]:
                settings = {**one["settings"], **call.body.get("settings", {})}
                one.update({**call.body, "settings": settings})
                return 200, one, {}
        return _error(404, "module_instance_not_found", "gone")

    def _delete_instance(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        for one in list(self.instances):
            if one["id"] == call.path.split("/")[-1]:
                self.instances.remove(one)
                return 204, None, {}
        return _error(404, "module_instance_not_found", "gone")


def module_types() -> list[dict[str, Any]]:
    """Return the types of an ESA and an SMA, with invented keys, among types with similar names."""

    def spec(device: str, days: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"key": device, "type": "device", "label": "Registered Device", "required": True},
            {"key": days, "type": "integer", "label": "Request Timeframe (days)", "default_value": 30},
            *more,
        ]

    mode = {"key": "mode", "type": "string", "label": "Mode", "required": True, "default_value": "full"}
    secret = {"key": "pass", "type": "password", "label": "Password", "required": False}
    return [
        {
            "id": "type-esa",
            "title": "Secure Email Gateway",
            "default_name": "ESA",
            "former_title": "Email Security Appliance",
            "configuration_spec": spec("custom_SSE_DEVICE", "custom_DAYS", mode, secret),
        },
        {
            "id": "type-sma",
            "title": "Cisco Secure Email and Web Manager",
            "default_name": "SMA Email",
            "configuration_spec": spec("sma_device", "number-of-days"),
        },
        {
            "id": "type-web",
            "title": "Secure Web Appliance",
            "default_name": "Web Security Appliance",
            "configuration_spec": spec("wsa", "days"),
        },
        {
            "id": "type-other",
            "title": "Endpoint Example",
            "default_name": "Endpoint",
            "configuration_spec": [{"key": "url", "type": "remote", "label": "URL", "required": True}],
        },
    ]


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _error(status: int, error: str, description: str) -> tuple[int, Any, dict[str, str]]:
    return status, {"error": error, "error_description": description, "trace_id": "trace-4711"}, {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: two of them wait for each other's acknowledgement.
    wbufsize = -1
    iroh: FakeIroh

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        is_json = "json" in (self.headers.get("Content-Type") or "")
        call = Call(
            self.command,
            parts.path,
            {key: values[0] for key, values in parse_qs(parts.query).items()},
            {key.lower(): value for key, value in self.headers.items()},
            json.loads(raw) if is_json and raw else raw,
        )
        self.iroh.calls.append(call)
        trick = self._trick(call)
        status, body, headers = 0, None, {}
        if trick is None or trick.acts or trick.changes:
            status, body, headers = self.iroh.answer(call)
        if trick is not None:
            if trick.drops:
                self.close_connection = True
                self.connection.close()
                return
            if trick.changes is not None:
                status, body, headers = trick.changes(status, body, headers)
            elif trick.status is not None:
                status, body, headers = trick.status, trick.body, trick.headers
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if not any(name.lower() == "content-type" for name in headers):
            self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _trick(self, call: Call) -> Trick | None:
        for trick in self.iroh.tricks:
            if trick.times and trick.method == call.method and re.fullmatch(trick.path, call.path):
                if trick.skip:
                    trick.skip -= 1
                    continue
                trick.times -= 1
                return trick
        return None

    do_GET = do_POST = do_PATCH = do_DELETE = _serve

    def log_message(self, *unused: Any) -> None:
        pass
