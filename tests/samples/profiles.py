# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A profile that applies inside a block, for the tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile, activate, active


@contextlib.contextmanager
def applied(profile: Profile) -> Iterator[Profile]:
    """Apply a profile inside this block."""
    before = active()
    activate(profile)
    try:
        yield profile
    finally:
        activate(before)
