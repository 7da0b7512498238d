# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A region, or the REST API of an appliance, that answers with the exchanges of a recording, in their order."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.lab.fleet_fields import FleetError
from tests.lab.recorder import Recorder

Exchange = Mapping[str, Any]
READS = ("/oauth2/token", "/login")
ENRICH = "/iroh/iroh-enrich/"


class ReplayedApi:
    """The exchanges of a region or an appliance. A read repeats its last answer; anything else is used once."""

    def __init__(self, name: str, exchanges: Iterable[Exchange], recorder: Recorder) -> None:
        self.name = name
        self._recorder = recorder
        self._left: dict[tuple[str, str], deque[Exchange]] = defaultdict(deque)
        for exchange in exchanges:
            self._left[self._key(exchange["method"], exchange["path"], exchange["query"])].append(exchange)

    @staticmethod
    def _key(method: str, path: str, query: Mapping[str, Any]) -> tuple[str, str]:
        """Return what identifies a request. The query tells pages and types of modules apart; times of a search differ."""
        named = sorted(f"{name}={value}" for name, value in query.items()) if path.startswith("/iroh/") else []
        return method, "?".join([path, *named])

    async def answer(self, request: web.Request) -> web.Response:
        """Return the next answer to this request; 404 for a request that was not recorded."""
        write = (
            request.method not in ("GET", "HEAD") and not request.path.endswith(READS) and ENRICH not in request.path
        )
        if request.path.startswith("/iroh/"):
            call = self._recorder.http("", self.name, request.method, request.path_qs, write)
        else:
            call = self._recorder.api(self.name, None, request.method, request.path_qs)
        await request.read()
        left = self._left.get(self._key(request.method, request.path, dict(request.query)))
        if not left:
            call.status = 404
            self._recorder.replay(self.name, None, f"{request.method} {request.path_qs}", None)
            return web.json_response({"error": "not_recorded", "error_description": request.path_qs}, status=404)
        exchange = left.popleft()
        if not left and (request.method == "GET" or not write):
            left.append(exchange)
        call.status = exchange["status"]
        headers = {name: value for name, value in exchange["headers"].items() if name != "Content-Type"}
        if exchange["answer"] is None:
            return web.Response(status=exchange["status"], headers=headers)
        return web.json_response(exchange["answer"], status=exchange["status"], headers=headers)


def read_exchanges(folder: Path) -> dict[str, list[Exchange]]:
    """Return the recorded exchanges by region or host, in the order of their files, which have the time in their names."""
    found: dict[str, list[Exchange]] = {}
    for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stem.rsplit("-", 2)[1]):
        try:
            lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        except (OSError, ValueError) as error:
            raise FleetError(str(path), "", "", f"is not a recording: {error}") from error
        for exchange in lines:
            found.setdefault(exchange["who"], []).append(exchange)
    return found


def hosts_of(exchanges: Mapping[str, Sequence[Exchange]]) -> set[str]:
    """Return the names of the devices that were added or registered, by which the region of an appliance is known."""
    records = (
        one["answer"] for found in exchanges.values() for one in found if isinstance(one["answer"], (list, dict))
    )
    flat = (record for answer in records for record in (answer if isinstance(answer, list) else [answer]))
    return {str(record["name"]) for record in flat if isinstance(record, dict) and "name" in record}
