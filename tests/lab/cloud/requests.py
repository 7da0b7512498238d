# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strict parsing of requests: bodies, and the page of a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from tests.lab.cloud.errors import invalid
from tests.lab.settings import Settings

Record = dict[str, Any]


async def json_object(request: web.Request, known: set[str], required: tuple[str, ...] = ()) -> Record:
    """Return the JSON object of the body, with known fields only; an absent body is an empty object."""
    text = await request.text()
    if text and request.content_type != "application/json":
        raise invalid(f"the content type must be application/json, not {request.content_type}", 415)
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        raise invalid("the body is not JSON") from None
    if not isinstance(body, dict):
        raise invalid("the body must be a JSON object")
    for key in body:
        if key not in known:
            raise invalid(f"{key}: is not a field of this request")
    for key in required:
        if key not in body:
            raise invalid(f"{key}: is required")
    return body


def page(request: web.Request, items: Sequence[Record], settings: Settings, next_header: bool) -> web.Response:
    """Return the page by limit and offset, with X-Total-Hits, and with X-Next if the API has it (the form is R)."""
    limit = _whole(request, "limit", settings.page_limit, 1, 1000)
    offset = _whole(request, "offset", 0, 0, 10**9)
    limit = min(limit, settings.page_limit_max)
    headers = {"X-Total-Hits": str(len(items))}
    if next_header and offset + limit < len(items):
        headers["X-Next"] = f"limit={limit}&offset={offset + limit}"
    return web.json_response(list(items[offset : offset + limit]), headers=headers)


def _whole(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise invalid(f"{name}: must be a whole number from {low} to {high}")
    return int(text)
