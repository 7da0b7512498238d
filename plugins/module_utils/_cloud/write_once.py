# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Make a change exactly once, even if its answer is lost."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AnswerLost, ApiError, Refused

from .client import IrohClient

CONFLICT = 409
NOT_FOUND = 404
ACCEPTED = 202
Done = TypeVar("Done")


def write_once(write: Callable[[], Done], reread: Callable[[], Done | None], *, may_be_done: bool = False) -> Done:
    """Return the result of ``write``. After a lost answer, return the result of ``reread``; if it is None, write again.

    Treat a conflict (409) as a lost answer in the second attempt, because the first may have been processed late, and
    with ``may_be_done``, because anyone may have made the change. Raise the errors of ``write`` and ``reread``.
    """
    problem: ApiError
    for attempt in (1, 2):
        try:
            return write()
        except AnswerLost as error:
            problem = error
        except Refused as error:
            if error.http_status != CONFLICT or not (may_be_done or attempt == 2):
                raise
            problem = error
        # Also after the second failure: if the read fails too, the whole API fails, not one item.
        done = reread()
        if done is not None:
            return done
        if isinstance(problem, Refused):
            break
    raise problem


class Deletion(Enum):
    """How a deletion ended. ``LATER``: the API completes it later (202, grade C). ``GONE``: another run had deleted the object."""

    DONE = "done"
    LATER = "later"
    GONE = "gone"


def delete(client: IrohClient, path: str) -> Deletion:
    """Delete an object. Accept that it no longer exists. Raise ApiError."""
    repeats = client.repeats
    try:
        answer = client.delete(path)
    except Refused as error:
        if error.http_status != NOT_FOUND:
            raise
        # A repeated request does not find what the first one deleted.
        return Deletion.GONE if client.repeats == repeats else Deletion.DONE
    return Deletion.LATER if answer.status == ACCEPTED else Deletion.DONE
