# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Call the API of one region: log-in, requests, retries, pages.

Source: the API's documentation of authentication, limits and errors (grade A).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.emailsec.ctr.plugins.module_utils._http import transport
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer, field_names
from ansible_collections.emailsec.ctr.plugins.module_utils._http.body import whole_number
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import (
    AnswerEndless,
    AnswerLate,
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    CertificateRefused,
    NotSent,
    OptionRefused,
    converted_error,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.recording import Recording
from ansible_collections.emailsec.ctr.plugins.module_utils._http.token_auth import Grant, TokenAuth
from ansible_collections.emailsec.ctr.plugins.module_utils._records import CLOUD
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import Region, all_regions, region_of_api
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from ansible_collections.emailsec.ctr.plugins.module_utils._times import clock_difference

from .contract import PATHS, largest_page, path_on_the_wire
from .errors import LoginFailed, QuotaExceeded
from .failures import failure_of
from .paging import read_pages
from .retry import RetryBudget, seconds_of_retry_after

TOKEN_PATH = PATHS["login"]
API_PATH = "/iroh"
DEFAULT_LIFETIME = 600.0
TOO_MANY = 429
LIMIT, REMAINING = "X-Ratelimit-Org-Limit", "X-Ratelimit-Org-Remaining"
UNKNOWN_QUOTA = {"limit": None, "remaining": None, "said_at": None}
LONGEST_LIFETIME = 86400.0


class IrohClient:
    """Call the API of one region. As a context manager, close the connections at the end.

    ``timeout``: seconds to wait for the connection, and for data each time. ``retry_budget``: seconds that all requests
    together may wait before retries. ``record``: the folder that keeps every exchange. ``calls``: requests sent. ``writes``:
    changes that the API confirmed. ``repeats``: requests sent again after a failure. ``quota``: the requests that the
    organization may make in 60 minutes (``limit``), the number left (``remaining``), and the time of that report
    (``said_at``, UTC); each is None if the latest answer does not report it. Every method raises ApiError and no other
    exception.
    """

    def __init__(
        self,
        *,
        region: str,
        client_id: str,
        client_password: str,
        api_url: str | None = None,
        ca_path: str | None = None,
        validate_certs: bool = True,
        proxy: str | None = None,
        timeout: float = 30.0,
        retry_budget: float = 300.0,
        record: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.region: Region = named_region(region)
        self.api_url = checked_api_url(api_url or self.region.api_url, self.region)
        self.host = urlsplit(self.api_url).netloc
        self.secrets = Secrets()
        self.budget = RetryBudget(retry_budget, sleep)
        self.calls = 0
        self.writes = 0
        self.repeats = 0
        self.date: datetime | None = None
        """The time of the latest answer, by the clock of the API."""
        self.clock_difference = timedelta()
        """The time by which the clock of the API is ahead of this machine, from its latest answer; 0 if nearly equal."""
        self.quota: dict[str, Any] = dict(UNKNOWN_QUOTA)
        self._unsettled: dict[tuple[str, str], AnswerLate] = {}
        self._reached = False
        self._auth = TokenAuth(self._log_in, self.secrets, header="Authorization", prefix="Bearer ", clock=clock)
        pair = f"{client_id}:{client_password}"
        self._basic = "Basic " + base64.b64encode(pair.encode("utf-8", "surrogateescape")).decode("ascii")
        self.secrets.add(client_password)
        self.secrets.add(pair)
        if proxy:
            self.secrets.add(transport.password_of_proxy(proxy))
        self._transport = transport.Transport(
            api_url=self.api_url,
            verify=transport.certificates_to_trust(ca_path, validate_certs),
            proxy=proxy,
            timeout=timeout,
            secrets=self.secrets,
            recording=Recording.begin(record, CLOUD, self.region.name, self.host.split(":")[0], self.secrets),
        )

    def __enter__(self) -> IrohClient:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<IrohClient {self.region.name} {self.host}>"

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def get(self, path: str, params: dict[str, Any] | None = None) -> Answer:
        """Read. Retry on 429, 5xx and a broken connection, within the retry budget."""
        return self._request("GET", path, params=params, repeatable=True)

    def get_all(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        page: int,
        names: tuple[str, ...] = ("id",),
        list_in: str = "",
    ) -> list[Any]:
        """Read a whole list, in pages of ``page`` records. Raise ListUnstable if it changes while it is read.

        ``names`` are those of the field that identifies a record. ``list_in``: see C(read_pages).
        """
        return read_pages(
            lambda window: self.get(path, {**(params or {}), **window}),
            path,
            page=min(page, largest_page(path) or page),
            names=names,
            list_in=list_in,
            secrets=self.secrets,
        )

    def post(self, path: str, body: dict[str, Any], *, secret: bool = False) -> Answer:
        """Create. Retry only if the server certainly created nothing (429, connection refused).

        Raise AnswerLost if the outcome is unknown: read the current state before you retry. ``secret``: the answer holds
        a secret. After AnswerLate, never send the same request again: the server may still process the first one.
        """
        same = (path, json.dumps(body, sort_keys=True))
        if same in self._unsettled:
            late = self._unsettled[same]
            raise converted_error(
                late,
                AnswerLate,
                reason=f"{late.reason}; the request is not retried, because the API may still process it",
                fix="rerun in a few minutes; the next run reads the current state before it writes. If the API is slow, "
                "raise timeout",
            )
        try:
            return self._request("POST", path, body=body, repeatable=False, secret=secret)
        except AnswerLate as late:
            self._unsettled[same] = late
            raise

    def read_by_post(self, path: str, body: Any, params: dict[str, Any] | None = None) -> Answer:
        """Read with a POST that changes nothing. Retry as for a GET."""
        return self._request("POST", path, params=params, body=body, repeatable=True, changes=False)

    def patch(self, path: str, body: dict[str, Any]) -> Answer:
        """Set fields to the given values. Retry as for a GET: repeating the request is safe."""
        return self._request("PATCH", path, body=body, repeatable=True)

    def delete(self, path: str) -> Answer:
        """Delete. Retry as for a GET: repeating the request is safe, and answers 404."""
        return self._request("DELETE", path, repeatable=True)

    def _request(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool,
        params: dict[str, Any] | None = None,
        body: Any = None,
        secret: bool = False,
        changes: bool = True,
    ) -> Answer:
        def send() -> Answer:
            return self._send(method, path, auth=self._auth.ready(), params=params, json=body)

        answer = self._send_with_retries(method, path, send, repeatable=repeatable, secret=secret)
        if answer.status == 401:
            # The token may have been revoked early: log in again once, then accept the answer.
            self._auth.forget()
            answer = self._send_with_retries(method, path, send, repeatable=repeatable, secret=secret)
        if not answer.ok:
            raise failure_of(answer, self.secrets, self.region, secret=secret)
        if method != "GET" and changes:
            self._refuse_garbled(answer, secret)
            self.writes += 1
        return answer

    def _refuse_garbled(self, answer: Answer, secret: bool) -> None:
        """Raise AnswerUnreadable if the answer to a change is not JSON: the outcome is then unknown.

        For a creation, raise AnswerLost, so that the caller reads the current state before it retries.
        """
        if not answer.body and answer.method != "POST":
            return
        garbled: AnswerUnreadable | None = None
        try:
            answer.json(self.secrets, secret=secret)
        except AnswerUnreadable as error:
            garbled = error
        if garbled is None:
            return
        raise converted_error(
            garbled,
            AnswerLost if answer.method == "POST" else AnswerUnreadable,
            fix=f"{garbled.fix}. {transport.MAY_BE_DONE}",
        )

    def _log_in(self) -> Grant:
        def send() -> Answer:
            return self._send(
                "POST",
                TOKEN_PATH,
                headers={"Authorization": self._basic},
                data={"grant_type": "client_credentials"},
            )

        lost: AnswerLost | None = None
        try:
            answer = self._send_with_retries("POST", TOKEN_PATH, send, repeatable=True, secret=True)
        except AnswerLost as error:
            lost = error
        if lost is not None:
            # The request that needs this log-in was not sent.
            raise converted_error(lost, LoginFailed)
        if not answer.ok:
            raise failure_of(answer, self.secrets, self.region, secret=True, login=True)
        grant = answer.json(self.secrets, secret=True)
        fields = grant if isinstance(grant, dict) else {}
        lifetime = fields.get("expires_in")
        if isinstance(lifetime, bool) or not isinstance(lifetime, (int, float)) or lifetime <= 0:
            lifetime = DEFAULT_LIFETIME
        unusable = AnswerUnreadable(
            f'the log-in answer has no usable "access_token"; fields in the answer: {field_names(grant, self.secrets)}',
            **answer.where,
        )
        return Grant(fields.get("access_token"), unusable, min(lifetime, LONGEST_LIFETIME))

    def _send(self, method: str, path: str, **content: Any) -> Answer:
        self.calls += 1
        answer = self._transport.send(method, path_on_the_wire(path), **content)
        self._reached = True
        self.date = answer.date
        if answer.date is not None:
            self.clock_difference = clock_difference(answer.date)
        if path != TOKEN_PATH:
            # Log-ins do not count against the quota. Every other answer replaces the quota, even with None: after the
            # wait that follows a 429, its 0 is outdated.
            self.quota = _quota_of(answer)
        return answer

    def _send_with_retries(
        self, method: str, path: str, send: Callable[[], Answer], *, repeatable: bool, secret: bool
    ) -> Answer:
        """Send, and retry if that is safe and the retry budget allows it."""
        attempt = 0
        while True:
            attempt += 1
            failure: ApiError
            asked: float | None = None
            try:
                answer = send()
            except NotSent as error:
                # A server that answered before may come back. One that never answered probably has a wrong address.
                if not self._reached or isinstance(error, (CertificateRefused, LoginFailed)):
                    raise
                failure = error
            except AnswerLost as error:
                if not repeatable or isinstance(error, AnswerEndless):
                    raise
                failure = error
            else:
                if answer.status != TOO_MANY and answer.status < 500:
                    return answer
                failure = failure_of(answer, self.secrets, self.region, secret=secret)
                asked = seconds_of_retry_after(answer.headers.get("Retry-After"), answer.date)
                if answer.status != TOO_MANY and not repeatable:
                    raise failure
            if not self.budget.wait(asked, attempt):
                raise self._out_of_budget(failure, asked)
            self.repeats += 1

    def _out_of_budget(self, failure: ApiError, asked: float | None) -> ApiError:
        when = f"rerun after {asked:.0f} s" if asked else "rerun later"
        fix = (
            f"{when}, or raise retry_budget. This task waited {self.budget.waited:.0f} s; retry_budget is "
            f"{self.budget.seconds:.0f} s."
        )
        if isinstance(failure, QuotaExceeded):
            fix += " The quota (8,000 requests in 60 minutes) is shared by all API clients of the organization."
        return converted_error(failure, failure.__class__, fix=fix)


def _quota_of(answer: Answer) -> dict[str, Any]:
    """Return the quota of the organization that an answer reports."""
    said = {
        key: whole_number(str(answer.headers.get(name, "")))
        for key, name in (("limit", LIMIT), ("remaining", REMAINING))
    }
    if said == {"limit": None, "remaining": None}:
        return dict(UNKNOWN_QUOTA)
    return {**said, "said_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}


def named_region(name: str) -> Region:
    """Return the region with this name. Raise OptionRefused."""
    regions = all_regions()
    if name not in regions:
        raise OptionRefused(
            f"region {name!r} is unknown", fix=f"use one of {', '.join(regions)}, or define it in a profile"
        )
    return regions[name]


def checked_api_url(api_url: str, region: Region) -> str:
    """Return scheme, host and port of the API address. The path C(/iroh/), which the vendor writes, is accepted.

    Raise OptionRefused, before any request, if the address has any other part.
    """
    given = api_url.strip()
    if not given:
        raise OptionRefused(
            f"the address of the API of {region.label} is unknown",
            fix=f"set api_url (esa_ctr_regions.{region.name}.api_url in the role), or api_url of this region in the profile",
        )
    right = f"set api_url to {region.api_url}, the API of {region.label}, or omit it"
    try:
        parts = urlsplit(given)
        host = parts.hostname
        port = parts.port
        other = region_of_api(given)
    except ValueError:
        raise OptionRefused("api_url is not a valid address", fix=right) from None
    if "@" in parts.netloc:
        raise OptionRefused("api_url contains credentials", fix="use client_id and client_password")
    if parts.scheme != "https" or not host:
        raise OptionRefused(
            f"api_url {given!r} is not an https:// address; other addresses would send credentials unencrypted",
            fix=right,
        )
    # urlsplit passes over line breaks and tabs.
    if not given.isprintable() or " " in given or "\\" in given:
        raise OptionRefused("api_url contains spaces, backslashes or unprintable characters", fix=right)
    if "?" in given or "#" in given:
        raise OptionRefused("api_url contains ? or #", fix=right)
    if parts.path.rstrip("/") not in ("", API_PATH) or "//" in parts.path:
        raise OptionRefused(f"api_url has the path {parts.path!r}; the only permitted path is {API_PATH}/", fix=right)
    if other is not None and other.name != region.name:
        raise OptionRefused(
            f"api_url {given} belongs to {other.label}, but region is {region.label}",
            fix=f"set region to {other.name}, or omit api_url; the API of {region.label} is {region.api_url}. "
            "Appliance server, token, device and module must be in the same region.",
        )
    bare = f"[{host}]" if ":" in host else host
    return f"https://{bare}" if port is None else f"https://{bare}:{port}"
