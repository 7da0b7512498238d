# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow test messages, or check only the health of the CTR modules: the next queries to CTR, and a row for each appliance."""

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
    check_health,
    follow,
    observables,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.run_rows import chain_row
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_progress import unpack_reading, unpack_text

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "reading": {"type": "str", "required": True},
    "messages": {"type": "str"},
    "changing": {"type": "list", "elements": "str", "default": []},
    "health": {"type": "dict", "required": True},
    "investigation": {"type": "dict"},
}


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        state = unpack_reading(options["reading"])
        health, investigation = (_by_region(options[name]) for name in ("health", "investigation"))
        check_mode = bool(self._task.check_mode)
        hosts = state.settings.hosts
        if options["messages"] is None:
            chains = [check_health(wanted, health or {}) for wanted in hosts.values()]
            # The module of an appliance that a run would change may not exist yet.
            predicted = set(options["changing"]) if check_mode else set()
        else:
            messages = unpack_text(Messages, options["messages"], "messages", "emailsec.ctr.fleet_messages")
            chains = [
                follow(wanted, messages.sent[host], messages.tracked[host], health, investigation)
                for host, wanted in hosts.items()
            ]
            predicted = set(hosts) if check_mode else set()
        rows = OF_RUN.mask_data([chain_row(chain, chain.wanted.host in predicted) for chain in chains])
        result.update(
            changed=False,
            observables={} if check_mode else observables(chains, health),
            rows=rows,
            broken={row["host"]: row["detail"] for row in rows if row["result"] == "broken"},
        )
        return result


def _by_region(registered: Mapping[str, Any] | None) -> dict[str, InvestigationOutcome] | None:
    return None if registered is None else by_region(registered, investigation_outcome)
