# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_report
short_description: Show rows as a table and save them
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Prints rows as a table on the terminal of the controller. With O(dest), also writes the rows to a JSON file.
  - Used by the role P(emailsec.ctr.esa_ctr_integration#role) at the end of a run.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  title:
    description: Heading of the table.
    type: str
    required: true
  columns:
    description:
      - Keys of the rows to show, in order. The last column can be long. If it does not fit the screen, the key C(brief) of
        the row replaces it, and a text that is still too long is shortened. The full text follows below rows that failed,
        and below all rows with C(-v).
      - If there are more than 40 rows, those with the value O(brief) are only counted.
    type: list
    elements: str
    required: true
  narrow:
    description:
      - Columns to show instead of O(columns) on a narrow screen.
      - The width of the screen is the environment variable E(COLUMNS), else the width of the terminal, else 80.
    type: list
    elements: str
  details:
    description: Keys of the rows to show below each row, each on a new line. Missing keys are skipped.
    type: list
    elements: str
    default: []
  brief:
    description: The value of O(count_by) for rows that are shown without O(details).
    type: str
  rows:
    description: The rows. All their keys are saved to O(dest).
    type: list
    elements: dict
    required: true
  count_by:
    description: Key whose values are counted in the heading.
    type: str
    required: true
  notes:
    description: Notes to show below the table. They are not saved.
    type: list
    elements: str
    default: []
  dest:
    description: JSON file on the controller. It is written in one step. A missing folder is created.
    type: path
notes:
  - The file is also written in check mode, because it does not change the fleet.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Show which appliances are registered
  emailsec.ctr.fleet_report:
    title: Registration
    columns: [host, registration]
    count_by: registration
    rows: "{{ rows }}"
    dest: ./esa-ctr-report/registration.json
  run_once: true
"""

RETURN = r"""
counts:
  description: Number of rows for each value of the key O(count_by).
  type: dict
  returned: always
  sample:
    registered: 7
    unregistered: 1
dest:
  description: Absolute path of the written file.
  type: str
  returned: when O(dest) is set
  sample: /home/operator/esa-ctr-report/registration.json
"""
