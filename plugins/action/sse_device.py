# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module sse_device, and mask the secrets of the run in its result."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.sse_device import MODULE
from ansible_collections.emailsec.ctr.plugins.plugin_utils._module_action import ModuleAction


class ActionModule(ModuleAction):
    NAME = "sse_device"
    MODULE = MODULE
