# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the cloud: JSON with error, error_description and trace_id (A)."""

from __future__ import annotations

import uuid
from typing import Any

from aiohttp import web


class CloudError(Exception):
    """An error answer, raised while a request is handled."""

    def __init__(self, status: int, error: str, description: str, **more: Any) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.error = error
        self.description = description
        self.more = more

    def response(self) -> web.Response:
        """Return the answer to send."""
        body = {
            "error": self.error,
            "error_description": self.description,
            "trace_id": str(uuid.uuid4()),
            **self.more,
        }
        return web.json_response(body, status=self.status)


class OffendingField(CloudError):
    """The 400 of iroh-inspect, which has the field and its problem in place of an error (A)."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(400, field, problem)

    def response(self) -> web.Response:
        return web.json_response({self.error: self.description}, status=self.status)


def missing_scopes(required: list[str], held: list[str]) -> CloudError:
    """Return a 403 in the form of the vendor's documentation (A); ``scopes`` are those of the client."""
    missing = [scope for scope in required if scope not in held]
    more = {"missing-scopes": missing, "required-scopes": required, "scopes": held}
    return CloudError(403, "missing_scope", f"missing scopes: {', '.join(missing)}", **more)


def invalid(description: str, status: int = 400) -> CloudError:
    """Return the error for invalid parameters or body; the description names the field."""
    return CloudError(status, "invalid_request", description)
