# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The module ctr_module."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.modules import ensure_modules

from .cloud import cloud_module

PRODUCTS = ["esa", "sma"]
MODULE_TYPE = {
    "type": "dict",
    "options": {"id": {"type": "str"}, "title": {"type": "str"}},
    "mutually_exclusive": [("id", "title")],
}
MODULE = cloud_module(
    ensure_modules,
    {
        "modules": {
            "type": "list",
            "elements": "dict",
            "options": {
                "name": {"type": "str"},
                "id": {"type": "str"},
                "device": {"type": "str", "aliases": ["device_id"]},
                "request_timeframe_days": {"type": "int"},
                "enabled": {"type": "bool"},
                "product": {"type": "str", "choices": PRODUCTS},
            },
        },
        "name": {"type": "str"},
        "id": {"type": "str"},
        "device": {"type": "str"},
        "request_timeframe_days": {"type": "int", "default": 30},
        "enabled": {"type": "bool", "default": True},
        "product": {"type": "str", "default": "esa", "choices": PRODUCTS},
        "module_types": {"type": "dict", "options": dict.fromkeys(PRODUCTS, MODULE_TYPE)},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "assumed_devices": {"type": "list", "elements": "str", "default": []},
        "known_devices": {"type": "list", "elements": "dict"},
        "list_orphans": {"type": "bool", "default": False},
    },
    mutually_exclusive=[
        ("modules", "name"),
        ("modules", "id"),
        ("modules", "device"),
    ],
    required_one_of=[("modules", "name", "id", "device")],
)
