# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the drift report of what was compared: shows what is not ok, writes the files, and then fails where it is asked to."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._files import absolute
from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT, collection_version
from ansible_collections.emailsec.ctr.plugins.module_utils._report.document import BadRow, drift_document
from ansible_collections.emailsec.ctr.plugins.module_utils._report.failure import failure
from ansible_collections.emailsec.ctr.plugins.module_utils._report.history import last_document, read_history
from ansible_collections.emailsec.ctr.plugins.module_utils._report.options import ARGUMENT_SPEC
from ansible_collections.emailsec.ctr.plugins.module_utils._report.page import SOURCES, BadSources
from ansible_collections.emailsec.ctr.plugins.module_utils._report.save import render, save
from ansible_collections.emailsec.ctr.plugins.module_utils._report.terminal import summary, table
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        folder = absolute(options["dest"])
        warnings: list[str] = []
        try:
            document = drift_document(
                title=options["title"],
                created=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                collection=collection_version(),
                regions=options["regions"],
                appliances=options["appliances"],
                last=last_document(folder, warnings.append),
                history=read_history(folder, options["keep"] - 1, warnings.append),
            )
            texts = render(document, options["formats"], options["page"] or os.path.join(ROOT, SOURCES))
            paths = save(folder, document, texts, options["keep"])
        except (BadRow, BadSources) as error:
            raise AnsibleActionFail(f"The drift report cannot be made: {error}") from None
        except OSError as error:
            raise AnsibleActionFail(
                f"The drift report cannot be written to {folder} ({error.strerror or error}). "
                "Remedy: choose another folder with esa_ctr_report_dir."
            ) from None
        shown = paths.get("html", paths["json"])
        self._show(table(document, shown) if "table" in options["formats"] else [])
        self._show([*summary(document), f"Report: {shown}"])
        result.update(
            changed=False,
            verdict=document["verdict"],
            counts=document["counts"],
            previous=self._brief(document["previous"]),
            files=paths,
            dest=shown,
        )
        if warnings:
            result["warnings"] = warnings
        message = failure(document, options["fail_on"], shown)
        if message:
            result.update(failed=True, msg=message)
        return result

    @staticmethod
    def _brief(previous: dict[str, Any] | None) -> dict[str, Any] | None:
        """With numbers in the place of lists: what a task returns is there for every host, and printed when it fails."""
        return previous and {key: len(value) if isinstance(value, list) else value for key, value in previous.items()}

    def _show(self, lines: list[str]) -> None:
        for line in ["", *lines] if lines else []:
            self._display.display(line)
