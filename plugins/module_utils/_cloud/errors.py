# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What can go wrong with the API of the cloud besides what can go wrong with any API."""

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
    """The login's answer was lost for good, so that the request after it was never sent."""


class FieldMissing(AnswerUnreadable):
    """A required field is missing or of another kind. ``field`` names it."""

    def __init__(self, reason: str, *, field: str, **parts: Any) -> None:
        self.field = field
        super().__init__(reason, **parts)


class QuotaExceeded(ApiError):
    """429, and waiting for its end would take longer than C(retry_budget) allows."""


class ListUnstable(ApiError):
    """A list changed while it was read, or its pages never end."""


class ItemRefused(ApiError):
    """One item of a list of items cannot be dealt with; the others can."""


def concerns_one_item(error: ApiError) -> bool:
    """Whether the next item may still be tried after this error.

    A POST whose answer was lost concerns one item, because the look that follows it has worked by then.
    """
    if isinstance(error, AnswerLost):
        return error.method == "POST"
    return isinstance(error, (Refused, ItemRefused))
