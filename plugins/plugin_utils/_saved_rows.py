# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Save the rows of a table on the controller, with a failure of the task in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._report.saved_rows import save_document
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message


def save_rows(dest: str, title: str, counts: Mapping[str, int], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write the rows to ``dest``, and return its absolute path. Raise AnsibleActionFail."""
    try:
        return save_document(dest, title, counts, rows)
    except OSError as error:
        problem = f"cannot write the report to {dest} ({error.strerror or error})"
        raise AnsibleActionFail(message(None, problem, "choose another folder with esa_ctr_report_dir")) from None
