# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""POST /iroh/oauth2/token: client credentials (A)."""

from __future__ import annotations

import base64
import binascii
import hmac

from aiohttp import web

from tests.lab.cloud.errors import CloudError
from tests.lab.cloud.store import CloudStore

PATH = "/iroh/oauth2/token"


def add_routes(app: web.Application, store: CloudStore) -> None:
    """Serve the token endpoint."""

    async def token(request: web.Request) -> web.Response:
        client_id, password = basic_credentials(request)
        known = hmac.compare_digest(client_id.encode(), store.client_id.encode())
        if not known or not hmac.compare_digest(password.encode(), store.client_password.encode()):
            raise CloudError(401, "invalid_client", "unknown client or wrong client password")
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            raise CloudError(400, "unsupported_grant_type", "grant_type: must be client_credentials")
        answer = {
            "access_token": store.issue_access_token(),
            "token_type": "bearer",
            "expires_in": int(store.settings.access_token_seconds),
            "scope": " ".join(store.settings.scopes),
        }
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    app.router.add_post(PATH, token)


def basic_credentials(request: web.Request) -> tuple[str, str]:
    """Return client id and password of the Basic header, empty without a readable header."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, password
