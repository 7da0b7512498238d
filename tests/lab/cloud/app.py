# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTPS server of a region: it records, authenticates and counts every request before it handles it.

Faults of tests come in between. Every exchange is checked against the contracts.
"""

from __future__ import annotations

import asyncio
import ssl

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.lab.cloud import health, inspect, integrations, oauth, observe, sse
from tests.lab.cloud.clock import http_date
from tests.lab.cloud.errors import CloudError, missing_scopes
from tests.lab.cloud.faults import FAULTY, Faults, hang_up
from tests.lab.cloud.store import CloudStore
from tests.lab.cloud.translate import translated
from tests.lab.contracts.watch import Exchange, Watch
from tests.lab.exchanges import ReplayedApi
from tests.lab.recorder import Recorder
from tests.lab.world import World

SCOPE_OF_PREFIX = {
    "/iroh/iroh-sse/": "sse",
    "/iroh/iroh-int/": "integration",
    "/iroh/iroh-enrich/health": "integration",
    "/iroh/iroh-enrich/observe": "enrich:read",
    "/iroh/iroh-inspect/": "inspect:read",
}
"""All A, also that health needs the scope integration."""

LIMIT_HEADERS = web.RequestKey("limit_headers", dict[str, str])


class CloudServer:
    """The server of a region on its own loopback port."""

    def __init__(
        self, store: CloudStore, recorder: Recorder, faults: Faults, watch: Watch, world: World | None = None
    ) -> None:
        self.store = store
        self.recorder = recorder
        self.faults = faults
        self.watch = watch
        self.world = world or World()
        self.replay: ReplayedApi | None = None
        self.api_url = ""
        app = web.Application(
            middlewares=[self._translate, self._record, self._misbehave, self._answer_errors, self._authorize]
        )
        for part in (oauth, sse, integrations, health, inspect, observe):
            part.add_routes(app, store)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def start(self, tls: ssl.SSLContext) -> None:
        """Listen on a free port, and set api_url."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=tls).start()
        self.api_url = f"https://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port and all connections."""
        await self._runner.cleanup()

    @web.middleware
    async def _translate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.replay is not None:
            return await self.replay.answer(request)
        return await translated(self.world, self.store, request, handler)

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        call = self.recorder.http(
            self._caller(request), self.store.region, request.method, request.path_qs, _is_write(request)
        )
        if self.store.settings.http_delay_seconds:
            await asyncio.sleep(self.store.settings.http_delay_seconds)
        content = await request.read()
        if call.write and not await self.recorder.halt.lets_write():
            return hang_up(request)
        response = await handler(request)
        await self.recorder.halt.answer(self.store.region)
        if not response.prepared:
            response.headers.update(request.get(LIMIT_HEADERS, {}) | {"Date": http_date(self.store.now)})
        if request.transport is not None and not request.transport.is_closing():
            call.status = response.status
        self._check_against_contracts(request, content, response)
        return response

    def _check_against_contracts(self, request: web.Request, content: bytes, response: web.StreamResponse) -> None:
        faulty = FAULTY in request
        self.watch.check(
            Exchange(
                region=self.store.region,
                method=request.method,
                path=request.path,
                query=request.query_string,
                content_type=request.headers.get("Content-Type", ""),
                content=content,
                status=None if faulty else response.status,
                headers=response.headers,
                answer=b"" if faulty else bytes(getattr(response, "body", None) or b""),
            )
        )

    @web.middleware
    async def _misbehave(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        return await self.faults.handle(self.store, request, handler)

    @web.middleware
    async def _answer_errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except CloudError as error:
            return error.response()
        except web.HTTPException as error:
            name = error.reason.lower().replace(" ", "_")
            return CloudError(error.status, name, f"{request.method} {request.path}").response()

    @web.middleware
    async def _authorize(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == oauth.PATH:
            return await handler(request)
        token = _bearer(request)
        if not token:
            raise CloudError(401, "invalid_request", "the Authorization header holds no bearer token")
        if not self.store.access_token_valid(token):
            raise CloudError(401, "invalid_request", "the access token is unknown here or has expired")
        remaining, wait = self.store.count_request()
        headers = request[LIMIT_HEADERS] = {
            "X-Ratelimit-Org-Limit": str(self.store.settings.rate_limit),
            "X-Ratelimit-Org-Remaining": str(max(remaining, 0)),
        }
        if remaining < 0:
            # The documentation has the letter s (A).
            headers["Retry-After"] = f"{wait}s"
            raise CloudError(429, "too_many_requests", "the organisation has used up its requests of this hour")
        self._check_scope(request)
        return await handler(request)

    def _check_scope(self, request: web.Request) -> None:
        for prefix, scope in SCOPE_OF_PREFIX.items():
            if request.path.startswith(prefix) and scope not in self.store.settings.scopes:
                raise missing_scopes([scope], list(self.store.settings.scopes))

    def _caller(self, request: web.Request) -> str:
        """Return the client id of the request, or an empty string for an unknown client."""
        if _bearer(request) in self.store.access_tokens:
            return self.store.client_id
        return oauth.basic_credentials(request)[0]


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _is_write(request: web.Request) -> bool:
    """Return whether the request is a write. Log-ins and POSTs that only read are not."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    return not request.path.startswith((oauth.PATH, health.PATH, inspect.PATH, observe.PATH))
