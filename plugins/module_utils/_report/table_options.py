# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The argument specification of C(fleet_report)."""

from __future__ import annotations

from typing import Any

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "title": {"type": "str", "required": True},
    "columns": {"type": "list", "elements": "str", "required": True},
    "narrow": {"type": "list", "elements": "str"},
    "details": {"type": "list", "elements": "str", "default": []},
    "brief": {"type": "str"},
    "rows": {"type": "list", "elements": "dict", "required": True},
    "count_by": {"type": "str", "required": True},
    "notes": {"type": "list", "elements": "str", "default": []},
    "dest": {"type": "path"},
}
