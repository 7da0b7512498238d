# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Log in when needed, check the token, and send it with each request."""

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
"""Seconds before its expiry that a token is renewed; at most half its lifetime."""


@dataclass(frozen=True)
class Grant:
    """The token of a log-in, its lifetime in seconds, and the error to raise if the token is unusable."""

    token: Any = field(repr=False)
    unusable: ApiError
    lifetime: float = math.inf


class TokenAuth(AuthBase):
    """Set ``header`` to ``prefix`` and the token of the latest log-in.

    Pass C(auth.ready()) to requests: it logs in before the request, with a separate time limit and separate errors.
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
        """Log in if there is no token, or if it expires soon. Raise ApiError."""
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
        """Set the header. Called by requests."""
        request.headers[self._header] = f"{self._prefix}{self._token}"
        return request


def _is_usable(token: Any) -> bool:
    """Return whether this is a string that can be sent in a header."""
    return isinstance(token, str) and token != "" and token.isascii() and token.isprintable() and " " not in token
