# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Client for the REST API of one appliance: log-in, JWT, reading.

Source: POST ``login`` with base64 ``userName`` and ``passphrase``, the header ``jwtToken`` (grade A).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.emailsec.ctr.plugins.module_utils._http import transport
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import (
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    CertificateRefused,
    NotSent,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.recording import Recording
from ansible_collections.emailsec.ctr.plugins.module_utils._http.token_auth import Grant, TokenAuth
from ansible_collections.emailsec.ctr.plugins.module_utils._records import API
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from ansible_collections.emailsec.ctr.plugins.module_utils._times import clock_difference

from .failures import UNAUTHORIZED, LogInLost, log_in_lost, log_in_refused, no_token, not_reached, search_refused
from .refusals import says_token_ended


class ApiClient:
    """Read from the API of one appliance. Use it as a context manager, which closes its session.

    ``product`` is esa or sma, ``timeout`` is in seconds. ``logged_in_before`` is True if this user has just logged in to
    this appliance. ``record`` is the folder that keeps every exchange. ``calls`` counts the requests. Every method raises only ApiError.
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
        timeout: float = 120.0,
        logged_in_before: bool = False,
        record: str | None = None,
    ) -> None:
        bare = host.strip().strip("[]")
        self.host = f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"
        self.root = f"/{product}/api/v2.0"
        self.secrets = Secrets()
        self.calls = 0
        self.clock_difference = timedelta()
        """The time by which the clock of the appliance is ahead of this machine, from its latest answer; 0 if nearly equal."""
        self._username = username
        self._password = password
        self._auth = TokenAuth(self._log_in, self.secrets, header="jwtToken")
        self._token_was_good = False
        self._has_logged_in = logged_in_before
        self.secrets.add(password)
        if proxy:
            self.secrets.add(transport.password_of_proxy(proxy))
        self._transport = transport.Transport(
            api_url=f"https://{self.host}",
            verify=transport.certificates_to_trust(ca_path, validate_certs),
            proxy=proxy,
            timeout=timeout,
            secrets=self.secrets,
            recording=Recording.begin(record, API, bare, bare, self.secrets),
        )

    def __enter__(self) -> ApiClient:
        return self

    def __exit__(self, *unused: object) -> None:
        self._transport.close()

    def __repr__(self) -> str:
        return f"<ApiClient {self.host}>"

    def get(self, path: str, query: Mapping[str, str]) -> Any:
        """Read a path below the root. Raise ApiError.

        Renew an expired JWT once. Any other 401 means that the role of this user may not read the path; do not log in
        again for it.
        """
        # Spaces as %20 and dates with plain colons: some appliances read neither + nor %3A (grade C).
        encoded = urlencode(query, quote_via=quote, safe=":@")
        answer = self._read(path, encoded)
        if answer.status == UNAUTHORIZED and (self._token_was_good or says_token_ended(answer.json_object())):
            self._auth.forget()
            answer = self._read(path, encoded)
        if not answer.ok:
            raise search_refused(answer, self.secrets)
        self._token_was_good = True
        return self._data(answer)

    def may_repeat(self, failure: AnswerLost | NotSent) -> bool:
        """Return whether a request may be repeated without the risk of a second log-in with a wrong password."""
        if isinstance(failure, LogInLost):
            return self._has_logged_in
        # An appliance that was never reached is probably misspelt; a wrong certificate stays wrong.
        return isinstance(failure, AnswerLost) or (self._has_logged_in and not isinstance(failure, CertificateRefused))

    def _read(self, path: str, query: str) -> Answer:
        return self._send("GET", f"{self.root}/{path}", auth=self._auth.ready(), params=query)

    def _log_in(self) -> Grant:
        pair = {"userName": self._username, "passphrase": self._password}
        data = {key: base64.b64encode(value.encode("utf-8", "surrogateescape")).decode() for key, value in pair.items()}
        # The JWT is bound to its client (grade A): cookies of an older log-in would identify another client.
        self._transport.forget_cookies()
        lost: ApiError | None = None
        try:
            answer = self._send("POST", f"{self.root}/login", json={"data": data})
        except AnswerLost as error:
            lost = log_in_lost(error)
        if lost is not None:
            raise lost
        if not answer.ok:
            raise log_in_refused(answer, self.secrets)
        grant = self._data(answer, secret=True)
        granted = grant.get("data") if isinstance(grant, dict) else None
        token = granted.get("jwtToken") if isinstance(granted, dict) else None
        self._token_was_good = False
        self._has_logged_in = True
        return Grant(token, no_token(answer, granted, self.secrets))

    def _send(self, method: str, path: str, **content: Any) -> Answer:
        self.calls += 1
        problem: ApiError
        try:
            answer = self._transport.send(method, path, **content)
            if answer.date is not None:
                self.clock_difference = clock_difference(answer.date)
            return answer
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
