# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Skip the lab's tests if the lab's libraries are not installed."""

from __future__ import annotations

try:
    import tests.lab.lab  # noqa: F401
except ImportError:
    collect_ignore_glob = ["test_*.py"]
