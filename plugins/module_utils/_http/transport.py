# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One HTTPS request and its answer, with nothing of the environment unasked for."""

from __future__ import annotations

import http.client
import os
import ssl
import traceback
import warnings
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .answer import Answer
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

WHOLE_ANSWER = 4
"""A request may take this many times the time-out, from its start to the last byte of its answer."""
LONGEST_HOST = 260
MAY_BE_DONE = "What was asked may have been done."
USER_AGENT = "emailsec.ctr/1.0.0 (Ansible)"


def certificates_to_trust(ca_path: str | None, validate_certs: bool) -> bool | str:
    """What requests calls ``verify``: False, a file or folder of CA certificates, or True for its own bundle.

    The options win over the environment; only where neither says anything do ``REQUESTS_CA_BUNDLE`` and
    ``CURL_CA_BUNDLE`` hold, as users of a company CA expect. Raises OptionRefused for a path that is not there.
    """
    if not validate_certs:
        return False
    if ca_path:
        if not os.access(ca_path, os.R_OK):
            raise OptionRefused(
                f"ca_path {ca_path} cannot be read on the machine that runs this task",
                fix="Give a file of CA certificates in PEM, or a folder of them made by c_rehash.",
            )
        return ca_path
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


class Transport:
    """Sends requests to one address. Raises ApiError and nothing else, with secrets masked.

    ``timeout`` is in seconds, for the connection and for each wait for data; C(WHOLE_ANSWER) times that is the limit of
    a request as a whole. Bodies are bounded by C(LARGEST_BODY), headers by http.client (100 lines of 64 KB).
    """

    def __init__(
        self, *, api_url: str, verify: bool | str, proxy: str | None, timeout: float, secrets: Secrets
    ) -> None:
        self._api_url = api_url
        self._host = urlsplit(api_url).netloc
        self._verify = verify
        self._timeout = timeout
        self._secrets = secrets
        if not verify:
            # The user said so; a warning per request on stderr only hides other messages.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        self._deadlines = Deadlines()
        self._session = _session(self._deadlines)
        # With trust_env, requests prefers REQUESTS_CA_BUNDLE to the session's own verify and .netrc to our
        # Authorization header: https://github.com/psf/requests/issues/3829. Proxies are taken over by hand.
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

    def forget_cookies(self) -> None:
        """Send the next request without any cookie that earlier answers have set."""
        self._session.cookies.clear()

    def send(self, method: str, path: str, **content: Any) -> Answer:
        """Send one request; ``content`` is what requests takes besides. Redirects are never followed: credentials go to the
        host of C(api_url) alone.
        """
        problem: ApiError
        whole = WHOLE_ANSWER * self._timeout
        deadline = Deadline()
        try:
            with self._deadlines.within(whole, deadline):
                answer = self._exchange(method, path, content)
        except Exception as error:  # whatever a library makes of a hostile answer
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
                fix=f"Raise timeout if the API is slow: a whole answer may take {WHOLE_ANSWER} times as long. "
                f"{MAY_BE_DONE}",
            )
        # Raised here, outside the handler, so that no traceback carries the library's exception with its request.
        raise problem

    def _exchange(self, method: str, path: str, content: dict[str, Any]) -> Answer:
        """Send, and read the whole answer."""
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
        to_host = target.rsplit("@", 1)[-1][:LONGEST_HOST]
        where = f"the other host {to_host}" if to_host and to_host != self._host else "another path"
        return AnswerUnreadable(
            self._secrets.mask(f"the server redirects to {where}, which is refused: credentials are sent nowhere else"),
            **answer.where,
            fix="Check api_url: it must be the API's own address.",
        )

    def _explain(self, error: Exception, method: str, path: str) -> ApiError:
        text = self._secrets.mask(_innermost(error))
        parts: dict[str, Any] = {"method": method, "path": path, "host": self._host}
        if isinstance(error, failures.ProxyError):
            return ProxyFailed(
                f"the proxy failed ({text})",
                fix="Check the option proxy, or HTTPS_PROXY and NO_PROXY in the environment of the task.",
                **parts,
            )
        if isinstance(error, BodyTooLarge) or _headers_too_large(error):
            return AnswerEndless(
                text if isinstance(error, BodyTooLarge) else f"the headers of the answer are too large ({text})",
                fix=f"Something other than the API may have answered: check api_url and proxy. {MAY_BE_DONE}",
                **parts,
            )
        if isinstance(error, BodyRefused):
            return AnswerLost(text, fix=MAY_BE_DONE, **parts)
        # An OSError of its own kind comes from reading the CA certificates, before anything is sent.
        foreign = isinstance(error, OSError) and not isinstance(error, failures.RequestException)
        if foreign or (isinstance(error, failures.SSLError) and not _ended_too_early(error)):
            return tls_failure(_chain(error), text, **parts)
        if isinstance(error, failures.ConnectTimeout):
            return NotSent(
                f"no connection within {self._timeout:g} s",
                fix="Check the network, the firewall and whether a proxy is needed.",
                **parts,
            )
        if isinstance(error, failures.ConnectionError) and _never_connected(error):
            return NotSent(
                f"cannot connect to {self._host} ({text})",
                fix="Check api_url, DNS, the firewall and whether a proxy is needed.",
                **parts,
            )
        if isinstance(error, failures.ReadTimeout):
            return AnswerLate(
                f"no answer within {self._timeout:g} s",
                fix="Raise timeout if the API is slow; what was asked may have been done.",
                **parts,
            )
        if isinstance(error, (failures.InvalidURL, failures.InvalidHeader, failures.InvalidSchema)):
            return OptionRefused("the request cannot be formed", fix="Check api_url and proxy.", **parts)
        what = "the connection broke before the answer was complete"
        if not isinstance(error, failures.RequestException):
            what = "the answer cannot be understood"
        return AnswerLost(f"{what} ({text})", fix=MAY_BE_DONE, **parts)


