# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of many appliances are sent and tracked at the same time, each with its own outcome."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.send_and_track import Messages, send_and_track
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import Sent, Tracked
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError

FOUND = {"messages": [{"message_id": "<a@x>"}], "looked_at": "2026-01-12T09:31:00Z"}
Answer = Callable[[], "dict[str, Any] | None"]


class Story:
    """Appliances that accept or refuse a message, and searches with these answers one after the other."""

    def __init__(self, sent: dict[str, Sent], answers: dict[str, list[Any]]) -> None:
        self.sent, self.answers = sent, answers
        self.seconds_to_next = 0.0
        self.in_progress: set[str] = set()
        self.most = 0
        self.closed: list[str] = []
        self.counted: list[bool] = []
        self._lock = threading.Lock()

    def run(self, concurrency: int = 8) -> Messages:
        return asyncio.run(
            send_and_track(list(self.sent), self._send, self._search_of, concurrency, self.counted.append)
        )

    @contextmanager
    def busy(self, host: str) -> Iterator[None]:
        with self._lock:
            self.in_progress.add(host)
            self.most = max(self.most, len(self.in_progress))
        yield
        with self._lock:
            self.in_progress.remove(host)

    def _send(self, host: str) -> Sent:
        with self.busy(host):
            return self.sent[host]

    @contextmanager
    def _search_of(self, host: str, sent: Sent) -> Iterator[Any]:
        assert sent is self.sent[host]
        story = self

        class Search:
            seconds_to_next = story.seconds_to_next

            def once(self) -> Any:
                with story.busy(host):
                    answer = story.answers[host].pop(0)
                if isinstance(answer, Exception):
                    raise answer
                return answer

        yield Search()
        self.closed.append(host)


def test_each_appliance_has_its_own_outcome() -> None:
    late = ApiError("no message within 5 s", fix="wait.")
    story = Story(
        {"a": Sent("a@x"), "b": Sent(problem="refused"), "c": Sent("c@x"), "d": Sent("d@x", skipped=True)},
        {"a": [None, None, FOUND], "c": [None, late], "d": [{"messages": []}]},
    )
    messages = story.run()
    assert messages.sent == story.sent
    assert messages.tracked == {
        "a": Tracked(True, "a@x", FOUND["looked_at"]),
        "b": Tracked(),
        "c": Tracked(problem="no message within 5 s. Fix: wait."),
        "d": Tracked(),
    }
    assert sorted(story.closed) == ["a", "d"], "the context manager of a failed search gets the error"
    assert sorted(story.counted) == [False, True, True, True]


def test_requests_in_progress_are_limited() -> None:
    hosts = [f"esa{number}" for number in range(12)]
    story = Story({host: Sent(f"{host}@x") for host in hosts}, {host: [None, FOUND] for host in hosts})
    assert all(one.found for one in story.run(concurrency=1).tracked.values())
    assert story.most == 1


def test_a_search_that_is_not_due_blocks_no_other() -> None:
    """With one place, the second appliance is tracked while the first one waits for its next search."""
    story = Story({"a": Sent("a@x"), "b": Sent("b@x")}, {"a": [None, FOUND], "b": [FOUND]})
    story.seconds_to_next = 0.05
    story.run(concurrency=1)
    assert story.closed == ["b", "a"]
