# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number of examples of Hypothesis: a quarter with QUICK=1, as in `make test`."""

from __future__ import annotations

import os

from hypothesis import settings

_SHARE = 4 if os.environ.get("QUICK") else 1


def examples(number: int) -> settings:
    """Return the settings for at most this number of examples; no deadline, because none of these tests measures time."""
    return settings(max_examples=number // _SHARE, deadline=None)
