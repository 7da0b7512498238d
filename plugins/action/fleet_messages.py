# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send a test message through each appliance of the play, and wait until message tracking finds it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import Search
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.send_and_track import Messages, send_and_track
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import plain
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import (
    Sent,
    Tracked,
    follow,
    observables,
    product_in_sse,
)
from ansible_collections.emailsec.ctr.plugins.plugin_utils._appliance_services import ApplianceServices
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._event_loop import run
from ansible_collections.emailsec.ctr.plugins.plugin_utils._fleet_reading import (
    FleetRefused,
    read_fleet,
    values_for_tasks,
)
from ansible_collections.emailsec.ctr.plugins.plugin_utils._reading_display import ReadingDisplay
from ansible_collections.emailsec.ctr.plugins.plugin_utils._settings import CheckedPlay

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {"hosts": {"type": "list", "elements": "str"}}


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        try:
            play, state = read_fleet(self, task_vars or {}, job="report", appliances=False, hosts=options["hosts"])
        except FleetRefused as refused:
            return {**result, **refused.result}
        check_mode = bool(self._task.check_mode)
        messages = self._messages(play, state, check_mode)
        chains = [
            follow(wanted, messages.sent[host], messages.tracked[host]) for host, wanted in state.settings.hosts.items()
        ]
        result.update(
            changed=any(not sent.skipped and (check_mode or sent.message_id) for sent in messages.sent.values()),
            messages=pack(messages),
            regions=list(observables(chains)),
            **values_for_tasks(play, state),
        )
        # The result is for the next tasks; it is too long to show.
        result["_ansible_no_log"] = True
        return result

    def _messages(self, play: CheckedPlay, state: FleetState, check_mode: bool) -> Messages:
        services = ApplianceServices(play)
        hosts = list(state.settings.hosts)

        def value(host: str, name: str) -> Any:
            return plain(play.values[host].get(name))

        def send(host: str) -> Sent:
            earlier = value(host, "esa_ctr_verify_message_id")
            if earlier:
                return Sent(str(earlier), skipped=True)
            return Sent() if check_mode else services.send(host)

        def search_of(host: str, sent: Sent) -> AbstractContextManager[Search]:
            return services.search(
                host,
                product_in_sse(state.settings.hosts[host], state.devices),
                message_id=sent.message_id,
                last=f"{value(host, 'esa_ctr_request_timeframe_days')}d" if sent.skipped else None,
                wait_timeout=value(host, "esa_ctr_verify_timeout"),
                wait_interval=value(host, "esa_ctr_verify_interval"),
            )

        if check_mode:
            return Messages({host: send(host) for host in hosts}, dict.fromkeys(hosts, Tracked()))
        display = ReadingDisplay(self, len(hosts), "tracked")
        return run(send_and_track(hosts, send, search_of, play.run.concurrency, display.count))
