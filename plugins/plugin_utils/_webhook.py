# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Send a notification to a webhook. A failure is a warning and never fails the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import Transport, certificates_to_trust
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

TIMEOUT = 10.0
"""Seconds to wait for the connection, and for data."""


def send_to_webhook(url: str, headers: Mapping[str, Any], ca_path: str | None, body: Mapping[str, Any]) -> str | None:
    """Send the body as JSON. Return a warning if it was not accepted, without the address and the headers, else None."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme != "https":
        return "The notification was not sent: the address is invalid. Fix: set esa_ctr_notify_url to an https address."
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    values = [str(value) for value in headers.values()]
    secrets = Secrets(url, path, parts.query, parts.path, parts.password, *values)
    try:
        transport = Transport(
            api_url=f"https://{parts.netloc.rpartition('@')[2]}",
            verify=certificates_to_trust(ca_path, True),
            proxy=None,
            timeout=TIMEOUT,
            secrets=secrets,
        )
        try:
            named = {str(name): str(value) for name, value in headers.items()}
            answer = transport.send("POST", path or "/", json=dict(body), headers=named)
        finally:
            transport.close()
    except ApiError as error:
        return _warning(host, secrets.mask(error.reason))
    if answer.ok:
        return None
    return _warning(host, f"HTTP status {answer.status}")


def _warning(host: str, problem: str) -> str:
    return (
        f"{host}: the notification was not accepted: {problem.rstrip('.')}. "
        "Fix: check esa_ctr_notify_url, esa_ctr_notify_headers and esa_ctr_notify_format."
    )
