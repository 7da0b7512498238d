# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AsyncOS REST API of one appliance: log-in, JWT or Basic authentication, and message tracking (A, C)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import secrets
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.lab.appliance.api_search import BadQuery, Search, attributes_of
from tests.lab.appliance.login import USER
from tests.lab.appliance.model import Appliance
from tests.lab.cloud.oauth import basic_credentials
from tests.lab.exchanges import ReplayedApi
from tests.lab.listener import HOST
from tests.lab.recorder import Recorder

EXPLANATIONS = {
    400: "400 = Bad request syntax or unsupported method.",
    401: "401 = No permission -- see authorization schemes.",
    403: "403 = Request forbidden -- authorization will not help.",
    404: "404 = Nothing matches the given URI.",
    405: "405 = Specified method is invalid for this resource.",
    500: "500 = Server got itself in trouble.",
    503: "503 = The server cannot process the request due to a high load.",
}
"""401 and 404 are A; the others follow their pattern (I)."""
TRACKING_OFF = "Message Tracking is not enabled."
REFUSALS = {
    "bad_attribute": (404, "startDate and endDate attribute supports only 00 seconds and 000 microseconds."),
    "no_path": (404, "Not Found."),
    "no_message": (404, "No such message."),
    "no_role": (401, "Unauthorized."),
    "unknown": (404, "The operation cannot be completed at this time."),
}
"""By `search_answer`. The first two and the fourth are A, the others I."""
SESSION = "sessionid"
"""The cookie of a log-in. Its name is I."""


class ApiError(Exception):
    """An answer other than success: {"error": {"message", "code", "explanation"}} (C)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def response(self) -> web.Response:
        """Return the answer to send."""
        error = {
            "message": self.message,
            "code": str(self.status),
            "explanation": EXPLANATIONS.get(self.status, f"{self.status} = Error."),
        }
        return web.json_response({"error": error}, status=self.status)


@dataclass
class Jwt:
    """An issued token: its session, its expiry, and the number of requests that used it."""

    session: str
    expires: float
    uses: int = 0


class ApiServer:
    """Listens on loopback for one appliance; port is known once it listens."""

    def __init__(self, appliance: Appliance, recorder: Recorder, password: str) -> None:
        self.appliance = appliance
        self.recorder = recorder
        self.password = password
        self.port = 0
        self.tokens: dict[str, Jwt] = {}
        self.failed_searches = 0
        self.replay: ReplayedApi | None = None
        root = f"/{appliance.spec.product.lower()}/api/v2.0"
        self._login_path = f"{root}/login"
        app = web.Application(middlewares=[self._record, self._answer_errors, self._authorize])
        app.router.add_post(self._login_path, self._log_in)
        app.router.add_get(f"{root}/login/privileges", self._privileges)
        app.router.add_get(f"{root}/message-tracking/messages", self._messages)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def start(self, tls: ssl.SSLContext) -> None:
        """Listen on a free port."""
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0, ssl_context=tls).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port and all connections."""
        await self._runner.cleanup()

    def reset(self) -> None:
        """Forget every token."""
        self.tokens.clear()
        self.failed_searches = 0

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.replay is not None:
            return await self.replay.answer(request)
        spec = self.appliance.spec
        call = self.recorder.api(spec.name, spec.region, request.method, request.path_qs)
        response = await handler(request)
        call.status = response.status
        now = datetime.now(UTC) + timedelta(seconds=self.appliance.services.clock_difference)
        response.headers["Date"] = format_datetime(now, usegmt=True)
        return response

    @web.middleware
    async def _answer_errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return error.response()
        except BadQuery as error:
            return ApiError(error.status, error.message).response()
        except web.HTTPException as error:
            return ApiError(error.status, f"{error.reason}.").response()

    @web.middleware
    async def _authorize(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == self._login_path or request.match_info.http_exception:
            return await handler(request)
        if "jwtToken" in request.headers:
            self._check_token(request.headers["jwtToken"], request.cookies.get(SESSION))
        elif not self._valid_login(*basic_credentials(request)):
            raise ApiError(401, "Invalid username or passphrase.")
        return await handler(request)

    def _check_token(self, token: str, session: str | None) -> None:
        """Raise for an invalid token, or a token of another session (words: C)."""
        held = self.tokens.get(token)
        uses = self.appliance.services.jwt_uses
        if held is None or session not in (None, held.session):
            raise ApiError(401, "InvalidTokenError.")
        if held.expires <= time.time() or (uses and held.uses >= uses):
            raise ApiError(401, "ExpiredSignatureError.")
        held.uses += 1

    def _valid_login(self, user: str, password: str) -> bool:
        good = user == USER and hmac.compare_digest(password.encode(), self.password.encode())
        self.appliance.failed_logins += not good
        return good

    async def _log_in(self, request: web.Request) -> web.Response:
        user, password = _credentials(await request.text())
        if not self._valid_login(user, password):
            raise ApiError(401, "Invalid username or passphrase.")
        token = new_token(user)
        session = secrets.token_hex(16)
        self.tokens[token] = Jwt(session, time.time() + self.appliance.services.jwt_seconds)
        data = {
            "userName": user,
            "is2FactorRedirectRequired": False,
            "role": "Administrator",
            "email": [],
            "jwtToken": token,
        }
        response = web.json_response({"data": data})
        # A client that sends the cookie of an earlier log-in keeps that session, so its new token belongs to another session.
        if SESSION not in request.cookies:
            response.set_cookie(SESSION, session, secure=True, httponly=True)
        return response

    async def _privileges(self, request: web.Request) -> web.Response:
        return web.json_response({"data": ["e_message_tracking_messages", "e_message_tracking_detail"]})

    async def _messages(self, request: web.Request) -> web.Response:
        services = self.appliance.services
        if not services.message_tracking and services.tracking_off_answer == "forbidden":
            raise ApiError(403, TRACKING_OFF)
        if not services.message_tracking and services.tracking_off_answer == "not_found":
            raise ApiError(404, TRACKING_OFF)
        await asyncio.sleep(services.search_seconds)
        if self.failed_searches < services.search_failures:
            self.failed_searches += 1
            raise ApiError(503, "Service Unavailable.")
        if services.search_answer in REFUSALS:
            raise ApiError(*REFUSALS[services.search_answer])
        search = Search(request.query)
        found = [
            message for message in self.appliance.found_messages(search.begin, search.end) if search.matches(message)
        ]
        page = found[search.offset : search.offset + search.limit]
        total = len(found) if services.total_count == "all" else len(page)
        data = [{"attributes": attributes_of(message)} for message in page]
        return web.json_response({"meta": {"num_bad_records": 0, "totalCount": total}, "data": data})


def new_token(user: str) -> str:
    """Return a token in the form of a JWT, with a random signature."""
    parts = [json.dumps({"alg": "HS256", "typ": "JWT"}), json.dumps({"userName": user, "jti": secrets.token_hex(8)})]
    encoded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(32)])


def _credentials(text: str) -> tuple[str, str]:
    """Return user name and passphrase of a log-in, which are sent in base64 (A)."""
    try:
        data: Any = json.loads(text)["data"]
        user, password = (base64.b64decode(data[key], validate=True).decode() for key in ("userName", "passphrase"))
    except (ValueError, KeyError, TypeError, binascii.Error, UnicodeDecodeError):
        raise ApiError(400, "The log-in cannot be read.") from None
    return user, password
