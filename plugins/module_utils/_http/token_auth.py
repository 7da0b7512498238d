# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The token of a log-in: fetched when needed, checked, and sent with each request."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .errors import ApiError

try:
    from requests.auth import AuthBase
except ImportError:
    # Reported by the module before a client is made.
    AuthBase = object  # type: ignore[assignment,misc]

RENEW_BEFORE_EXPIRY = 60.0
"""Seconds before its end that a token is renewed; half its lifetime, where that is less."""


@dataclass(frozen=True)
class Grant:
    """What a log-in gave as token, its lifetime in seconds, and the error to raise if the token is unusable."""

    token: Any = field(repr=False)
    unusable: ApiError
    lifetime: float = math.inf


class TokenAuth(AuthBase):
    """Sets ``header`` to the token of the newest log-in, after ``prefix``.

    Give requests C(auth.ready()): a log-in has a time limit and errors of its own, so it precedes the request.
    """

    def __init__(
        self,
        log_in: Callable[[], Grant],
        secrets: Secrets,
        *,
        header: str,
        prefix: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log_in = log_in
        self._secrets = secrets
        self._header = header
        self._prefix = prefix
        self._clock = clock
        self._token: str | None = None
        self._use_until = 0.0

    def ready(self) -> TokenAuth:
        """Log in if there is no token, or its time is nearly up. Raises ApiError."""
        if self._token is None or self._clock() >= self._use_until:
            asked_at = self._clock()
            grant = self._log_in()
            if not _is_usable(grant.token):
                raise grant.unusable
            self._secrets.add(grant.token)
            self._token = grant.token
            self._use_until = asked_at + grant.lifetime - min(RENEW_BEFORE_EXPIRY, grant.lifetime / 2)
        return self

    def forget(self) -> None:
        """Log in again before the next request."""
        self._token = None

    def __call__(self, request: Any) -> Any:
        """Set the header, for the library requests."""
        request.headers[self._header] = f"{self._prefix}{self._token}"
        return request


def _is_usable(token: Any) -> bool:
    """Whether this is a text that can be sent in a header."""
    return isinstance(token, str) and token != "" and token.isascii() and token.isprintable() and " " not in token
