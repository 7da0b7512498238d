# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With this folder in PYTHONPATH, Python writes to the file SYSLOG_RECORD what it would send to syslog."""

from __future__ import annotations

import os
import syslog


def _write(*arguments: int | str) -> None:
    with open(os.environ["SYSLOG_RECORD"], "a", encoding="utf-8", errors="surrogateescape") as record:
        record.write(f"{arguments[-1]}\n")


syslog.syslog = _write
