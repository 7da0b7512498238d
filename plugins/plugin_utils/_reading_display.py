# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Show the user how the reading of many appliances proceeds."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.progress import Progress
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import ApplianceReading
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions


class ReadingDisplay:
    """Show each connection at -vvv, and the progress of ``number`` appliances. ``done``: the word for a finished appliance."""

    def __init__(self, action: ActionBase, number: int, done: str = "read") -> None:
        self._display = action._display
        self._progress = Progress(number, time.monotonic, done)

    def connecting(self, options: SshOptions) -> SshOptions:
        """Show the connection and return its options."""
        self._display.vvv(f"ESTABLISH ASYNCOS CONNECTION FOR USER: {options.user} ON PORT {options.port}", options.host)
        return options

    def finished(self, reading: ApplianceReading) -> None:
        """Count a finished reading, and show the line that is due, if any."""
        self.count(failed=reading.service is None)

    def count(self, failed: bool) -> None:
        """Count a finished appliance, and show the line that is due, if any."""
        line = self._progress.count(failed=failed)
        if line:
            self._display.display(line)
