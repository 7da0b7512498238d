# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server with TLS in front of prism and the lab: prism judges each request to iroh-int, the lab answers.

prism speaks plain HTTP and knows no state: its answers are examples, in which no module type of an ESA is found. So it
is asked with every request, its verdict is kept, and what the lab answers is passed on.
"""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
import trustme

JUDGED = "/iroh/iroh-int/"
NOT_PASSED_ON = {"host", "connection", "content-length", "transfer-encoding", "content-encoding", "accept-encoding"}


@dataclass(frozen=True)
class Verdict:
    """What prism said to a request; ``words`` is empty where it found nothing wrong."""

    method: str
    path: str
    status: int
    words: str


class Front:
    """Use as a context manager; ``url`` is its address, ``verdicts`` what prism said so far."""

    def __init__(self, prism: str, lab: str, lab_ca: str) -> None:
        self.prism = prism
        self.lab = lab
        self.verdicts: list[Verdict] = []
        self.ca = trustme.CA()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = lab_ca
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert("127.0.0.1").configure_cert(context)
        front = self

        class Handler(_Handler):
            pass

        Handler.front = front
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Front:
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.session.close()

    def judge(self, method: str, path: str, headers: dict[str, str], content: bytes) -> Verdict:
        """Ask prism alone."""
        said = self.session.request(method, self.prism + path, headers=headers, data=content, timeout=30)
        faults = said.headers.get("sl-violations", "") + (said.text if said.status_code >= 400 else "")
        return Verdict(method, path.partition("?")[0], said.status_code, faults)

    def handle(self, method: str, path: str, headers: dict[str, str], content: bytes) -> requests.Response:
        """Ask prism, if the request is to iroh-int, and then the lab."""
        if path.startswith(JUDGED):
            self.verdicts.append(self.judge(method, path, headers, content))
        return self.session.request(method, self.lab + path, headers=headers, data=content, timeout=30)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: Front

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        answer = self.front.handle(self.command, self.path, headers, content)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        if answer.status_code != 204:
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve

    def log_message(self, *unused: Any) -> None:
        """Nothing: the verdicts say it."""
