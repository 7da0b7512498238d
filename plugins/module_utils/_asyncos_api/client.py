# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One conversation with the REST API of one appliance: log-in, JWT, reading.

Source: POST ``login`` with base64 ``userName`` and ``passphrase``, the header ``jwtToken`` (grade A), the error shape
``{"error": {"message", "code", "explanation"}}`` (grade C).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.errors import (
    AccessRefused,
    AnswerUnreadable,
    ApiError,
    NotReached,
    OptionRefused,
    SearchRefused,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh import errors as http_errors
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh import transport
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.answers import Answer
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.secrets import Secrets

LONGEST_WORDS = 500
UNAUTHORIZED = 401
WRONG_PORT = (
    "Check port (6443 unless it was changed; it must be the port of the AsyncOS API over HTTPS, enabled under Network > "
    "IP Interfaces) and product: an ESA serves the path /esa, an SMA /sma. The API came with AsyncOS 13.0 on an ESA and "
    "12.0 on an SMA."
)


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
        try:
            if proxy:
                self.secrets.add(transport.password_of_proxy(proxy))
            self._transport = transport.Transport(
                api_url=f"https://{self.host}",
                verify=transport.certificates_to_trust(ca_path, validate_certs),
                proxy=proxy,
                timeout=timeout,
                secrets=self.secrets,
            )
        except http_errors.OptionRefused as error:
            problem = OptionRefused(error.reason, host=self.host, remedy=error.remedy)
        else:
            return
        raise problem

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
            raise self._refusal(answer)
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
            raise self._log_in_refused(answer)
        grant = self._data(answer, secret=True)
        data = grant.get("data") if isinstance(grant, dict) else None
        token = data.get("jwtToken") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable() or " " in token:
            if isinstance(data, dict) and data.get("is2FactorRedirectRequired") in (True, "true", "True"):
                raise self._error(
                    AccessRefused,
                    answer,
                    "this account logs in with a second factor, which the API cannot ask for",
                    remedy="Use a local account without two-factor authentication.",
                )
            came = ", ".join(sorted(data)) if isinstance(data, dict) else "none"
            raise self._error(
                AnswerUnreadable,
                answer,
                f'the log-in gave no usable "data.jwtToken"; the fields that came are: {came}',
                remedy=WRONG_PORT,
            )
        self.secrets.add(token)
        self._token = token

    def _send(self, method: str, path: str, headers: dict[str, str], **content: Any) -> Answer:
        self.calls += 1
        problem: ApiError
        try:
            return self._transport.send(method, path, headers, **content)
        except http_errors.IrohError as error:
            problem = self._not_reached(error)
        raise problem

    def _not_reached(self, error: http_errors.IrohError) -> ApiError:
        parts = {"host": self.host, "method": error.method, "path": error.path, "http_status": error.http_status}
        if isinstance(error, http_errors.CertificateRefused):
            return NotReached(
                error.reason,
                remedy="If the appliance has a certificate of its own making or of a private CA, give that certificate, "
                "or the CA's, in ca_path; the certificate must be for the name or address in host.",
                **parts,
            )
        if isinstance(error, http_errors.AnswerUnreadable):
            return AnswerUnreadable(error.reason, remedy=WRONG_PORT, **parts)
        if isinstance(error, transport.ProxyFailed):
            return NotReached(error.reason, remedy=error.remedy, **parts)
        if isinstance(error, http_errors.OptionRefused):
            return OptionRefused(error.reason, remedy="Check host, port and proxy.", **parts)
        if isinstance(error, http_errors.AnswerLost):
            return NotReached(
                error.reason,
                remedy="Raise timeout, or search a shorter time: large searches take an appliance long.",
                **parts,
            )
        return NotReached(error.reason, remedy=f"Check host, DNS and firewall. {WRONG_PORT}", **parts)

    def _log_in_refused(self, answer: Answer) -> ApiError:
        if answer.status in (UNAUTHORIZED, 403):
            return self._error(
                AccessRefused,
                answer,
                f"the log-in was answered {answer.status}",
                remedy="Check username and password, and that the account's role may use the API.",
            )
        if answer.status >= 500:
            return self._error(
                ApiError, answer, f"answered {answer.status}", remedy="The appliance is in trouble: try again later."
            )
        return self._error(ApiError, answer, f"the log-in was answered {answer.status}", remedy=WRONG_PORT)

    def _refusal(self, answer: Answer) -> ApiError:
        if answer.status == UNAUTHORIZED:
            return self._error(
                AccessRefused,
                answer,
                "answered 401 twice, right after a new log-in too",
                remedy="Check that the account's role may see message tracking.",
            )
        remedies = {
            400: "Check the filters and the times: the appliance does not take this search.",
            403: "Enable message tracking (Security Services > Message Tracking), and check that the account's role may "
            "see it.",
            404: "Enable message tracking (Security Services > Message Tracking), and check product; an older AsyncOS "
            "does not serve message tracking through the API.",
        }
        remedy = remedies.get(answer.status, "Look at the log gui_logs of the appliance.")
        if answer.status >= 500:
            remedy = "The appliance is in trouble, or the search is too large: try a shorter time, or later."
        return self._error(SearchRefused, answer, f"answered {answer.status}", remedy=remedy)

    def _data(self, answer: Answer, *, secret: bool = False) -> Any:
        problem: ApiError
        try:
            return answer.json(self.secrets, secret=secret)
        except http_errors.AnswerUnreadable as error:
            problem = self._error(AnswerUnreadable, answer, error.reason, remedy=WRONG_PORT)
        raise problem

    def _error(self, kind: type[ApiError], answer: Answer, reason: str, remedy: str | None = None) -> ApiError:
        error, explanation = self._said(answer)
        return kind(
            reason,
            host=self.host,
            method=answer.method,
            path=answer.path,
            http_status=answer.status,
            error=error,
            explanation=explanation,
            remedy=remedy,
        )

    def _said(self, answer: Answer) -> tuple[str | None, str | None]:
        """The appliance's own words about a failure, masked: message and explanation."""
        if answer.ok:
            return None, None
        try:
            body = json.loads(answer.body.decode("utf-8"))
        except (UnicodeDecodeError, ValueError):
            return None, None
        error = body.get("error") if isinstance(body, dict) else None
        if isinstance(error, dict):
            return self._words(error.get("message")), self._words(error.get("explanation"))
        return self._words(error), None

    def _words(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        text = value if isinstance(value, str) else json.dumps(value)
        return self.secrets.mask(text)[:LONGEST_WORDS]
