# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dates in the format of AsyncOS."""

from __future__ import annotations

from datetime import UTC, datetime


def date_text() -> str:
    """Return the current time in the form `Sun Nov 22 21:30:01 2026` (C)."""
    return datetime.now(UTC).strftime("%a %b %d %H:%M:%S %Y")
