# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module ctr_investigation_info, and show a line per change while it waits."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.ctr_investigation_info import MODULE
from ansible_collections.emailsec.ctr.plugins.plugin_utils._waiting import WaitingAction


class ActionModule(WaitingAction):
    NAME = "ctr_investigation_info"
    MODULE = MODULE
    WAITS_WITH = "wait_timeout"
    COUNTED = "found"
