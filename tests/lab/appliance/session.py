# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One CLI session: login text, main prompt, commands, and uncommitted changes."""

from __future__ import annotations

import textwrap
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.lab.appliance import refusals
from tests.lab.appliance.dates import date_text
from tests.lab.appliance.model import Appliance, Configuration
from tests.lab.appliance.terminal import CutOff, Disconnected, Interrupted, Terminal
from tests.lab.recorder import Call, Recorder

PRODUCT_NAMES = {
    "ESA": "Email Security Virtual Appliance",
    "SMA": "Content Security Management Virtual Appliance",
    "WSA": "Web Security Virtual Appliance",
}
NOTE = (
    "NOTE: This session will expire if left idle for 30 minutes. Any uncommitted configuration changes will be lost. "
    "Commit the configuration changes as soon as they are made."
)
Command = Callable[["Session"], Awaitable[None]]
WITH_ARGUMENTS = ("clusterconfig", "clustermode")
"""The commands that take arguments on the same line."""
YES = ("y", "yes")
NO = ("n", "no")


class Session:
    """A session of one administrator. The order of the login text and the prompt are C."""

    def __init__(
        self, appliance: Appliance, commands: Mapping[str, Command], terminal: Terminal, recorder: Recorder
    ) -> None:
        self.appliance = appliance
        self.commands = commands
        self.dialect = appliance.spec.dialect
        self.terminal = terminal
        self.mode = appliance.login_mode()
        self.pending: Configuration = {}
        self.ended = False
        self.cut_off = False
        """Whether the appliance closes the connection at the end of the session."""
        self.lines_read = 0
        self.arguments: list[str] = []
        """The arguments of the command."""
        self._recorder = recorder
        self._command: str | None = None
        self._last_call: Call | None = None

    @property
    def model_text(self) -> str:
        """Return the model in the words of the login text and of `version`."""
        return f"Cisco {self.appliance.spec.model} {PRODUCT_NAMES[self.appliance.spec.product]}"

    # For commands

    async def say(self, *lines: str) -> None:
        """Print whole lines; wrap long sentences if this appliance does so."""
        shown = map(self.appliance.world.shown, lines)
        await self.terminal.show(*(part for line in shown for part in self._wrapped(line)))

    async def show_list(self, *items: str) -> None:
        """Print the items of a list, which are never wrapped."""
        await self.terminal.show(*map(self.appliance.world.shown, items))

    def _wrapped(self, line: str) -> list[str]:
        width = self.dialect.status_wrap
        if not width or len(line) <= width:
            return [line]
        return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)

    async def ask(self, prompt: str) -> str:
        """Ask, and return the typed line without surrounding blanks."""
        line = await self._read(self.appliance.world.shown(prompt))
        self._record(line)
        await self._recorder.lines.hold(self.appliance.spec.name, line.strip())
        return line.strip()

    async def ask_yes_no(self, question: str, default: bool, spelled: str = "") -> bool:
        """Ask a yes/no question; an empty line selects the default (B), which may have another spelling."""
        prompt = self.appliance.world.shown(f"{question} [{spelled or ('Y' if default else 'N')}]> ")
        while True:
            *before, last = self._wrapped(prompt)
            await self.terminal.show(*before)
            answer = (await self.ask(last.rstrip() + " ")).lower()
            if not answer:
                return default
            if answer in YES + NO:
                return answer in YES
            await self.say("Please answer Yes or No.")

    def setting(self, key: str) -> Any:
        """Return the uncommitted value of a setting, else the committed value."""
        return self.pending.get(key, self.appliance.committed[key])

    @property
    def uncommitted_keys(self) -> set[str]:
        """Return the uncommitted settings of this appliance that this session finds."""
        others = self.appliance.changes_of_others(self.pending)
        return set(self.pending).union(*(changes for box, changes in others if box is self.appliance))

    @property
    def finds_changes(self) -> bool:
        """Return whether there are uncommitted changes, of this session, of another one or of another administrator."""
        return bool(self.pending) or self.finds_foreign_changes

    @property
    def finds_foreign_changes(self) -> bool:
        """Return whether there are uncommitted changes of another session or administrator."""
        return self.appliance.foreign_pending or bool(self.appliance.changes_of_others(self.pending))

    async def drop_changes(self) -> None:
        """Drop all uncommitted changes, also those of another administrator; mark the typed line as a write."""
        if self.finds_foreign_changes:
            await self.takes_effect()
            self.appliance.drop_foreign(self.pending)
        self.pending.clear()

    async def change(self, **settings: Any) -> None:
        """Add settings to the uncommitted changes; mark the typed line as a write if they differ from the present values."""
        if any(value != self.setting(key) for key, value in settings.items()):
            await self.takes_effect()
        for key, value in settings.items():
            if value == self.appliance.committed[key]:
                self.pending.pop(key, None)
            else:
                self.pending[key] = value

    async def takes_effect(self) -> None:
        """Mark the last typed line as a write in the record. Raise Disconnected if the lab is halted before it."""
        if self._last_call and not self._last_call.write:
            self._last_call.write = True
            if not await self._recorder.halt.lets_write():
                raise Disconnected

    # The life of a session

    async def run(self) -> None:
        """Show the login text, then serve the main prompt until the administrator exits."""
        await self._until_the_end(self._serve_prompts())

    async def run_one(self, line: str) -> None:
        """Serve a command that came without a shell (R)."""
        await self._until_the_end(self._serve_one(line))

    async def _until_the_end(self, dialogue: Awaitable[None]) -> None:
        self.appliance.sessions.append(self.pending)
        try:
            await dialogue
        except Disconnected as end:
            self.cut_off = isinstance(end, CutOff)
        finally:
            self.appliance.sessions = [one for one in self.appliance.sessions if one is not self.pending]
            self.terminal.flush()

    async def _serve_prompts(self) -> None:
        await self._log_in(self._greet)
        while not self.ended:
            await self._serve_prompt()

    async def _serve_one(self, line: str) -> None:
        await self._log_in(lambda: None)
        self._record(line, line.strip())
        await self._guarded(line)

    async def _log_in(self, greet: Callable[[], None]) -> None:
        self._command = "login"
        try:
            await refusals.before_login_text(self)
            greet()
            await refusals.after_login_text(self)
        except Interrupted:
            raise CutOff from None

    async def _read(self, prompt: str) -> str:
        await self._recorder.halt.answer(self.appliance.spec.name)
        self.terminal.prompt(prompt)
        await refusals.while_waiting(self)
        line = await self.terminal.line()
        self.lines_read += 1
        return line

    def _greet(self) -> None:
        spec = self.appliance.spec
        lines = [
            f"Last login: {date_text()} from 192.0.2.250",
            f"AsyncOS {spec.release} for {self.model_text} build {spec.build}",
            "",
            f"Welcome to the {self.model_text}",
            "",
            *textwrap.wrap(NOTE, self.dialect.note_width),
            "",
        ]
        if self.dialect.login_message:
            lines += [*self.dialect.login_message.splitlines(), ""]
        self.terminal.write("".join(self.appliance.world.shown(line) + "\n" for line in lines))

    async def _serve_prompt(self) -> None:
        self._command = None
        try:
            line = await self._read(self.mode.prompt)
        except Interrupted:
            self._record("^C")
            self.terminal.write("^C\n")
            return
        self._record(line, line.strip())
        await self._recorder.lines.hold(self.appliance.spec.name, line.strip())
        await self._guarded(line)

    async def _guarded(self, line: str) -> None:
        """Run a command; Ctrl-C cancels it and drops its changes (B)."""
        before = dict(self.pending)
        self._command = line.strip()
        try:
            await self._run_command(line)
        except Interrupted:
            self.pending.clear()
            self.pending.update(before)
            self._record("^C")
            self.terminal.write("^C\n-- Changes not recorded\n")

    async def _run_command(self, line: str) -> None:
        words = line.split()
        if not words:
            return
        self.arguments = words[1:]
        command = self.commands.get(words[0].lower())
        if command is None:
            long = self.dialect.unknown_command == "long"
            start = "Unknown command or missing feature key" if long else "Unknown command"
            await self.say(f"{start}: {words[0]}")
        elif len(words) > 1 and words[0].lower() not in WITH_ARGUMENTS:
            await self.say(f"Invalid arguments when processing: {words[0]}")
        elif await refusals.passes_unknown_screen(self, words[0].lower()):
            await command(self)

    def _record(self, line: str, command: str | None = None) -> None:
        spec = self.appliance.spec
        self._last_call = self._recorder.cli(spec.name, spec.region, line, command or self._command)
