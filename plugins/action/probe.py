# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare appliances and regions with everything that the collection assumes, and propose a profile. Only reads."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import client_of_account
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import plain
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.assumptions import all_assumptions
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.compare import compare
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.document import probe_document, vocabulary
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.findings import Findings
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.probe import probe
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.propose import propose
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.files import save
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.terminal import terminal_lines
from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT, collection_version
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import BadSources
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message
from ansible_collections.emailsec.ctr.plugins.module_utils._stand_ins import StandIns
from ansible_collections.emailsec.ctr.plugins.plugin_utils._appliance_services import ApplianceServices
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._event_loop import run
from ansible_collections.emailsec.ctr.plugins.plugin_utils._fleet_reading import require_libraries
from ansible_collections.emailsec.ctr.plugins.plugin_utils._problems import refusal
from ansible_collections.emailsec.ctr.plugins.plugin_utils._reading_display import ReadingDisplay
from ansible_collections.emailsec.ctr.plugins.plugin_utils._settings import CheckedPlay, check_play

QUESTIONS = ("register", "deregister")
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "dest": {"type": "path", "required": True},
    "questions": {"type": "list", "elements": "str", "choices": list(QUESTIONS), "default": []},
}
_DATA = ("esa_ctr_module_name", "esa_ctr_managed_by_sma", "esa_ctr_api_host", "esa_ctr_smtp_host")
_USERS = ("esa_ctr_api_username", "esa_ctr_smtp_username", "esa_ctr_verify_sender", "esa_ctr_verify_recipient")


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        play = check_play(self, task_vars or {}, "report", allow_managed=True, new_regions=True)
        if play.problems:
            return {**result, **refusal(self, play.problems)}
        require_libraries()
        began = time.monotonic()
        findings = self._read(play, options["questions"])
        seconds = time.monotonic() - began
        compared = [(assumption, compare(assumption, findings)) for assumption in all_assumptions()]
        proposals, remaining = propose(findings, compared)
        stand_ins = _stand_ins(play, findings)
        document = probe_document(
            findings,
            compared,
            proposals,
            remaining,
            stand_ins,
            created=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            collection=collection_version(),
            seconds=round(seconds, 3),
            profile=tuple(os.path.basename(one) for one in play.profile.sources),
        )
        try:
            paths = save(options["dest"], ROOT, document, proposals, remaining)
        except BadSources as error:
            raise AnsibleActionFail(f"cannot create the page of the probe: {error}") from None
        except OSError as error:
            problem = f"cannot write the probe to {options['dest']} ({error.strerror or error})"
            raise AnsibleActionFail(message(None, problem, "choose another folder with esa_ctr_probe_dir")) from None
        names = {stand_ins.text(host): host for host in play.batch}
        for line in [*terminal_lines(document, self.screen_width(), names), *_written(paths)]:
            self._display.display(OF_RUN.mask(line))
        result.update(changed=False, counts=document.counts(), proposals=len(proposals), remaining=len(remaining))
        result.update(files=paths, dest=paths["html"])
        if document.unread() == len(document.appliances) + len(document.regions):
            result.update(failed=True, msg=f"nothing could be read. Fix: see the failures above, or {paths['html']}.")
        return result

    def _read(self, play: CheckedPlay, questions: list[str]) -> Findings:
        display = ReadingDisplay(self, len(play.batch))
        services = ApplianceServices(play)

        def options_of(host: str) -> SshOptions:
            return display.connecting(play.ssh[host])

        return run(
            probe(
                {host: play.wanted[host].region for host in play.batch},
                options_of,
                play.regions_to_read,
                lambda region: client_of_account(region, play.accounts.get(region, {}), os.environ),
                [host for host in play.batch if services.has_password(host)],
                services.client,
                questions=[one.upper() for one in questions],
                concurrency=play.run.concurrency,
                finished=lambda walked: display.count(failed=walked.failure is not None),
            )
        )


def _stand_ins(play: CheckedPlay, findings: Findings) -> StandIns:
    """Return stand-ins that know the data of the inventory."""
    stand_ins = StandIns(vocabulary=vocabulary(findings))
    for host, options in play.ssh.items():
        stand_ins.know("host", host, options.host, options.cluster_machine, options.jump and options.jump.host)
        stand_ins.know("user", options.user, options.jump and options.jump.user)
    for values in play.values.values():
        stand_ins.know("name", *(plain(values.get(name)) for name in _DATA))
        stand_ins.know("user", *(plain(values.get(name)) for name in _USERS))
    for account in play.accounts.values():
        stand_ins.know("id", account.get("client_id"))
    return stand_ins


def _written(paths: Mapping[str, str]) -> list[str]:
    lines = [
        "",
        f"Page: {paths['html']}",
        f"Safe to share, after a look: {paths['json']}",
        f"As Markdown: {paths['md']}",
    ]
    return [*lines, f"Proposed profile, with evidence: {paths['profile']}"] if "profile" in paths else lines
