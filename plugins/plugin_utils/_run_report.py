# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The report at the end of a run that onboards or removes appliances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState, Goal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.notes import notes_of
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import Orphans
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._report.wording import progress_row, reason_text, stop_text
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN

from ._controller_action import ControllerAction
from ._table import Table

TITLES = {Goal.PRESENT: "Onboarding", Goal.ABSENT: "Removal"}


def report_run(
    action: ControllerAction,
    state: FleetState,
    plan: FleetPlan,
    goal: Goal,
    pruned: Mapping[str, Orphans] | None = None,
) -> dict[str, Any]:
    """Show the table of a run. Return its rows, its notes, and by host the reason why an appliance is not done.

    ``pruned`` holds, by region, the records that the run removed.
    """
    check_mode = bool(action._task.check_mode)
    progress = plan.progress.values()
    rows = OF_RUN.mask_data([progress_row(row) for row in progress])
    notes = OF_RUN.mask_data(
        [reason_text(note) for note in notes_of(state, progress, plan.outcomes, pruned or {}, check_mode)]
    )
    Table(
        title=TITLES[goal] + (" (check mode: nothing was changed)" if check_mode else ""),
        columns=("host", "region", "registration", "module", "result", "detail"),
        narrow=("host", "region", "result", "detail"),
        count_by="result",
        brief="ok",
        rows=rows,
        notes=notes,
    ).show(action)
    return {
        "rows": rows,
        "notes": notes,
        "not_done": {row.host: OF_RUN.mask(stop_text(row)) for row in progress if row.why},
    }
