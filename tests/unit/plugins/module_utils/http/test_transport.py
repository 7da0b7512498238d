# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time and size of a whole answer are limited, for any server or proxy, over TLS on loopback."""

from __future__ import annotations

import gzip
import os
import re
import resource
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._http import body, errors
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import WHOLE_ANSWER, Transport
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, Secrets
from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.http.hostile_server import (
    HostileServer,
    dripping,
    endless,
    head,
    ok,
)

TIMEOUT = 0.25
LIMIT = WHOLE_ANSWER * TIMEOUT
SLACK = 3.0
"""Seconds that a loaded machine may need in addition to the limit."""


@pytest.fixture
def server(ca: Any) -> Iterator[HostileServer]:
    one = HostileServer(ca)
    yield one
    one.stop()


@pytest.fixture
def make(ca_path: str) -> Iterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def make(server: HostileServer, **options: Any) -> Transport:
        settings = {"api_url": server.url, "verify": ca_path, "proxy": None, "timeout": TIMEOUT, "secrets": Secrets()}
        made.append(Transport(**{**settings, **options}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def fails_in_time(transport: Transport, kind: type[errors.ApiError] = errors.AnswerEndless) -> errors.ApiError:
    begin = time.monotonic()
    with pytest.raises(kind) as caught:
        transport.send("GET", "/x")
    assert time.monotonic() - begin < LIMIT + SLACK
    assert "localhost" in str(caught.value)
    return caught.value


CHUNKED = head("Transfer-Encoding: chunked")
DRIPS: dict[str, Callable[[], Iterator[bytes]]] = {
    "nothing but an unfinished status line": lambda: dripping(b"HTTP/1.1 200 O", b"K"),
    "header lines": lambda: dripping(head()[:-2], b"X: y\r\n"),
    "one header line": lambda: dripping(head()[:-2] + b"X: ", b"y"),
    "answers of 100 Continue": lambda: dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body of known length": lambda: dripping(head("Content-length: 1000000")),
    "a body until the end of the connection": lambda: dripping(head("Connection: close")),
    "chunks": lambda: dripping(CHUNKED, b"1\r\n \r\n"),
    "the length of a chunk": lambda: dripping(CHUNKED, b"0"),
    "the extension of a chunk": lambda: dripping(CHUNKED + b"1;", b"x"),
    "trailers": lambda: dripping(CHUNKED + b"0\r\n", b"X: y\r\n"),
    "a compressed body": lambda: dripping(
        head("Content-Encoding: gzip") + gzip.compress(b"[]")[:10], b"\0\0\0\xff\xff"
    ),
    "the body of an error": lambda: dripping(head("Content-length: 1000000", status="400 Bad Request")),
    "the body of a 503": lambda: dripping(head("Content-length: 1000000", status="503 Unavailable")),
}


@pytest.mark.parametrize("what", DRIPS)
def test_a_slow_server_is_stopped_at_the_time_limit(
    make: Callable[..., Transport], server: HostileServer, what: str
) -> None:
    server.behaviour = DRIPS[what]
    error = fails_in_time(make(server))
    said = str(error)
    # 100 lines of headers may be over before the time is.
    assert f"not complete within {LIMIT:g} s" in said or "headers of the answer are too large" in said
    assert "timeout" in str(error.fix) or "api_url" in str(error.fix)


def test_a_redirect_is_refused_without_reading_its_body(make: Callable[..., Transport], server: HostileServer) -> None:
    moved = head("Location: https://elsewhere.example.com/", "Content-length: 1000000", status="302 Found")
    server.behaviour = lambda: dripping(moved)
    assert "elsewhere.example.com" in str(fails_in_time(make(server), errors.AnswerUnreadable))


SECRET = "s3crät/of the client"


def of_type(kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 1\r\n\r\nx".encode()


def to_host(host: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: https://{host}\r\n\r\n".encode()


REPEATED: dict[str, bytes] = {
    "the media type": of_type(f"text/{SECRET}; charset=utf-8"),
    "the media type, beyond what is shown": of_type("x" * 90 + SECRET),
    "the host of a redirect": to_host(f"{SECRET}.example.com/"),
    "the host of a redirect, beyond what is shown": to_host("x" * 250 + SECRET),
    "an invalid status line": f"HTTP/1.1 {SECRET}\r\n\r\n".encode(),
    "an invalid status line, beyond what is shown": f"HTTP/1.1 {'x' * 180}{SECRET}\r\n\r\n".encode(),
}


@pytest.mark.parametrize("what", REPEATED)
def test_a_secret_in_the_headers_is_masked_before_the_text_is_cut(
    make: Callable[..., Transport], server: HostileServer, what: str
) -> None:
    secrets = Secrets(SECRET)
    server.behaviour = lambda: [REPEATED[what]]
    with pytest.raises(errors.ApiError) as caught:
        make(server, secrets=secrets).send("GET", "/x").json(secrets)
    shown = str(caught.value)
    assert "s3c" not in shown and "client" not in shown.replace("api_url", "")
    assert MASK in shown or "beyond" in what or "redirects to another host;" in shown


@pytest.mark.parametrize("value", ["Bearer s3cr€t", "s3c\u4e2dret"])
def test_a_header_that_cannot_be_sent_is_refused_without_a_part_of_it(
    make: Callable[..., Transport], server: HostileServer, value: str
) -> None:
    with pytest.raises(errors.OptionRefused, match="characters that HTTP cannot send") as caught:
        make(server).send("POST", "/x", headers={"Authorization": value})
    assert not {"€", "20ac", "4e2d", "position"} & set(re.findall(r"\w+|€", str(caught.value)))
    assert server.requests == 0


ENDLESS: dict[str, Callable[[], Iterator[bytes]]] = {
    "a body": lambda: endless(head("Connection: close"), b"[1," * 100_000),
    "a body of an absurd length": lambda: endless(head(f"Content-length: {10**15}"), b" " * 300_000),
    "chunks": lambda: endless(CHUNKED, b"10000\r\n" + b" " * 0x10000 + b"\r\n"),
    "one chunk": lambda: endless(CHUNKED + b"ffffffffffffffff\r\n", b" " * 300_000),
    "the length of a chunk": lambda: endless(CHUNKED, b"0" * 300_000),
    "trailers": lambda: endless(CHUNKED + b"0\r\n", b"X" * 300_000),
    "the status line": lambda: endless(b"HTTP/1.1 ", b"2" * 300_000),
    "one header line": lambda: endless(head()[:-2], b"X" * 300_000),
    "header lines": lambda: endless(head()[:-2], b"X: y\r\n" * 10_000),
    "long header lines": lambda: endless(head()[:-2], b"X: " + b"y" * 60_000 + b"\r\n"),
    "an error": lambda: endless(head("Connection: close", status="500 No"), b" " * 300_000),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_an_endless_answer_uses_bounded_memory(
    make: Callable[..., Transport], server: HostileServer, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(body, "LARGEST_BODY", 2 * 1024**2)
    server.behaviour = ENDLESS[what]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fails_in_time(make(server, timeout=5.0), errors.AnswerLost)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 60, f"{grown:.0f} MB"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip"])
def test_a_compressed_bomb(make: Callable[..., Transport], server: HostileServer, encoding: str) -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS if encoding == "deflate" else 16 + zlib.MAX_WBITS)
    bomb = b"".join(squeeze.compress(b" " * 1024**2) for _time in range(500)) + squeeze.flush()
    assert len(bomb) < 1024**2
    server.behaviour = lambda: [ok(bomb, f"Content-Encoding: {encoding}")]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = fails_in_time(make(server, timeout=10.0))
    assert "larger than 50 MB" in str(error)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 150


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "nonsense"])
def test_an_unrequested_encoding_is_refused(
    make: Callable[..., Transport], server: HostileServer, encoding: str
) -> None:
    server.behaviour = lambda: [ok(b"[]", f"Content-Encoding: {encoding}")]
    assert encoding in str(fails_in_time(make(server), errors.AnswerLost))


NO_GZIP = {
    "rubbish": b"rubbish",
    "all but the last byte": gzip.compress(os.urandom(5000))[:-1],
    "the beginning": gzip.compress(b"[]")[:12],
}


@pytest.mark.parametrize("content", NO_GZIP.values(), ids=NO_GZIP)
def test_an_invalid_compressed_answer_is_refused(
    make: Callable[..., Transport], server: HostileServer, content: bytes
) -> None:
    server.behaviour = lambda: [ok(content, "Content-Encoding: gzip")]
    assert "compressed answer" in str(fails_in_time(make(server), errors.AnswerLost))


WHOLE = b"[" + b"1," * 400_000 + b"1]"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: [ok(WHOLE)],
        lambda: [ok(gzip.compress(WHOLE), "Content-Encoding: gzip")],
        lambda: [ok(zlib.compress(WHOLE), "Content-Encoding: deflate")],
        lambda: [CHUNKED, b"%x\r\n" % len(WHOLE), WHOLE, b"\r\n0\r\n\r\n"],
        lambda: [head("Connection: close"), WHOLE],
    ],
)
def test_whole_answers_are_returned(make: Callable[..., Transport], server: HostileServer, answer: Any) -> None:
    server.behaviour = answer
    assert make(server, timeout=10.0).send("GET", "/x").body == WHOLE


def test_an_incomplete_answer_is_refused(make: Callable[..., Transport], server: HostileServer) -> None:
    for half in ([head("Content-length: 10"), b"[]"], [CHUNKED, b"2\r\n[]\r\n"], [CHUNKED, b"9\r\n[]"]):
        server.behaviour = lambda half=half: half
        assert "connection broke" in str(fails_in_time(make(server), errors.AnswerLost))


def test_connections_are_reused_and_closed(make: Callable[..., Transport], server: HostileServer) -> None:
    transport = make(server)
    for chunked in (False, True, False):
        reply = CHUNKED + b"2\r\n[]\r\n0\r\n\r\nContent-Length"[:-14] if chunked else ok(b"[]")
        server.behaviour = lambda reply=reply: [reply]
        assert transport.send("GET", "/x").body == b"[]"
    server.behaviour = lambda: [ok(b"[]")]
    for _time in range(5):
        transport.send("GET", "/x")
    assert server.connections <= 2, "a chunked answer of this server ends its connection"
    before = len(os.listdir("/proc/self/fd"))
    server.behaviour = lambda: dripping(head("Content-length: 1000"))
    for _time in range(3):
        fails_in_time(transport)
    transport.close()
    assert len(os.listdir("/proc/self/fd")) <= before
    assert threading.active_count() < 50


def test_after_an_answer_that_was_cut_off_the_next_request_works(
    make: Callable[..., Transport], server: HostileServer
) -> None:
    transport = make(server)
    server.behaviour = lambda: dripping(head("Content-length: 1000"))
    fails_in_time(transport)
    server.behaviour = lambda: [ok(b"[]")]
    assert transport.send("GET", "/x").body == b"[]"


def test_a_slow_handshake_is_stopped_at_the_time_limit(make: Callable[..., Transport], ca: Any) -> None:
    plain = HostileServer(ca, tls=False)
    plain._request = lambda near: bool(near.recv(65536))  # type: ignore[method-assign]
    # A TLS record of 16,000 bytes that comes one by one.
    plain.behaviour = lambda: dripping(b"\x16\x03\x03\x3e\x80", b"\x02")
    begin = time.monotonic()
    with pytest.raises(errors.ApiError):
        make(plain).send("GET", "/x")
    assert time.monotonic() - begin < LIMIT + SLACK
    plain.stop()


@pytest.mark.parametrize("lines", [b"X: y\r\n", b"y"])
def test_a_slow_proxy_is_stopped_at_the_time_limit(
    make: Callable[..., Transport], server: HostileServer, ca: Any, lines: bytes
) -> None:
    proxy = HostileServer(ca, tls=False)
    proxy.behaviour = lambda: dripping(b"HTTP/1.1 200 OK\r\n", lines)
    fails_in_time(make(server, proxy=f"http://localhost:{proxy.port}"), errors.ApiError)
    assert server.connections == 0
    proxy.stop()


def test_the_time_limit_applies_through_a_proxy(make: Callable[..., Transport], server: HostileServer) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        sink.close()

    def serve() -> None:
        while True:
            try:
                near, _address = listener.accept()
            except OSError:
                return
            near.recv(65536)
            far = socket.create_connection(("127.0.0.1", server.port))
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            threading.Thread(target=pump, args=(near, far), daemon=True).start()
            threading.Thread(target=pump, args=(far, near), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    transport = make(server, proxy=f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert transport.send("GET", "/x").body == b"[]"
    server.behaviour = lambda: dripping(head("Connection: close"))
    fails_in_time(transport)
    listener.close()
