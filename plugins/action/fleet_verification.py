# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow test messages: return the next queries to CTR, and the progress of each message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.investigation import (
    InvestigationOutcome,
    investigation_outcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.outcomes import by_region
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.send_and_track import Messages
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import (
    follow,
    observables,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.run_rows import chain_row
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_progress import unpack_reading, unpack_text

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "reading": {"type": "str", "required": True},
    "messages": {"type": "str", "required": True},
    "health": {"type": "dict", "required": True},
    "investigation": {"type": "dict"},
}


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        state = unpack_reading(options["reading"])
        messages = unpack_text(Messages, options["messages"], "messages", "emailsec.ctr.fleet_messages")
        health, investigation = (_by_region(options[name]) for name in ("health", "investigation"))
        chains = [
            follow(wanted, messages.sent[host], messages.tracked[host], health, investigation)
            for host, wanted in state.settings.hosts.items()
        ]
        check_mode = bool(self._task.check_mode)
        rows = [chain_row(chain, check_mode) for chain in chains]
        result.update(
            changed=False,
            observables={} if check_mode else observables(chains, health),
            rows=rows,
            broken={row["host"]: row["detail"] for row in rows if row["result"] == "broken"},
        )
        return result


def _by_region(registered: Mapping[str, Any] | None) -> dict[str, InvestigationOutcome] | None:
    return None if registered is None else by_region(registered, investigation_outcome)
