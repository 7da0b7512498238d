# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read every list of a region and the AsyncOS API once, and keep the answers, masked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api import tracking
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.client import ApiClient
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.window import window_of
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.contract import PATHS, largest_page
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError

DEVICES = f"GET {PATHS['devices']}"
TYPES = f"GET {PATHS['module_types']}"
INSTANCES = f"GET {PATHS['module_instances']}"
HEALTH = f"POST {PATHS['health']}"
LOGIN = f"POST {PATHS['login']}"
OFFSET = f"{DEVICES} with limit and offset"
LISTS = {DEVICES: "devices", TYPES: "module_types", INSTANCES: "module_instances"}
API_LOGIN = "POST login"
API_TRACKING = f"GET {tracking.PATH}"


@dataclass(frozen=True)
class Call:
    """One call and its answer. ``data`` is the body, or None. ``failure`` is the error, if any."""

    request: str
    seconds: float
    status: int = 0
    size: int = 0
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: ApiError | None = None


@dataclass(frozen=True)
class RegionRead:
    """The answers of one region, or of the AsyncOS API of one appliance (``name`` is then its host).

    ``host`` is the address of the API, ``sent`` the number of requests with log-ins and repetitions.
    """

    name: str
    calls: tuple[Call, ...] = ()
    seconds: float = 0.0
    failure: ApiError | None = None
    host: str = ""
    sent: int = 0

    def call(self, request: str) -> Call | None:
        """Return this call if it was answered."""
        return next((one for one in self.calls if one.request == request and one.failure is None), None)

    def records(self, request: str) -> list[dict[str, Any]]:
        """Return the records of a list, whatever field of the answer holds it."""
        call = self.call(request)
        return [] if call is None else records_of(call.data)[1]


def records_of(data: Any) -> tuple[str, list[dict[str, Any]]]:
    """Return the field that holds the list (empty if the answer is the list itself), and its records."""
    if isinstance(data, dict):
        lists = [(key, value) for key, value in data.items() if isinstance(value, list)]
        if len(lists) == 1:
            return lists[0][0], [one for one in lists[0][1] if isinstance(one, dict)]
        return "", []
    return "", [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def read_region(name: str, client_of: Callable[[str], IrohClient]) -> RegionRead:
    """Return the answers of a region: at most six calls, with the log-in. Never raise."""
    began = time.monotonic()
    try:
        client = client_of(name)
    except ApiError as error:
        return RegionRead(name, failure=error)
    with client:

        def page(path: str) -> Answer:
            return client.get(path, {"limit": page_size(path), "offset": 0})

        calls = [_call(client, DEVICES, lambda: page(PATHS["devices"]))]
        reached = calls[0].failure is None or calls[0].status
        if reached:
            window = {"limit": 2, "offset": 1}
            calls += [
                _call(client, OFFSET, lambda: client.get(PATHS["devices"], window)),
                _call(client, TYPES, lambda: page(PATHS["module_types"])),
                _call(client, INSTANCES, lambda: page(PATHS["module_instances"])),
                _call(client, HEALTH, lambda: client.read_by_post(PATHS["health"], None)),
            ]
        return RegionRead(
            name,
            tuple(calls),
            time.monotonic() - began,
            failure=None if reached else calls[0].failure,
            host=client.host,
            sent=client.calls,
        )


def page_size(path: str) -> int:
    """Return the number of records that a probe asks for."""
    return largest_page(path) or sse_fields.LARGEST_PAGE


def _call(client: IrohClient, request: str, send: Callable[[], Answer]) -> Call:
    began = time.monotonic()
    try:
        answer = send()
        data = client.secrets.mask_data(answer.json(client.secrets))
    except ApiError as error:
        return Call(request, time.monotonic() - began, status=error.http_status or 0, failure=error)
    return Call(request, time.monotonic() - began, answer.status, len(answer.body), data, answer.headers)


def read_asyncos_api(host: str, client_of: Callable[[str], ApiClient]) -> RegionRead:
    """Return the answers of the AsyncOS API of one appliance: a log-in and one search of the last hour. Never raise."""
    began = time.monotonic()
    try:
        client = client_of(host)
    except ApiError as error:
        return RegionRead(host, failure=error)
    with client:
        window = window_of(None, None, "1h", datetime.now(timezone.utc))
        query = {"searchOption": "messages", "ciscoHost": "All_Hosts", **window.as_query(), "offset": "0", "limit": "1"}
        try:
            data = client.secrets.mask_data(client.get(tracking.path(), query))
        except ApiError as error:
            call = Call(API_TRACKING, time.monotonic() - began, status=error.http_status or 0, failure=error)
            return RegionRead(host, (call,), time.monotonic() - began, failure=error)
        call = Call(API_TRACKING, time.monotonic() - began, 200, data=data)
        return RegionRead(host, (call,), time.monotonic() - began)
