# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of the lab for its own tests: a person at an SSH terminal, and a caller of the cloud."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import asyncssh

from tests.lab.contracts.watch import write_counts
from tests.lab.fleet import read_fleet
from tests.lab.lab import Lab

TIMEOUT = 15.0
"""Time-out in seconds for expected output."""
QUICK = {"registration_seconds": 0.02, "busy_seconds": 0.02, "handshake_seconds": 0}


def with_lab(
    story: Callable[[Lab], Awaitable[None]],
    *appliances: dict[str, Any],
    generate: Any = None,
    clusters: Any = None,
    wrong_requests: bool = False,
    **settings: Any,
) -> None:
    """Run this story against a lab with these appliances, clusters and settings.

    Assert that no exchange with the clouds breaks a contract, except requests that the story breaks on purpose.
    """

    async def run() -> None:
        content = {
            "settings": {**QUICK, **settings},
            "appliances": list(appliances),
            "generate": generate,
            "clusters": clusters,
        }
        async with Lab(read_fleet("test.yml", content)) as lab:
            await asyncio.wait_for(story(lab), 60)
            broken = [one for one in lab.watch.violations if not (wrong_requests and one["part"] == "request")]
            assert broken == [], broken
            write_counts({**lab.watch.as_json(), "violations": broken})

    asyncio.run(run())


class Person:
    """A user at a terminal: types, and waits for output."""

    def __init__(self, process: asyncssh.SSHClientProcess[str]) -> None:
        self.process = process
        self.screen = ""
        """The output that `sees` has not yet consumed."""

    def types(self, text: str) -> None:
        """Type these characters; Enter is not added."""
        self.process.stdin.write(text)

    async def sees(self, text: str) -> str:
        """Wait until this text appears; return everything up to its end."""
        while text not in self.screen:
            more = await asyncio.wait_for(self.process.stdout.read(65536), TIMEOUT)
            assert more, f"the session ended before {text!r}; last seen: {self.screen!r}"
            self.screen += more
        seen, found, self.screen = self.screen.partition(text)
        return seen + found

    async def says(self, line: str, answer: str = "> ") -> str:
        """Type a line with Enter and wait for this text after its echo."""
        self.types(line + "\n")
        if line:
            await self.sees(line)
        return await self.sees(answer)

    async def is_cut_off(self) -> str:
        """Wait for the end of the session; return the remaining output."""
        rest = self.screen
        with contextlib.suppress(asyncssh.ConnectionLost):
            while more := await asyncio.wait_for(self.process.stdout.read(65536), TIMEOUT):
                rest += more
        return rest


def known_hosts(lab: Lab, name: str) -> Any:
    """Return the host key of this appliance in the form that asyncssh needs."""
    return asyncssh.import_known_hosts(lab.appliances[name].known_hosts_line())


@contextlib.asynccontextmanager
async def connection(lab: Lab, name: str, **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Log in to this appliance."""
    defaults = {
        "username": "admin",
        "password": lab.password,
        "known_hosts": known_hosts(lab, name),
        "client_keys": None,
    }
    async with asyncssh.connect("127.0.0.1", lab.appliances[name].port, config=None, **{**defaults, **options}) as conn:
        yield conn


@contextlib.asynccontextmanager
async def person_at(lab: Lab, name: str, height: int = 200, **options: Any) -> AsyncIterator[Person]:
    """Yield a user at the main prompt of this appliance."""
    async with (
        connection(lab, name, **options) as conn,
        conn.create_process(term_type="vt100", term_size=(80, height)) as process,
    ):
        person = Person(process)
        await person.sees(prompt_of(lab, name))
        yield person


def prompt_of(lab: Lab, name: str) -> str:
    """Return the main prompt of this appliance."""
    return lab.appliances[name].appliance.login_mode().prompt


def basic(client_id: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{password}".encode()).decode()}


class Caller:
    """A client of one region's cloud, logged in."""

    def __init__(self, lab: Lab, region: str, session: aiohttp.ClientSession) -> None:
        self.cloud = lab.clouds[region]
        self.session = session
        self.headers: dict[str, str] = {}

    async def log_in(self) -> dict[str, Any]:
        """Get an access token, use it from now on, and return the answer."""
        store = self.cloud.store
        headers = basic(store.client_id, store.client_password)
        form = {"grant_type": "client_credentials"}
        async with self.session.post(f"{self.cloud.api_url}/iroh/oauth2/token", data=form, headers=headers) as response:
            assert response.status == 200
            answer = await response.json()
        self.headers = {"Authorization": f"Bearer {answer['access_token']}"}
        return answer

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any, dict[str, str]]:
        """Return status, JSON body (None without one) and headers."""
        url = self.cloud.api_url + path
        async with self.session.request(method, url, json=body, headers=self.headers) as response:
            text = await response.text()
            return response.status, (await response.json() if text else None), dict(response.headers)

    async def expect(self, status: int, method: str, path: str, body: Any = None) -> Any:
        """Send a request, and return the JSON body of its answer, which must have this status."""
        got, answer, _ = await self.call(method, path, body)
        assert got == status, (method, path, got, answer)
        return answer

    async def refused(self, status: int, error: str, method: str, path: str, body: Any = None) -> str:
        """Return the description of an error answer with this status and name."""
        answer = await self.expect(status, method, path, body)
        assert answer["error"] == error
        assert answer["trace_id"]
        return answer["error_description"]


@contextlib.asynccontextmanager
async def caller_of(lab: Lab, region: str, log_in: bool = True) -> AsyncIterator[Caller]:
    """Yield a caller of this region that trusts only the lab's authority."""
    tls = ssl.create_default_context(cadata=lab.ca_pem.decode())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:
        caller = Caller(lab, region, session)
        if log_in:
            await caller.log_in()
        yield caller


async def until(condition: Callable[[], object]) -> None:
    """Wait until this condition is true."""

    async def poll() -> None:
        while not condition():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(poll(), TIMEOUT)


def writes(lab: Lab) -> list[tuple[str, str]]:
    """Return the calls marked as writes: (command, line) of the CLI, (method, path) of HTTP."""
    return [
        (call.command or "", call.line or "") if call.kind == "cli" else (call.method or "", call.path or "")
        for call in lab.recorder.calls
        if call.write
    ]
