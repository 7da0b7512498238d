# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The module ctr_investigation_info."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate.investigation import investigate
from ansible_collections.emailsec.ctr.plugins.module_utils._waiting import PROGRESS_OPTION

from .cloud import cloud_module

MODULE = cloud_module(
    investigate,
    {
        "content": {"type": "str"},
        "query": {"type": "str"},
        "observables": {
            "type": "list",
            "elements": "dict",
            "options": {
                "type": {"type": "str", "required": True},
                "value": {"type": "str", "required": True},
                "module_instance_id": {"type": "str"},
            },
        },
        "module_instance_id": {"type": "str"},
        "module_name": {"type": "str"},
        "check_health": {"type": "bool", "default": False},
        "fail_on_errors": {"type": "bool", "default": True},
        "wait_for": {"type": "str", "choices": ["any", "all"], "default": "any"},
        "wait_progress": PROGRESS_OPTION,
        "wait_timeout": {"type": "float", "default": 0.0},
        "wait_interval": {"type": "float", "default": 10.0},
    },
    mutually_exclusive=[("content", "query", "observables"), ("module_instance_id", "module_name")],
)
