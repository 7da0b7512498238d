# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""A server over TLS that repeats secrets in the reason, the headers and the body of its refusals.

It is a webhook, or the REST API of an appliance: then it accepts the log-in, and refuses every search.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyTmFtZSI6ImFkbWluIn0.c2lnbmF0dXJlLW9mLXRoZS1zZWNyZXQtdG9rZW4"
HEADERS = ("WWW-Authenticate", "Location", "Retry-After", "Set-Cookie", "X-Ratelimit-Org-Remaining", "X-Trace-Id")


class EchoServer(ThreadingHTTPServer):
    """Refuses with ``status``, and repeats ``texts``. ``got``: methods and paths of the requests, in their order."""

    def __init__(self, ca: trustme.CA, texts: list[str], status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.texts, self.status = texts, status
        self.got: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)


class _Handler(BaseHTTPRequestHandler):
    server: EchoServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._refuse()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/login"):
            self._send(200, "OK", {}, {"data": {"jwtToken": JWT, "userName": "admin"}})
        else:
            self._refuse()

    def _refuse(self) -> None:
        self.server.got.append(f"{self.command} {self.path}")
        texts = self.server.texts
        headers = {name: texts[number % len(texts)] for number, name in enumerate(HEADERS)}
        error = {"message": " ".join(texts), "explanation": " ".join(reversed(texts)), "code": str(self.server.status)}
        self._send(self.server.status, texts[0], headers, {"error": error})

    def _send(self, status: int, reason: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status, _bytes_of(reason))
        for name, value in headers.items():
            self.send_header(name, _bytes_of(value))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        pass


def _bytes_of(text: str) -> str:
    """Return the text that http.server sends as these characters in UTF-8."""
    return text.encode().decode("latin-1")


@contextlib.contextmanager
def echoing(texts: list[str], status: int, folder: Path) -> Iterator[tuple[EchoServer, str]]:
    """Yield a server, and the path of its CA certificate."""
    ca = trustme.CA()
    path = folder / f"echo-{status}.pem"
    ca.cert_pem.write_to_path(str(path))
    server = EchoServer(ca, texts, status)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server, str(path)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
