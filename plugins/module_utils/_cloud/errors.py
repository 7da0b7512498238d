# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Errors of the cloud API, beside the errors of every API."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import (
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    NotSent,
    Refused,
)


class LoginFailed(NotSent):
    """The answer to the log-in was lost, so the next request was not sent."""


class FieldMissing(AnswerUnreadable):
    """A required field is missing or has another type. ``field`` is its name."""

    def __init__(self, reason: str, *, field: str, **parts: Any) -> None:
        self.field = field
        super().__init__(reason, **parts)


class QuotaExceeded(ApiError):
    """The API answered 429, and asks for a longer wait than C(retry_budget) allows."""


class ListUnstable(ApiError):
    """A list changed each time it was read, or has too many pages."""


class ItemRefused(ApiError):
    """One item of a list cannot be processed. The other items can."""


def concerns_one_item(error: ApiError) -> bool:
    """Return whether the next item can be processed after this error.

    A lost answer to a POST concerns one item, because the API answered the read that follows it.
    """
    if isinstance(error, AnswerLost):
        return error.method == "POST"
    return isinstance(error, (Refused, ItemRefused))
