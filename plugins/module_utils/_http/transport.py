# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Send HTTPS requests, without unwanted settings of the environment."""

from __future__ import annotations

import http.client
import os
import re
import ssl
import traceback
import warnings
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .answer import NOT_FROM_THE_API, Answer, header_text
from .body import ACCEPTED_ENCODINGS, BodyRefused, BodyTooLarge, read_body
from .deadline import Deadline, Deadlines
from .errors import (
    AnswerEndless,
    AnswerLate,
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    NotSent,
    OptionRefused,
    ProxyFailed,
)
from .recording import Recording
from .tls_errors import tls_failure

try:
    import requests
    from requests import exceptions as failures
    from requests.packages.urllib3 import exceptions as failures_below  # type: ignore[import-not-found]
    from requests.utils import get_environ_proxies
except ImportError:
    # Reported by the module before a client is made.
    requests = None  # type: ignore[assignment]
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

REQUESTS_MISSING = (
    "The Python library requests is missing on the controller. Fix: install the requirements.txt of this collection in the "
    "Python that runs Ansible (python -m pip install -r requirements.txt)."
)
WHOLE_ANSWER = 4
"""The limit of a whole request, as a multiple of the time-out."""
LONGEST_CAUSE = 200
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
MAY_BE_DONE = "The server may have processed the request."
RERUN = "rerun; the server may have processed the request"
USER_AGENT = "emailsec.ctr/1.0.0 (Ansible)"


def certificates_to_trust(ca_path: str | None, validate_certs: bool) -> bool | str:
    """Return ``verify`` for requests: False, a file or directory of CA certificates, or True for its own bundle.

    The options take precedence over ``REQUESTS_CA_BUNDLE`` and ``CURL_CA_BUNDLE``. Raise OptionRefused if ca_path cannot
    be read.
    """
    if not validate_certs:
        return False
    if ca_path:
        if not os.access(ca_path, os.R_OK):
            raise OptionRefused(
                f"ca_path {ca_path} cannot be read on the machine that runs this task",
                fix="set ca_path to a PEM file with CA certificates, or to a directory prepared by c_rehash",
            )
        return ca_path
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


