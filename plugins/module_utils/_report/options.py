# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The argument specification of C(fleet_drift_report)."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._files import MODES

NOTIFICATIONS = ["json", "webex", "slack", "servicenow"]
FORMATS = ["table", "json", "html", "csv", "md", "junit", "prom"]

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "reading": {"type": "str"},
    "investigation": {"type": "dict"},
    "tracking": {"type": "str"},
    "query": {"type": "str", "default": ""},
    "regions": {"type": "list", "elements": "dict", "default": []},
    "appliances": {"type": "list", "elements": "dict"},
    "title": {"type": "str", "default": "Drift"},
    "dest": {"type": "path", "required": True},
    "formats": {"type": "list", "elements": "str", "choices": FORMATS, "default": FORMATS},
    "mode": {"type": "str", "choices": ["", *MODES], "default": ""},
    "keep": {"type": "int", "default": 30},
    "notify_url": {"type": "str", "no_log": True},
    "notify_format": {"type": "str", "choices": NOTIFICATIONS, "default": "json"},
    "notify_headers": {"type": "dict", "default": {}, "no_log": True},
    "notify_ca_path": {"type": "path"},
    "fail_on": {"type": "str", "choices": ["never", "drift", "unknown"], "default": "never"},
}
MUTUALLY_EXCLUSIVE = [["reading", "appliances"]]
