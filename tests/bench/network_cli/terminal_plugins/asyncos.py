# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least that ansible.netcommon.network_cli needs to know of the command line of AsyncOS: what a prompt looks like."""

from __future__ import annotations

import re

from ansible_collections.ansible.netcommon.plugins.plugin_utils.terminal_base import TerminalBase


class TerminalModule(TerminalBase):
    terminal_stdout_re = [re.compile(rb"[\r\n][\w.\-]+(?:\([^)]*\))?> ?$")]
    terminal_stderr_re = [re.compile(rb"Unknown command")]
    terminal_initial_prompt = None
