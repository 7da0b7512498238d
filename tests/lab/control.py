# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control interface: JSON over plain HTTP on loopback, for tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from tests.lab.cloud.faults import Faults
from tests.lab.contracts.watch import Watch
from tests.lab.fleet_fields import FleetError
from tests.lab.halt import Halt
from tests.lab.held_lines import HeldLines
from tests.lab.recorder import Recorder
from tests.lab.switches import Switches


class ControlServer:
    """`GET /state`, `GET /calls`, `GET /contract`, `POST /reset`, `/switch`, `/messages`; `GET`, `POST`, `DELETE` of `/faults`, `/halt`, `/lines`.

    Requests to this interface are not recorded.
    """

    def __init__(
        self,
        state: Callable[[], dict[str, Any]],
        reset: Callable[[], None],
        recorder: Recorder,
        faults: Faults,
        watch: Watch,
        switches: Switches,
    ) -> None:
        self.url = ""
        self._state = state
        self._reset = reset
        self._recorder = recorder
        self._faults = faults
        self._watch = watch
        self._switches = switches
        app = web.Application()
        app.router.add_get("/state", self._get_state)
        app.router.add_get("/calls", self._get_calls)
        app.router.add_get("/contract", self._get_contract)
        app.router.add_get("/faults", self._get_faults)
        app.router.add_post("/faults", self._post_faults)
        app.router.add_delete("/faults", self._delete_faults)
        for path, held in (("/halt", self._recorder.halt), ("/lines", self._recorder.lines)):
            for method in ("GET", "POST", "DELETE"):
                app.router.add_route(method, path, partial(_hold, held))
        app.router.add_post("/reset", self._post_reset)
        app.router.add_post("/switch", self._post_switch)
        app.router.add_post("/messages", self._post_messages)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def start(self) -> None:
        """Listen on a free port, and set url."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port."""
        await self._runner.cleanup()

    async def _get_state(self, request: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def _get_calls(self, request: web.Request) -> web.Response:
        return web.json_response([call.as_json() for call in self._recorder.calls])

    async def _get_contract(self, request: web.Request) -> web.Response:
        return web.json_response(self._watch.as_json())

    async def _get_faults(self, request: web.Request) -> web.Response:
        return web.json_response([fault.as_json() for fault in self._faults.faults])

    async def _post_faults(self, request: web.Request) -> web.Response:
        try:
            fault = self._faults.add(await request.json())
        except FleetError as error:
            return web.json_response({"error": str(error), "field": error.field}, status=400)
        except ValueError:
            return web.json_response({"error": "the body is not JSON", "field": None}, status=400)
        return web.json_response(fault.as_json(), status=201)

    async def _delete_faults(self, request: web.Request) -> web.Response:
        self._faults.clear()
        return web.json_response({})

    async def _post_reset(self, request: web.Request) -> web.Response:
        self._reset()
        return web.json_response({})

    async def _post_switch(self, request: web.Request) -> web.Response:
        try:
            self._switches.set(await request.json())
        except (FleetError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({})

    async def _post_messages(self, request: web.Request) -> web.Response:
        try:
            mids = self._switches.add_messages(await request.json())
        except (FleetError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"mids": mids})


async def _hold(held: Halt | HeldLines, request: web.Request) -> web.Response:
    """Arm (POST) or release (DELETE) what the lab holds, and return its state."""
    if request.method == "POST":
        try:
            held.arm(await request.json())
        except (FleetError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
    if request.method == "DELETE":
        held.release()
    return web.json_response(held.as_json())
