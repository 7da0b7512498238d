# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The module sse_device_facts."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.waiting import gather_device_facts
from ansible_collections.emailsec.ctr.plugins.module_utils._waiting import PROGRESS_OPTION

from .cloud import cloud_module

MODULE = cloud_module(
    gather_device_facts,
    {
        "names": {"type": "list", "elements": "str"},
        "type": {"type": "str"},
        "status": {"type": "str"},
        "wait_for": {"type": "str", "choices": ["registered"]},
        "wait_timeout": {"type": "float", "default": 600.0},
        "wait_interval": {"type": "float", "default": 10.0},
        "wait_progress": PROGRESS_OPTION,
    },
    required_by={"wait_for": ["names"]},
)
