# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client and the search against a small real HTTPS server: log-in, renewal, pages, strange answers, secrets."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import certifi
import pytest
import trustme

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.client import ApiClient
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.filters import filters_spec
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import (
    WaitedInVain,
    find_messages,
    read_messages,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._https.errors import (
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


class Box:
    """Answers what the test says, in turn; the last answer stays. ``calls`` is what was asked."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], list[tuple[int, Any]]] = {
            LOGIN: [(200, {"data": {"jwtToken": TOKEN}})],
            SEARCH: [(200, page())],
        }
        self.calls: list[tuple[str, str, dict[str, str], str]] = []
        self.location: str | None = None

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        answers = self.answers.get((method, path), [(404, error(404, "Not Found."))])
        return answers.pop(0) if len(answers) > 1 else answers[0]

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
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
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
    assert caught.value.remedy
    return caught.value


def test_log_in_and_query_as_they_travel(box: Box, client: ApiClient) -> None:
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


def test_a_token_is_renewed_once_in_the_middle(box: Box, client: ApiClient) -> None:
    first, second = tuple(range(1, 101)), tuple(range(101, 121))
    box.answers[SEARCH] = [(200, page(*first)), (401, error(401, "Expired.")), (200, page(*second))]
    assert len(read_messages(client, {}, 1000)["messages"]) == 120
    assert [asked.split("/")[-1] for asked in box.asked] == ["login", "messages", "messages", "login", "messages"]


def test_a_token_that_is_never_good(box: Box, client: ApiClient) -> None:
    box.answers[SEARCH] = [(401, error(401, "No."))]
    assert "401 twice" in str(failure(client, AccessRefused))
    assert len(box.calls) == 4


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
        (LOGIN, 500, error(500, "No."), AnswerLost, ["500", "later"]),
        (LOGIN, 200, b"<html>Welcome</html>", AnswerUnreadable, ["not JSON", "text/html", "port"]),
        (LOGIN, 200, {"data": {"token": "x"}}, AnswerUnreadable, ["jwtToken", "token"]),
        (LOGIN, 200, {"data": {"is2FactorRedirectRequired": True}}, AccessRefused, ["second factor", "local account"]),
        (SEARCH, 403, error(403, "Message Tracking is not enabled."), Refused, ["not enabled. 403 =", "Enable"]),
        (SEARCH, 404, error(404, "Not Found."), Refused, ["404", "Enable message tracking", "older AsyncOS"]),
        (SEARCH, 400, error(400, "Wrong parameter."), Refused, ["Wrong parameter.", "filters"]),
        (SEARCH, 500, b"", AnswerLost, ["500", "shorter time"]),
        (SEARCH, 418, {"error": "teapot"}, Refused, ["418", "teapot"]),
        (SEARCH, 200, {"meta": {}}, AnswerUnreadable, ['a list "data"', "meta"]),
        (SEARCH, 200, [], AnswerUnreadable, ['a list "data"']),
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
        assert "certificate verify failed" in str(caught) and "ca_path" in str(caught)
    with ApiClient(**{**options, "ca_path": None, "validate_certs": False}) as client:
        assert read_messages(client, {}, 1)["messages"] == []
    with pytest.raises(OptionRefused, match="ca_path"):
        ApiClient(**{**options, "ca_path": "/nowhere/ca.pem"})
    assert len(box.calls) == 2


def test_nobody_is_there(options: dict[str, Any]) -> None:
    with ApiClient(**{**options, "host": "127.0.0.1", "port": 1}) as client:
        caught = failure(client, NotSent)
    assert "127.0.0.1:1" in str(caught) and "firewall" in str(caught)


def test_addresses_of_version_6_are_put_in_brackets(options: dict[str, Any]) -> None:
    for host in ("2001:db8::7", "[2001:db8::7]"):
        with ApiClient(**{**options, "host": host, "port": 6443}) as client:
            assert client.host == "[2001:db8::7]:6443"


def test_waiting_until_there_is_one(box: Box, client: ApiClient) -> None:
    pauses: list[float] = []
    box.answers[SEARCH] = [(200, page()), (200, page()), (200, page(7))]
    waiting = {**OPTIONS, "wait_timeout": 60.0}
    found = find_messages(client, waiting, sleep=pauses.append, clock=lambda: sum(pauses))
    assert found["messages"][0]["mids"] == [7]
    assert pauses == [1.0, 1.0]
    starts = {parse_qs(urlsplit(path).query)["startDate"][0] for method, path, *_rest in box.calls if method == "GET"}
    assert len(starts) == 1, "the begin of the window stays"


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
    with pytest.raises(WaitedInVain):
        look(seen=0, elapsed=3600.0)


def test_waiting_in_vain(box: Box, client: ApiClient) -> None:
    pauses: list[float] = []
    waiting = {**OPTIONS, "wait_timeout": 2.5}
    with pytest.raises(WaitedInVain) as caught:
        find_messages(client, waiting, sleep=pauses.append, clock=lambda: sum(pauses))
    assert "within 2.5 s" in str(caught.value) and client.host in str(caught.value)
    assert pauses == [1.0, 1.0, 0.5]


def test_without_waiting_nothing_found_is_no_failure(client: ApiClient) -> None:
    found = find_messages(client, OPTIONS)
    assert found["messages"] == [] and found["changed"] is False
