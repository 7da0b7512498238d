# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls to the lab, in order: every HTTP request, CLI line, message and forwarded connection, in memory only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.lab.halt import Halt
from tests.lab.held_lines import HeldLines


@dataclass
class Call:
    """One HTTP request to a region (`http`) or an appliance (`api`; both without a status until they are answered), one CLI
    line, one message (`smtp`), one connection requested from the jump host, or one unexpected line in a replayed session."""

    at: str
    kind: str
    who: str
    region: str | None
    method: str | None = None
    path: str | None = None
    status: int | None = None
    line: str | None = None
    command: str | None = None
    """The command at the main prompt to which the line belongs."""
    user: str | None = None
    target: str | None = None
    """`host:port` of a connection through the jump host."""
    allowed: bool | None = None
    expected: str | None = None
    """The line that a replayed session expected; None: its end."""
    tls: bool | None = None
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    subject: str | None = None
    write: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the call for the control interface."""
        shared = {"at": self.at, "kind": self.kind, "who": self.who, "region": self.region, "write": self.write}
        if self.kind in ("http", "api"):
            return {**shared, "method": self.method, "path": self.path, "status": self.status}
        if self.kind == "jump":
            return {**shared, "user": self.user, "target": self.target, "allowed": self.allowed}
        if self.kind == "smtp":
            message = {"sender": self.sender, "recipients": list(self.recipients), "subject": self.subject}
            return {**shared, "user": self.user, "tls": self.tls, **message, "status": self.status}
        if self.kind == "replay":
            return {**shared, "line": self.line, "expected": self.expected}
        return {**shared, "line": self.line, "command": self.command}


class Recorder:
    """The calls of a lab run, the halt at one of its writes, and the hold of typed lines."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.halt = Halt()
        self.lines = HeldLines()

    def http(self, who: str, region: str, method: str, path: str, write: bool) -> Call:
        """Record a request when it arrives; the caller sets the status."""
        return self._add(Call(_now(), "http", who, region, method=method, path=path, write=write))

    def api(self, who: str, region: str | None, method: str, path: str) -> Call:
        """Record a request to the REST API of an appliance, which cannot write; the caller sets the status."""
        return self._add(Call(_now(), "api", who, region, method=method, path=path))

    def smtp(self, who: str, region: str | None, **message: Any) -> Call:
        """Record a message to an appliance: user, tls, sender, recipients, subject, status."""
        return self._add(Call(_now(), "smtp", who, region, **message))

    def cli(self, who: str, region: str | None, line: str, command: str | None) -> Call:
        """Record a typed line; the caller marks it if it is a write."""
        return self._add(Call(_now(), "cli", who, region, line=line, command=command))

    def jump(self, who: str, region: str | None, user: str, target: str, allowed: bool) -> Call:
        """Record a connection requested from the jump host: who is the appliance, or the user if it leads elsewhere."""
        return self._add(Call(_now(), "jump", who, region, user=user, target=target, allowed=allowed))

    def replay(self, who: str, region: str | None, line: str, expected: str | None) -> Call:
        """Record a line in a replayed session that differs from its transcript."""
        return self._add(Call(_now(), "replay", who, region, line=line, expected=expected))

    def clear(self) -> None:
        """Clear all calls, and release the halt."""
        self.calls.clear()
        self.halt.release()
        self.lines.release()

    def _add(self, call: Call) -> Call:
        self.calls.append(call)
        return call


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
