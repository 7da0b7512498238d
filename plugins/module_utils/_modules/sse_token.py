# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The module sse_token."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import issue_tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import LIFETIMES

from .cloud import cloud_module

MODULE = cloud_module(
    issue_tokens,
    {
        "devices": {"type": "list", "elements": "str", "required": True},
        "lifetime": {"type": "str", "default": "1h", "choices": list(LIFETIMES)},
        "dest": {"type": "path"},
        "known_devices": {"type": "list", "elements": "dict"},
        "state": {"type": "str", "default": "present", "choices": ["present"]},
    },
)
