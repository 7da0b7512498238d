# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Check options that are times in seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def seconds_fault(options: Mapping[str, Any], *names: str, above_0: bool = False) -> tuple[str, str] | None:
    """Return problem and fix of the first of these options that is not finite and 0 or more (or above 0), or None."""
    for name in names:
        value = options[name]
        if not math.isfinite(value) or value < 0 or (above_0 and value == 0):
            wanted = "a number of seconds above 0" if above_0 else "0 seconds or more"
            return f"{name} is {value}", f"set it to {wanted}."
    return None
