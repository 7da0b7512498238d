# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in the format of the cloud."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime


def utc_text(seconds: float) -> str:
    """Return seconds since the epoch as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def http_date(seconds: float) -> str:
    """Return seconds since the epoch as the date of a header."""
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC), usegmt=True)
