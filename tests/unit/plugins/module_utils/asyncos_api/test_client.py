# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client and the search against a small real HTTPS server: log-in, renewal, pages, strange answers, secrets."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import certifi
import pytest
import trustme

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.client import ApiClient
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.failures import LogInLost, SearchRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.filters import filters_spec
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import (
    MessageNotTracked,
    client_of_options,
    find_messages,
    read_messages,
    tracking_argument_spec,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import (
    AccessRefused,
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    CertificateRefused,
    NotSent,
    OptionRefused,
    Refused,
)

PASSWORD = "pw/with+odd:chars-8c2e"
TOKEN = "eyJhbGciOi.JIUzI1NiJ9.dG9rZW4"
LOGIN = ("POST", "/esa/api/v2.0/login")
SEARCH = ("GET", "/esa/api/v2.0/message-tracking/messages")
OPTIONS = {
    **{name: spec.get("default") for name, spec in filters_spec().items()},
    "start": None,
    "end": None,
    "last": "1h",
    "max_messages": 1000,
    "wait_progress": None,
    "wait_timeout": 0.0,
    "wait_interval": 1.0,
}


DROP, SLOW = object(), object()
"""Contents that stand for a connection closed without an answer, at once or after a while."""
SLOW_SECONDS = 1.0
TOO_BUSY = (503, {"error": {"message": "Service Unavailable.", "code": "503", "explanation": "503 = Words."}})


class Box:
    """Answers what the test says, in turn; the last answer stays. ``calls`` is what was asked."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], list[tuple[int, Any]]] = {
            LOGIN: [(200, {"data": {"jwtToken": TOKEN}})],
            SEARCH: [(200, page())],
        }
        self.calls: list[tuple[str, str, dict[str, str], str]] = []
        self.location: str | None = None
        self.cookies = 0

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        answers = self.answers.get((method, path), [(404, error(404, "Not Found."))])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @property
    def log_ins(self) -> int:
        return sum(method == "POST" for method, *_rest in self.calls)

    @property
    def asked(self) -> list[str]:
        return [f"{method} {urlsplit(path).path}" for method, path, _headers, _body in self.calls]


def page(*mids: int, total: Any = None, bad: int = 0) -> dict[str, Any]:
    data = [{"attributes": {"mid": [mid], "subject": f"m{mid}"}} for mid in mids]
    return {"meta": {"num_bad_records": bad, "totalCount": len(mids) if total is None else total}, "data": data}


def error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "code": str(status), "explanation": f"{status} = Words."}}


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(ca: trustme.CA) -> Iterator[tuple[Box, int]]:
    box = Box()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            box.calls.append((self.command, self.path, dict(self.headers), body))
            status, content = box.answer(self.command, urlsplit(self.path).path)
            if content is DROP or content is SLOW:
                time.sleep(SLOW_SECONDS if content is SLOW else 0)
                self.close_connection = True
                return
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            box.cookies += 1
            self.send_header("Set-Cookie", f"sessionid=s{box.cookies}; Secure; HttpOnly; Path=/")
            if box.location:
                self.send_header("Location", box.location)
            self.send_header("Content-Type", "text/html" if isinstance(content, bytes) else "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _serve

        def log_message(self, *unused: Any) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    listener.handle_error = lambda *unused: None  # type: ignore[method-assign]
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield box, listener.server_port
    listener.shutdown()
    listener.server_close()


@pytest.fixture
def box(server: tuple[Box, int]) -> Box:
    return server[0]


@pytest.fixture
def options(server: tuple[Box, int], ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Options of a client. The environment names a CA bundle that does not know our server, as on many machines."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return {
        "host": "localhost",
        "port": server[1],
        "product": "esa",
        "username": "admin",
        "password": PASSWORD,
        "ca_path": str(path),
        "timeout": 5.0,
    }


@pytest.fixture
def client(options: dict[str, Any]) -> Iterator[ApiClient]:
    with ApiClient(**options) as client:
        yield client


def failure(client: ApiClient, kind: type[ApiError] = ApiError) -> ApiError:
    with pytest.raises(kind) as caught:
        read_messages(client, {"searchOption": "messages"}, 10)
    told = repr(caught.value) + str(caught.value) + json.dumps(caught.value.as_result())
    for secret in (PASSWORD, TOKEN):
        assert secret not in told
    assert caught.value.fix
    return caught.value


def test_requests_of_log_in_and_search(box: Box, client: ApiClient) -> None:
    box.answers[SEARCH] = [(200, page(7))]
    query = {"startDate": "2026-01-01T08:15:00.000Z", "subjectfilterValue": "a b+c&d=ü", "envelope": "a@x.example"}
    assert read_messages(client, query, 10)["messages"][0]["mids"] == [7]
    assert box.asked == ["POST /esa/api/v2.0/login", "GET /esa/api/v2.0/message-tracking/messages"]
    assert json.loads(box.calls[0][3]) == {
        "data": {"userName": "YWRtaW4=", "passphrase": "cHcvd2l0aCtvZGQ6Y2hhcnMtOGMyZQ=="}
    }
    path = box.calls[1][1]
    assert "startDate=2026-01-01T08:15:00.000Z&" in path, "dates as they are"
    assert "a%20b%2Bc%26d%3D%C3%BC" in path, "blanks are no plus signs"
    assert "a@x.example" in path
    assert parse_qs(urlsplit(path).query)["subjectfilterValue"] == ["a b+c&d=ü"]
    assert box.calls[1][2]["jwtToken"] == TOKEN
    assert "Authorization" not in box.calls[1][2]
    assert client.calls == 2


def cookies_of(box: Box) -> list[str | None]:
    return [headers.get("Cookie") for _method, _path, headers, _body in box.calls]


@pytest.mark.parametrize("words", ["ExpiredSignatureError.", "InvalidTokenError.", "Words of another release."])
def test_an_expired_token_is_renewed_without_the_old_cookies(box: Box, client: ApiClient, words: str) -> None:
    """A token that was good before has ended, whatever the words."""
    first, second = tuple(range(1, 101)), tuple(range(101, 121))
    box.answers[SEARCH] = [(200, page(*first)), (401, error(401, words)), (200, page(*second))]
    assert len(read_messages(client, {}, 1000)["messages"]) == 120
    assert [asked.split("/")[-1] for asked in box.asked] == ["login", "messages", "messages", "login", "messages"]
    assert cookies_of(box) == [None, "sessionid=s1", "sessionid=s2", None, "sessionid=s4"]


@pytest.mark.parametrize("words", ["ExpiredSignatureError.", "InvalidTokenError.", "INVALIDTOKENERROR"])
def test_a_token_that_is_always_rejected_is_renewed_once(box: Box, client: ApiClient, words: str) -> None:
    box.answers[SEARCH] = [(401, error(401, words))]
    caught = failure(client, AccessRefused)
    assert "401 right after a log-in" in str(caught) and words in str(caught)
    assert [asked.split("/")[-1] for asked in box.asked] == ["login", "messages"] * 2
    assert cookies_of(box) == [None, "sessionid=s1", None, "sessionid=s3"]


@pytest.mark.parametrize("body", [error(401, "Unauthorized."), {"error": "no"}, {"error": {"message": 7}}, b"<html>"])
def test_a_role_without_rights_causes_no_second_log_in(box: Box, client: ApiClient, body: Any) -> None:
    box.answers[SEARCH] = [(401, body)]
    assert "role of this user" in str(failure(client, AccessRefused))
    assert box.log_ins == 1


def test_a_wrong_password_is_sent_once(box: Box, client: ApiClient) -> None:
    """Also while waiting, where it is refused at once, and where it is refused only after a token has ended."""
    refused = (401, error(401, "Invalid username or passphrase."))
    box.answers[LOGIN] = [refused]
    with pytest.raises(AccessRefused, match="locks after 5"):
        wait_for(client, [])
    assert len(box.calls) == 1
    box.answers[LOGIN] = [(200, {"data": {"jwtToken": TOKEN}}), refused]
    box.answers[SEARCH] = [(200, page()), (401, error(401, "ExpiredSignatureError."))]
    with pytest.raises(AccessRefused, match="username and password"):
        wait_for(client, [])
    assert box.log_ins == 3


def test_an_unreadable_answer_to_a_log_in_is_not_shown(box: Box, client: ApiClient) -> None:
    box.answers[LOGIN] = [(200, b'{"data": {"jwtToken": "half-of-a-token')]
    assert "half-of-a-token" not in str(failure(client, AnswerUnreadable))


@pytest.mark.parametrize(
    ("pages", "most", "mids", "total", "truncated"),
    [
        ([page()], 1000, [], 0, False),
        ([page(1, 2)], 1000, [1, 2], 2, False),
        ([page(*range(100)), page()], 1000, list(range(100)), 100, False),
        ([page(*range(100)), page(100, 101)], 1000, list(range(102)), 102, False),
        ([page(*range(100), total=102), page(100, 101, total=102)], 1000, list(range(102)), 102, False),
        ([page(*range(100)), page(99, 100)], 1000, list(range(101)), 101, False),
        ([page(*range(100)), page(*range(100))], 1000, list(range(100)), 100, False),
        ([page(*range(20), total=22), page(20, 21, total=22)], 1000, list(range(22)), 22, False),
        ([page(*range(98), bad=2), page(98)], 1000, list(range(99)), 99, False),
        ([page(*range(100))], 50, list(range(50)), 100, True),
        ([page(*range(100))], 100, list(range(100)), 100, True),
        ([page(*range(50))], 50, list(range(50)), 50, False),
        ([page(*range(50), total="x")], 1000, list(range(50)), 50, False),
    ],
)
def test_pages(
    box: Box, client: ApiClient, pages: list[Any], most: int, mids: list[int], total: int, truncated: bool
) -> None:
    box.answers[SEARCH] = [(200, one) for one in pages]
    found = read_messages(client, {}, most)
    assert [message["mids"][0] for message in found["messages"]] == mids
    assert (found["total"], found["truncated"]) == (total, truncated)
    assert len(box.calls) == 1 + len(pages)
    offsets = [
        int(parse_qs(urlsplit(path).query)["offset"][0]) for method, path, *_rest in box.calls if method == "GET"
    ]
    assert offsets[0] == 0 and offsets == sorted(set(offsets))


def test_messages_without_mid_are_all_kept(box: Box, client: ApiClient) -> None:
    box.answers[SEARCH] = [(200, {"data": [{"attributes": {"subject": "a"}}, {"subject": "b"}]})]
    assert [one["subject"] for one in read_messages(client, {}, 10)["messages"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("where", "status", "body", "kind", "words"),
    [
        (
            LOGIN,
            401,
            error(401, "Invalid username or passphrase."),
            AccessRefused,
            ["passphrase. 401 = Words", "username"],
        ),
        (LOGIN, 404, error(404, "Not Found."), Refused, ["404", "product", "6443"]),
        (LOGIN, 404, b"<html>", ApiError, ["404", "port"]),
        (LOGIN, 404, error(404, "Not Found."), Refused, ["404", "443", "hosted"]),
        (LOGIN, 500, error(500, "No."), LogInLost, ["500", "not repeated", "lock"]),
        (LOGIN, 200, b"<html>Welcome</html>", AnswerUnreadable, ["not JSON", "text/html", "port"]),
        (LOGIN, 200, {"data": {"token": "x"}}, AnswerUnreadable, ["jwtToken", "token"]),
        (LOGIN, 200, {"data": {"is2FactorRedirectRequired": True}}, AccessRefused, ["second factor", "local user"]),
        (SEARCH, 403, error(403, "Request forbidden."), Refused, ["403", "Request forbidden. 403 =", "role"]),
        (SEARCH, 400, error(400, "Wrong parameter."), Refused, ["Wrong parameter.", "filters"]),
        (SEARCH, 500, b"", AnswerLost, ["500", "shorter time"]),
        (SEARCH, 418, {"error": "teapot"}, Refused, ["418", "teapot"]),
        (SEARCH, 200, {"meta": {}}, AnswerUnreadable, ['no list "data"', "meta"]),
        (SEARCH, 200, [], AnswerUnreadable, ['no list "data"']),
        (SEARCH, 200, {"data": ["x"]}, AnswerUnreadable, ["attributes"]),
    ],
)
def test_failures(
    box: Box,
    client: ApiClient,
    where: tuple[str, str],
    status: int,
    body: Any,
    kind: type[ApiError],
    words: list[str],
) -> None:
    box.answers[where] = [(status, body)]
    caught = failure(client, kind)
    for word in words:
        assert word in str(caught), (word, str(caught))
    assert client.host in str(caught)


@pytest.mark.parametrize(
    ("status", "message", "refusal", "fix"),
    [
        (404, "Message Tracking is not enabled.", "tracking_off", "enable message tracking"),
        (403, "Message Tracking is not enabled.", "tracking_off", "enable message tracking"),
        (404, "Centralized Message Tracking service is currently disabled", "tracking_off", "enable message tracking"),
        (404, "Message tracking has not been enabled on this appliance.", "tracking_off", "enable message tracking"),
        (404, "Message tracking is not enabled for helpdesk users.", "other", "unknown to this collection"),
        (
            404,
            "startDate and endDate attribute supports only 00 seconds and 000 microseconds.",
            "bad_attribute",
            "filters",
        ),
        (404, "Missing attribute - startDate or endDate.", "bad_attribute", "filters"),
        (404, "Invalid parameter ciscoMid", "bad_attribute", "filters"),
        (404, "Not Found.", "no_path", "check product"),
        (404, "  not   found ", "no_path", "check product"),
        (404, "The operation cannot be completed at this time.", "other", "unknown to this collection"),
        (404, "Advanced Malware Protection is not enabled.", "other", "unknown to this collection"),
        (404, "Message Tracking is not enabled. Wrong attribute.", "other", "unknown to this collection"),
        (404, "", "other", "unknown to this collection"),
        (403, "Not permitted.", "other", "role"),
    ],
)
def test_a_refusal_is_classified_by_its_message(
    box: Box, client: ApiClient, status: int, message: str, refusal: str, fix: str
) -> None:
    """The explanation is the same for all (grade A)."""
    body = {"message": message, "code": str(status), "explanation": "404 = Nothing matches the given URI."}
    box.answers[SEARCH] = [(status, {"error": body})]
    caught = failure(client, SearchRefused)
    assert isinstance(caught, SearchRefused)
    assert (caught.refusal, caught.error) == (refusal, message or None)
    assert fix in str(caught.fix)


def test_an_html_page_is_an_unknown_refusal(box: Box, client: ApiClient) -> None:
    box.answers[SEARCH] = [(404, b"<html><title>Message Tracking is not enabled.</title></html>")]
    caught = failure(client, SearchRefused)
    assert isinstance(caught, SearchRefused)
    assert caught.refusal == "other" and "<html>" in str(caught)


@pytest.mark.parametrize(
    "message", ["No such message.", "No messages found.", "The message was not found.", "No matching records"]
)
def test_no_such_message_is_an_empty_result(box: Box, client: ApiClient, message: str) -> None:
    box.answers[SEARCH] = [(404, error(404, message))]
    found = read_messages(client, {}, 10)
    assert (found["messages"], found["total"], found["truncated"]) == ([], 0, False)
    box.answers[SEARCH] = [(200, page(*range(100))), (404, error(404, message))]
    assert len(read_messages(client, {}, 1000)["messages"]) == 100


def test_an_answer_that_repeats_secrets_is_masked(box: Box, client: ApiClient) -> None:
    box.answers[SEARCH] = [(400, error(400, f"{TOKEN} {PASSWORD} cHcvd2l0aCtvZGQ6Y2hhcnMtOGMyZQ=="))]
    assert "cHcvd2l0" not in str(failure(client))


def test_redirects_are_refused(box: Box, client: ApiClient) -> None:
    box.location = "https://other.example.com/"
    box.answers[LOGIN] = [(302, b"")]
    assert "other.example.com" in str(failure(client, AnswerUnreadable))
    assert len(box.calls) == 1


def test_certificates(box: Box, options: dict[str, Any]) -> None:
    with ApiClient(**{**options, "ca_path": None}) as client:
        caught = failure(client, CertificateRefused)
        assert "certificate is not trusted" in str(caught) and "ca_path" in str(caught)
    with ApiClient(**{**options, "ca_path": None, "validate_certs": False}) as client:
        assert read_messages(client, {}, 1)["messages"] == []
    with pytest.raises(OptionRefused, match="ca_path"):
        ApiClient(**{**options, "ca_path": "/nowhere/ca.pem"})
    assert len(box.calls) == 2


def test_an_unreachable_host_is_reported(options: dict[str, Any]) -> None:
    with ApiClient(**{**options, "host": "127.0.0.1", "port": 1}) as client:
        caught = failure(client, NotSent)
    assert "127.0.0.1:1" in str(caught) and "firewall" in str(caught)


def test_addresses_of_version_6_are_put_in_brackets(options: dict[str, Any]) -> None:
    for host in ("2001:db8::7", "[2001:db8::7]"):
        with ApiClient(**{**options, "host": host, "port": 6443}) as client:
            assert client.host == "[2001:db8::7]:6443"


def test_waiting_ends_with_the_first_message(box: Box, client: ApiClient) -> None:
    pauses: list[float] = []
    box.answers[SEARCH] = [(200, page()), (200, page()), (200, page(7))]
    waiting = {**OPTIONS, "wait_timeout": 60.0}
    found = find_messages(client, waiting, sleep=pauses.append, clock=lambda: sum(pauses))
    assert found["messages"][0]["mids"] == [7]
    assert pauses == [1.0, 1.0]
    starts = {parse_qs(urlsplit(path).query)["startDate"][0] for method, path, *_rest in box.calls if method == "GET"}
    assert len(starts) == 1, "the begin of the window stays"


@pytest.mark.parametrize(("ahead", "shown"), [(7200, 7200), (-7200, -7200), (20, 0)])
def test_the_difference_of_the_clocks(
    box: Box, client: ApiClient, monkeypatch: pytest.MonkeyPatch, ahead: int, shown: int
) -> None:
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda _self: formatdate(time.time() + ahead))
    box.answers[SEARCH] = [(200, page(7))]
    assert abs(find_messages(client, OPTIONS)["clock_difference"] - shown) <= 5


def test_a_repetition_ends_where_progress_can_be_shown(box: Box, client: ApiClient) -> None:
    pauses: list[float] = []
    box.answers[SEARCH] = [(200, page()), (200, page()), (200, page(7))]

    def look(**progress: float) -> dict[str, Any]:
        waiting = {**OPTIONS, "last": "1h", "wait_timeout": 3600.0}
        waiting["wait_progress"] = {"seen": None, "elapsed": 0.0, **progress}
        return find_messages(client, waiting, sleep=pauses.append, clock=lambda: sum(pauses))

    first = look()
    assert (first["waited"], pauses) == ({"tracked": 0, "of": 1, "done": False}, [])
    last = look(seen=0, elapsed=30.0)
    assert (last["waited"], pauses) == ({"tracked": 1, "of": 1, "done": True}, [1.0, 1.0])
    box.answers[SEARCH] = [(200, page())] * 9
    began = datetime.fromisoformat(look(elapsed=1800.0)["start"])
    assert timedelta(minutes=89) < datetime.now(UTC) - began < timedelta(minutes=92), "the window keeps its start"
    with pytest.raises(MessageNotTracked):
        look(seen=0, elapsed=3600.0)


def wait_for(client: ApiClient, pauses: list[float], **options: Any) -> dict[str, Any]:
    """Wait for a message for 60 s of a clock that only pauses advance."""
    warnings: list[str] = []
    waiting = {**OPTIONS, "wait_timeout": 60.0, **options}
    found = find_messages(client, waiting, warn=warnings.append, sleep=pauses.append, clock=lambda: sum(pauses))
    return {**found, "warnings": warnings}


def test_waiting_times_out_without_a_message(box: Box, client: ApiClient) -> None:
    pauses: list[float] = []
    with pytest.raises(MessageNotTracked) as caught:
        wait_for(client, pauses, wait_timeout=2.5)
    assert "within 2.5 s" in str(caught.value) and client.host in str(caught.value)
    assert pauses == [1.0, 1.0, 0.5]
    box.answers[SEARCH] = [(200, page()), TOO_BUSY, (200, page())]
    with pytest.raises(MessageNotTracked, match="1 searches failed, the last with: answered 503"):
        wait_for(client, [], wait_timeout=2.5)


FAILURES = {
    "503": TOO_BUSY,
    "500": (500, b""),
    "504": (504, b"<html>"),
    "dropped": (0, DROP),
    "time-out": (0, SLOW),
}


@pytest.mark.parametrize("how", FAILURES)
def test_a_failed_search_is_repeated_while_waiting(box: Box, options: dict[str, Any], how: str) -> None:
    pauses: list[float] = []
    box.answers[SEARCH] = [(200, page()), FAILURES[how], FAILURES[how], (200, page(7))]
    with ApiClient(**{**options, "timeout": SLOW_SECONDS / 2}) as client:
        found = wait_for(client, pauses)
    assert found["messages"][0]["mids"] == [7]
    assert pauses == [1.0, 1.0, 1.0]
    assert box.log_ins == 1
    [warning] = found["warnings"]
    assert warning.startswith(f"{client.host}: a search failed and is repeated: ")


@pytest.mark.parametrize("how", FAILURES)
def test_a_search_that_fails_until_the_time_out(box: Box, options: dict[str, Any], how: str) -> None:
    box.answers[SEARCH] = [FAILURES[how]]
    pauses: list[float] = []
    with ApiClient(**{**options, "timeout": SLOW_SECONDS / 2}) as client, pytest.raises(AnswerLost) as caught:
        wait_for(client, pauses, wait_timeout=2.5)
    assert pauses == [1.0, 1.0, 0.5]
    assert "when wait_timeout ended (2.5 s)" in str(caught.value)
    assert "esa_ctr_verify_timeout" in str(caught.value)
    assert ("esa_ctr_api_timeout" in str(caught.value)) is (how == "time-out")


@pytest.mark.parametrize("how", FAILURES)
def test_without_waiting_a_search_is_not_repeated(box: Box, options: dict[str, Any], how: str) -> None:
    box.answers[SEARCH] = [FAILURES[how]]
    with ApiClient(**{**options, "timeout": SLOW_SECONDS / 2}) as client:
        failure(client, AnswerLost)
    assert len(box.calls) == 2


@pytest.mark.parametrize(
    "answer",
    [(404, error(404, "Not Found.")), (401, error(401, "Unauthorized.")), (400, error(400, "No.")), (200, b"<html>")],
)
def test_a_refusal_is_not_repeated(box: Box, client: ApiClient, answer: tuple[int, Any]) -> None:
    pauses: list[float] = []
    box.answers[SEARCH] = [answer]
    with pytest.raises(ApiError):
        wait_for(client, pauses)
    assert (len(box.calls), pauses) == (2, [])


@pytest.mark.parametrize("how", FAILURES)
def test_a_log_in_without_an_answer_is_repeated_only_after_one_that_succeeded(
    box: Box, options: dict[str, Any], how: str
) -> None:
    """A wrong password must not be sent repeatedly if the appliance refuses it slowly."""
    granted = (200, {"data": {"jwtToken": TOKEN}})
    quick = {**options, "timeout": SLOW_SECONDS / 2}
    box.answers[LOGIN] = [FAILURES[how]]
    with ApiClient(**quick) as client, pytest.raises(LogInLost, match="is not repeated"):
        wait_for(client, [])
    assert box.log_ins == 1
    box.answers = {LOGIN: [FAILURES[how], granted], SEARCH: [(200, page(7))]}
    with ApiClient(**quick, logged_in_before=True) as client:
        assert wait_for(client, [])["messages"][0]["mids"] == [7]
    box.answers[LOGIN] = [granted, FAILURES[how], granted]
    box.answers[SEARCH] = [(200, page()), (401, error(401, "ExpiredSignatureError.")), (200, page(8))]
    with ApiClient(**quick) as client:
        assert wait_for(client, [])["messages"][0]["mids"] == [8]


@pytest.mark.parametrize(
    ("progress", "repeated"),
    [(None, False), ({"seen": None, "elapsed": 0.0}, False), ({"seen": 0, "elapsed": 5.0}, True)],
)
def test_the_action_plugin_repeats_the_module_only_after_a_log_in(
    options: dict[str, Any], progress: dict[str, Any] | None, repeated: bool
) -> None:
    given = {name: spec.get("default") for name, spec in tracking_argument_spec().items()}
    with client_of_options({**given, **options, "wait_progress": progress}) as client:
        assert client.may_repeat(LogInLost("no answer")) is repeated


def test_a_temporarily_unreachable_appliance(options: dict[str, Any]) -> None:
    """One that was reached before may come back; one never reached is more likely misspelt."""
    away = {**options, "host": "127.0.0.1", "port": 1}
    for before, expected in ((False, []), (True, [1.0, 1.0, 0.5])):
        pauses: list[float] = []
        with ApiClient(**away, logged_in_before=before) as client, pytest.raises(NotSent, match="firewall"):
            wait_for(client, pauses, wait_timeout=2.5)
        assert pauses == expected


def test_without_waiting_an_empty_result_succeeds(client: ApiClient) -> None:
    found = find_messages(client, OPTIONS)
    assert found["messages"] == [] and found["changed"] is False