def _whole_body(response: Any) -> bytes:
    """The decoded body. Raises what an interrupted request raises, and BodyRefused."""
    # urllib3 reads the lines between chunks without a limit; http.client, which it builds on, has one.
    source = response.raw._fp if response.raw.chunked else response.raw
    try:
        body = read_body(source.read, response.headers.get("Content-Encoding", ""))
    except (TimeoutError, failures_below.ReadTimeoutError) as error:
        raise failures.ReadTimeout(error) from None
    except (OSError, http.client.HTTPException, failures_below.HTTPError) as error:
        raise failures.ChunkedEncodingError(error) from None
    # Read to its end, the connection may serve the next request.
    response.raw.release_conn()
    return body


def _session(deadlines: Deadlines) -> Any:
    """A session whose connections are under guard, and that never looks where a redirect leads."""

    class Session(requests.Session):
        def get_redirect_target(self, resp: Any) -> None:
            return None

    class Adapter(requests.adapters.HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
            return guarded(super().get_connection_with_tls_context(*args, **kwargs))

        def get_connection(self, *args: Any, **kwargs: Any) -> Any:
            """What requests before 2.32 calls instead."""
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
    """Whether http.client gave up on the headers: too many of them, or too long a line."""
    return any(
        isinstance(part, http.client.LineTooLong) or part.__class__ is http.client.HTTPException
        for part in _chain(error)
    )


def _ended_too_early(error: BaseException) -> bool:
    """Whether the connection was cut under TLS, which may also be after the request was sent."""
    return any(isinstance(part, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for part in _chain(error))


def _never_connected(error: BaseException) -> bool:
    """Whether urllib3 says that no connection was made at all."""
    names = {type(part).__name__ for part in _chain(error)}
    return bool(names & {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})


def _chain(error: BaseException) -> list[BaseException]:
    """An exception and the ones that it carries as first argument or as ``reason``."""
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
    """The text that says the cause, without the layers of libraries around it."""
    texts = [str(part) for part in _chain(error)]
    last = texts[-1] if texts else ""
    for layer in (">: ", "Failed to establish a new connection: "):
        last = last.rsplit(layer, 1)[-1]
    return (last or type(error).__name__)[:200]


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def password_of_proxy(address: str) -> str | None:
    """The password in the address of a proxy, which may be given without a scheme. Raises OptionRefused."""
    try:
        return urlsplit(_with_scheme(address)).password
    except ValueError:
        pass
    raise OptionRefused("the address of the proxy cannot be read", fix="Write it as http://host:port.")
