# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One conversation with the REST API of one appliance: log-in, JWT, reading.

Source: POST ``login`` with base64 ``userName`` and ``passphrase``, the header ``jwtToken`` (grade A).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.failures import (
    UNAUTHORIZED,
    log_in_refused,
    no_token,
    not_reached,
    search_refused,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._https import transport
from ansible_collections.emailsec.ctr.plugins.module_utils._https.answer import Answer
from ansible_collections.emailsec.ctr.plugins.module_utils._https.errors import AnswerUnreadable, ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._https.secrets import Secrets


class ApiClient:
    """Reads from the API of one appliance. Use as a context manager: it closes its session.

    ``product`` is esa or sma, ``timeout`` is in seconds. ``calls`` counts the requests made. Every method raises
    ApiError and nothing else.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        product: str,
        username: str,
        password: str,
        ca_path: str | None = None,
        validate_certs: bool = True,
        proxy: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        bare = host.strip().strip("[]")
        self.host = f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"
        self.root = f"/{product}/api/v2.0"
        self.secrets = Secrets()
        self.calls = 0
        self._username = username
        self._password = password
        self._token: str | None = None
        self.secrets.add(password)
        if proxy:
            self.secrets.add(transport.password_of_proxy(proxy))
        self._transport = transport.Transport(
            api_url=f"https://{self.host}",
            verify=transport.certificates_to_trust(ca_path, validate_certs),
            proxy=proxy,
            timeout=timeout,
            secrets=self.secrets,
        )

    def __enter__(self) -> ApiClient:
        return self

    def __exit__(self, *unused: object) -> None:
        self._transport.close()

    def __repr__(self) -> str:
        return f"<ApiClient {self.host}>"

    def get(self, path: str, query: Mapping[str, str]) -> Any:
        """Read a path below the root. A JWT that is no longer good is renewed once. Raises ApiError."""
        # Blanks as %20 and dates as they are: boxes have been seen to read neither + nor %3A (grade C).
        encoded = urlencode(query, quote_via=quote, safe=":@")
        answer = self._read(path, encoded)
        if answer.status == UNAUTHORIZED:
            self._token = None
            answer = self._read(path, encoded)
        if not answer.ok:
            raise search_refused(answer, self.secrets)
        return self._data(answer)

    def _read(self, path: str, query: str) -> Answer:
        if self._token is None:
            self._log_in()
        return self._send("GET", f"{self.root}/{path}", {"jwtToken": self._token or ""}, params=query)

    def _log_in(self) -> None:
        pair = {"userName": self._username, "passphrase": self._password}
        data = {key: base64.b64encode(value.encode("utf-8", "surrogateescape")).decode() for key, value in pair.items()}
        answer = self._send("POST", f"{self.root}/login", {}, json={"data": data})
        if not answer.ok:
            raise log_in_refused(answer, self.secrets)
        grant = self._data(answer, secret=True)
        data = grant.get("data") if isinstance(grant, dict) else None
        token = data.get("jwtToken") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable() or " " in token:
            raise no_token(answer, data)
        self.secrets.add(token)
        self._token = token

    def _send(self, method: str, path: str, headers: dict[str, str], **content: Any) -> Answer:
        self.calls += 1
        problem: ApiError
        try:
            return self._transport.send(method, path, headers, **content)
        except ApiError as error:
            problem = not_reached(error)
        raise problem

    def _data(self, answer: Answer, *, secret: bool = False) -> Any:
        problem: ApiError
        try:
            return answer.json(self.secrets, secret=secret)
        except AnswerUnreadable as error:
            problem = not_reached(error)
        raise problem
