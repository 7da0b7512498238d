# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A change that must not be made twice, although its answer may be lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AnswerLost, ApiError, Refused

CONFLICT = 409
Done = TypeVar("Done")


def write_once(write: Callable[[], Done], reread: Callable[[], Done | None], *, may_be_done: bool = False) -> Done:
    """Return what ``write`` did or, after a lost answer, what ``reread`` finds done. Write again only if it finds None.

    A conflict counts as a lost answer where the change may be done already: in the second attempt by the first one,
    which was carried out late, and with ``may_be_done`` by anyone. Raises what ``write`` and ``reread`` raise.
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
        # After the second failure too: the reread tells a failing item from a failing API.
        done = reread()
        if done is not None:
            return done
        if isinstance(problem, Refused):
            break
    raise problem