class Transport:
    """Send requests to one address. Raise only ApiError, with secrets masked.

    ``timeout``: seconds to wait for the connection, and for data each time. A whole request may take C(WHOLE_ANSWER)
    times as long. ``recording`` keeps every exchange. C(LARGEST_BODY) limits bodies, and http.client limits headers (100 lines of 64 KB).
    """

    def __init__(
        self,
        *,
        api_url: str,
        verify: bool | str,
        proxy: str | None,
        timeout: float,
        secrets: Secrets,
        recording: Recording | None = None,
    ) -> None:
        self._api_url = api_url
        self._host = urlsplit(api_url).netloc
        self._verify = verify
        self._timeout = timeout
        self._secrets = secrets
        self._recording = recording
        if not verify:
            # The user set validate_certs: false. A warning per request on stderr would hide other messages.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        self._deadlines = Deadlines()
        self._session = _session(self._deadlines)
        # With trust_env, requests prefers REQUESTS_CA_BUNDLE to the verify of the session, and .netrc to our
        # Authorization header: https://github.com/psf/requests/issues/3829. So the proxies are read below.
        self._session.trust_env = False
        self._session.headers["User-Agent"] = USER_AGENT
        self._session.headers["Accept"] = "application/json"
        self._session.headers["Accept-Encoding"] = ACCEPTED_ENCODINGS
        if proxy:
            self._proxies = {"https": _with_scheme(proxy)}
        else:
            self._proxies = dict(get_environ_proxies(api_url))
            for address in self._proxies.values():
                self._secrets.add(password_of_proxy(address))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._deadlines.close()
        if self._recording is not None:
            self._recording.close()

    def forget_cookies(self) -> None:
        """Discard the cookies of earlier answers."""
        self._session.cookies.clear()

    def send(self, method: str, path: str, **content: Any) -> Answer:
        """Send a request, with ``content`` as further arguments of requests. Never follow redirects: credentials go only to
        the host of C(api_url).
        """
        problem: ApiError
        whole = WHOLE_ANSWER * self._timeout
        deadline = Deadline()
        try:
            with self._deadlines.within(whole, deadline):
                answer = self._exchange(method, path, content)
                if self._recording is not None:
                    self._recording.keep(method, path, content, answer)
        except Exception as error:  # any error that a library raises for a hostile answer
            problem = self._explain(error, method, path)
        else:
            if not (deadline.passed or 300 <= answer.status < 400):
                return answer
            problem = self._redirected(answer)
        if deadline.passed:
            problem = AnswerEndless(
                f"the answer was not complete within {whole:g} s",
                method=method,
                path=path,
                host=self._host,
                fix=f"raise timeout if the API is slow; the limit for a whole answer is {WHOLE_ANSWER} times timeout. "
                f"{MAY_BE_DONE}",
            )
        # Raise outside the handler, so that no traceback contains the exception of the library with its request.
        raise problem

    def _exchange(self, method: str, path: str, content: dict[str, Any]) -> Answer:
        """Send the request, and read the whole answer."""
        response = self._session.request(
            method,
            self._api_url + path,
            timeout=self._timeout,
            allow_redirects=False,
            verify=self._verify,
            proxies=self._proxies,
            stream=True,
            **content,
        )
        with response:
            body = b"" if 300 <= response.status_code < 400 else _whole_body(response)
        return Answer(
            method=method,
            path=path,
            host=self._host,
            status=response.status_code,
            headers=response.headers,
            body=body,
        )

    def _redirected(self, answer: Answer) -> ApiError:
        try:
            target = urlsplit(str(answer.headers.get("Location", ""))).netloc
        except ValueError:
            target = ""
        where = "another path" if target in ("", self._host) else "another host"
        # No part of a secret: not of this system, which is masked, and not of another one, which a module does not know.
        if where == "another host" and _HOST.fullmatch(target):
            where = f"another host, {target}"
        return AnswerUnreadable(
            self._secrets.mask(f"the server redirects to {where}; redirects are refused to protect credentials"),
            **answer.where,
            fix="set api_url to the address of the API, without redirects",
        )

    def _explain(self, error: Exception, method: str, path: str) -> ApiError:
        text = self._secrets.beginning(header_text(_innermost(error)), LONGEST_CAUSE)
        parts: dict[str, Any] = {"method": method, "path": path, "host": self._host}
        if isinstance(error, failures.ProxyError):
            return ProxyFailed(
                f"the proxy failed ({text})",
                fix="check the option proxy, or HTTPS_PROXY and NO_PROXY in the environment of the task",
                **parts,
            )
        if isinstance(error, BodyTooLarge) or _headers_too_large(error):
            return AnswerEndless(
                text if isinstance(error, BodyTooLarge) else f"the headers of the answer are too large ({text})",
                fix=f"{NOT_FROM_THE_API}. {MAY_BE_DONE}",
                **parts,
            )
        if isinstance(error, BodyRefused):
            return AnswerLost(text, fix=RERUN, **parts)
        # An OSError that is not from requests comes from reading the CA certificates, before the request.
        foreign = isinstance(error, OSError) and not isinstance(error, failures.RequestException)
        if foreign or (isinstance(error, failures.SSLError) and not _ended_too_early(error)):
            return tls_failure(_chain(error), text, **parts)
        if isinstance(error, failures.ConnectTimeout):
            return NotSent(
                f"no connection within {self._timeout:g} s",
                fix="check the network and the firewall, and whether a proxy is needed",
                **parts,
            )
        if isinstance(error, failures.ConnectionError) and _never_connected(error):
            return NotSent(
                f"cannot connect to {self._host} ({text})",
                fix="check api_url, DNS and the firewall, and whether a proxy is needed",
                **parts,
            )
        if isinstance(error, UnicodeEncodeError):
            # The text of the error has a part of the value.
            return OptionRefused(
                "an option has characters that HTTP cannot send",
                fix="check the characters of api_url, of the proxy and of the headers",
                **parts,
            )
        if isinstance(error, failures.ReadTimeout):
            return AnswerLate(
                f"no answer within {self._timeout:g} s",
                fix=f"raise timeout if the API is slow. {MAY_BE_DONE}",
                **parts,
            )
        if isinstance(error, (failures.InvalidURL, failures.InvalidHeader, failures.InvalidSchema)):
            return OptionRefused("api_url or proxy is invalid", fix="check api_url and proxy", **parts)
        what = "the connection broke before the answer was complete"
        if not isinstance(error, failures.RequestException):
            what = "the answer is not valid HTTP"
        return AnswerLost(f"{what} ({text})", fix=RERUN, **parts)


