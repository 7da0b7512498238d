# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The module sse_device."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.records import ensure_records

from .cloud import cloud_module

MODULE = cloud_module(
    ensure_records,
    {
        "devices": {
            "type": "list",
            "elements": "dict",
            "options": {
                "name": {"type": "str"},
                "id": {"type": "str"},
                "description": {"type": "str"},
                "allow_registered": {"type": "bool"},
            },
        },
        "name": {"type": "str"},
        "id": {"type": "str"},
        "description": {"type": "str"},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "types": {"type": "list", "elements": "str", "default": ["ESA", "SMA"]},
        "allow_registered": {"type": "bool", "default": False},
        "known_devices": {"type": "list", "elements": "dict"},
        "wait_timeout": {"type": "float", "default": 120.0},
        "wait_interval": {"type": "float", "default": 5.0},
    },
    mutually_exclusive=[("devices", "name"), ("devices", "id"), ("devices", "description")],
    required_one_of=[("devices", "name", "id")],
)
