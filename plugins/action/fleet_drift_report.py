# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the fleet with the inventory, show what is not ok, write the files, then fail if C(fail_on) asks for it."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.diagnosis import fleet_diagnosis
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.evidence import Readings, Searches
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.query import query_problem
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.drift import fleet_drift
from ansible_collections.emailsec.ctr.plugins.module_utils._files import absolute
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.investigation import investigation_outcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState, Goal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.outcomes import by_region
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan, plan_fleet
from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT, collection_version
from ansible_collections.emailsec.ctr.plugins.module_utils._report.document import BadRow, drift_document
from ansible_collections.emailsec.ctr.plugins.module_utils._report.drift_rows import drift_rows, short_texts
from ansible_collections.emailsec.ctr.plugins.module_utils._report.failure import failure
from ansible_collections.emailsec.ctr.plugins.module_utils._report.history import last_document, read_history
from ansible_collections.emailsec.ctr.plugins.module_utils._report.options import ARGUMENT_SPEC, MUTUALLY_EXCLUSIVE
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.files import render, save
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import SOURCES, BadSources
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.notification import has_changes, notification
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.terminal import summary, table
from ansible_collections.emailsec.ctr.plugins.module_utils._report.run_rows import finding_row, with_findings
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._fleet_reading import FleetRefused, plan_play, read_fleet
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_progress import unpack_reading, unpack_text
from ansible_collections.emailsec.ctr.plugins.plugin_utils._webhook import send_to_webhook

STATS = "emailsec_ctr_drift"
"""Not esa_ctr_: a workflow passes it on as a variable, and the role refuses unknown variables with its prefix."""
Rows = dict[str, list[dict[str, Any]]]


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC, mutually_exclusive=MUTUALLY_EXCLUSIVE)
        folder = absolute(options["dest"])
        try:
            rows, findings, short, profile = OF_RUN.mask_data(self._rows(options, task_vars or {}))
        except FleetRefused as refused:
            return {**result, **refused.result}
        if findings is not None:
            result["findings"] = findings
        warnings: list[str] = []
        try:
            document = drift_document(
                title=options["title"],
                created=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                collection=collection_version(),
                regions=rows["regions"],
                appliances=rows["appliances"],
                last=last_document(folder, warnings.append),
                history=read_history(folder, options["keep"] - 1, warnings.append),
                profile=profile,
            )
            texts = render(document, options["formats"], os.path.join(ROOT, SOURCES))
            paths = save(folder, document, texts, options["keep"], options["mode"])
        except (BadRow, BadSources) as error:
            raise AnsibleActionFail(f"cannot create the drift report: {error}") from None
        except OSError as error:
            problem = f"cannot write the drift report to {folder} ({error.strerror or error})"
            raise AnsibleActionFail(message(None, problem, "choose another folder with esa_ctr_report_dir")) from None
        shown = paths.get("html", paths["json"])
        if options["notify_url"] and has_changes(document) and not self._task.check_mode:
            body = notification(document, options["notify_format"], shown)
            given = (options["notify_url"], options["notify_headers"], options["notify_ca_path"])
            warnings += filter(None, [send_to_webhook(*given, body)])
        width = self.screen_width()
        verbose = self._display.verbosity > 0
        self._show(table(document, shown, width, short, verbose) if "table" in options["formats"] else [])
        self._show([*summary(document, width), f"Report: {shown}"])
        result.update(
            changed=False,
            verdict=document["verdict"],
            counts=document["counts"],
            previous=self._with_counts(document["previous"]),
            files=paths,
            dest=shown,
        )
        # An automation controller keeps these as the artifacts of the job (like ansible.builtin.set_stats).
        figures = {"verdict": document["verdict"], "counts": document["counts"], "report": shown}
        result["ansible_stats"] = {"data": {STATS: figures}, "per_host": False, "aggregate": False}
        if warnings:
            result["warnings"] = warnings
        failed = failure(document, options["fail_on"], shown)
        if failed:
            result.update(failed=True, msg=failed)
        return result

    def _rows(
        self, options: dict[str, Any], task_vars: dict[str, Any]
    ) -> tuple[Rows, list[dict[str, Any]] | None, dict[str, str], tuple[str, ...]]:
        """Return the rows of the report, the findings (None without a diagnosis), the short texts for narrow screens, and the
        names of the profiles.
        """
        if options["appliances"] is not None:
            return {"appliances": options["appliances"], "regions": options["regions"]}, None, {}, ()
        if options["reading"] is None:
            play, state = read_fleet(self, task_vars, "report")
            plan, state = plan_play(play, state)
        else:
            state = unpack_reading(options["reading"])
            plan = plan_fleet(state, Goal.PRESENT)
        drift = fleet_drift(state, plan)
        rows, short = drift_rows(drift), short_texts(drift)
        profile = state.settings.profile_sources
        if options["investigation"] is None:
            return rows, None, short, profile
        findings = self._findings(options, state, plan)
        return with_findings(rows, findings), findings, short, profile

    @staticmethod
    def _findings(options: dict[str, Any], state: FleetState, plan: FleetPlan) -> list[dict[str, Any]]:
        searches = Searches()
        if options["tracking"]:
            searches = unpack_text(Searches, options["tracking"], "tracking", "emailsec.ctr.fleet_plan")
        readings = Readings(
            state,
            plan,
            by_region(options["investigation"], investigation_outcome),
            searches.outcomes,
            options["query"],
            query_problem(options["query"]),
        )
        return [finding_row(one) for one in fleet_diagnosis(readings)]

    @staticmethod
    def _with_counts(previous: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return the comparison with counts instead of lists, because Ansible keeps the result for each host and prints failures."""
        return previous and {key: len(value) if isinstance(value, list) else value for key, value in previous.items()}

    def _show(self, lines: list[str]) -> None:
        for line in ["", *lines] if lines else []:
            self._display.display(line)