def _whole_body(response: Any) -> bytes:
    """Return the decoded body. Raise BodyRefused, and the errors of an interrupted request."""
    # urllib3 does not limit the lines between chunks; http.client does.
    source = response.raw._fp if response.raw.chunked else response.raw
    try:
        body = read_body(source.read, response.headers.get("Content-Encoding", ""))
    except (TimeoutError, failures_below.ReadTimeoutError) as error:
        raise failures.ReadTimeout(error) from None
    except (OSError, http.client.HTTPException, failures_below.HTTPError) as error:
        raise failures.ChunkedEncodingError(error) from None
    # The body was read completely: reuse the connection.
    response.raw.release_conn()
    return body


def _session(deadlines: Deadlines) -> Any:
    """Return a session with watched connections, which ignores redirects."""

    class Session(requests.Session):
        def get_redirect_target(self, resp: Any) -> None:
            return None

    class Adapter(requests.adapters.HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
            return guarded(super().get_connection_with_tls_context(*args, **kwargs))

        def get_connection(self, *args: Any, **kwargs: Any) -> Any:
            """Return the connection pool, for requests before 2.32."""
            return guarded(super().get_connection(*args, **kwargs))

    def guarded(pool: Any) -> Any:
        if not issubclass(pool.ConnectionCls, Guarded):
            pool.ConnectionCls = type("GuardedConnection", (Guarded, pool.ConnectionCls), {})
        return pool

    class Guarded:
        def _new_conn(self) -> Any:
            connected = super()._new_conn()  # type: ignore[misc]
            deadlines.watch(self, connected)
            return connected

    session = Session()
    session.mount("https://", Adapter())
    return session


def _headers_too_large(error: BaseException) -> bool:
    """Return whether the headers exceed a limit of http.client."""
    return any(
        isinstance(part, http.client.LineTooLong) or part.__class__ is http.client.HTTPException
        for part in _chain(error)
    )


def _ended_too_early(error: BaseException) -> bool:
    """Return whether the connection was closed during TLS, possibly after the request was sent."""
    return any(isinstance(part, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for part in _chain(error))


def _never_connected(error: BaseException) -> bool:
    """Return whether no connection was established."""
    names = {type(part).__name__ for part in _chain(error)}
    return bool(names & {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception and the exceptions in its arguments and in its ``reason``."""
    found: list[BaseException] = []
    todo: list[Any] = [error]
    while todo:
        part = todo.pop()
        if isinstance(part, BaseException) and part not in found:
            found.append(part)
            todo.append(getattr(part, "reason", None))
            todo.extend(part.args)
    return found


def _innermost(error: Exception) -> str:
    """Return the message of the innermost cause."""
    texts = [str(part) for part in _chain(error)]
    last = texts[-1] if texts else ""
    for layer in (">: ", "Failed to establish a new connection: "):
        last = last.rsplit(layer, 1)[-1]
    return last or type(error).__name__


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def password_of_proxy(address: str) -> str | None:
    """Return the password in a proxy address, which can lack a scheme. Raise OptionRefused."""
    try:
        return urlsplit(_with_scheme(address)).password
    except ValueError:
        pass
    raise OptionRefused("the address of the proxy is invalid", fix="write it as http://host:port")
