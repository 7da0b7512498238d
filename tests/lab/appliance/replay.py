# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replay of a recorded CLI session, as long as the typed lines are the same."""

from __future__ import annotations

from tests.lab.appliance.model import Appliance
from tests.lab.appliance.terminal import MORE, CutOff, Disconnected, Interrupted, Terminal
from tests.lab.recorder import Recorder
from tests.lab.transcript import INTERRUPT, Step, Transcript

LEAVING = ("exit", "quit")


class Replay:
    """A replayed session starts at the beginning of the transcript, and ends at a line that differs."""

    def __init__(self, appliance: Appliance, transcript: Transcript, terminal: Terminal, recorder: Recorder) -> None:
        self.appliance = appliance
        self.transcript = transcript
        self.terminal = terminal
        self.cut_off = False
        self._recorder = recorder

    async def run(self) -> None:
        """Show the login, then the answer to each recorded line."""
        try:
            self.terminal.write(self.transcript.login)
            await self._steps()
        except Disconnected as end:
            self.cut_off = isinstance(end, CutOff)
        finally:
            self.terminal.flush()

    async def run_one(self, line: str) -> None:
        """Return the answer to a command without a shell, if it is the first recorded line."""
        step = self.transcript.steps[0] if self.transcript.steps else None
        if self._matches(step, line) and step and step.shown:
            self.terminal.write(step.shown)
        self.terminal.flush()

    async def _steps(self) -> None:
        before = self.transcript.login
        for step in self.transcript.steps:
            at_pager = before.rstrip().endswith(MORE)
            if not self._matches(step, await self._typed(at_pager)):
                raise CutOff
            if step.shown is None:
                return
            before = step.shown
            self.terminal.write(before)
        line = await self._typed(False)
        if line in LEAVING:
            self._record(line)
        elif not self._matches(None, line):
            raise CutOff

    async def _typed(self, at_pager: bool) -> str:
        try:
            return await (self.terminal.key() if at_pager else self.terminal.line())
        except Interrupted:
            return INTERRUPT

    def _matches(self, step: Step | None, line: str) -> bool:
        if step and step.fits(line):
            self._record(line)
            return True
        expected = f"'{_visible(step.typed)}'" if step else "the end"
        self.terminal.write(f"\nREPLAY: expected {expected}, got '{_visible(line)}'\n")
        spec = self.appliance.spec
        self._recorder.replay(spec.name, spec.region, _visible(line), _visible(step.typed) if step else None)
        return False

    def _record(self, line: str) -> None:
        spec = self.appliance.spec
        self._recorder.cli(spec.name, spec.region, _visible(line), None)


def _visible(line: str) -> str:
    return line.replace(INTERRUPT, "^C")
