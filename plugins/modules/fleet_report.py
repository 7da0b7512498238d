# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_report
short_description: Show the rows of a report as a table, and save them
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Prints a table on the terminal of the controller and, with O(dest), writes the rows to a JSON file there.
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
      - Keys of the rows to show, in order. The last column is the one that may be long. Where it does not fit the screen, the
        key C(brief) of the row is shown instead if there is one, and what does not fit is cut. The whole text follows below
        the row if that has failed, and with C(-v).
      - Of more than 40 rows those with the value O(brief) are only counted.
    type: list
    elements: str
    required: true
  narrow:
    description:
      - Columns to show instead of O(columns) where these would leave too little of the screen to the last one.
      - The screen is as wide as the environment variable E(COLUMNS) or the terminal says, else 80 columns.
    type: list
    elements: str
  details:
    description: Keys of the rows to show below each row, a line each, where the row has them.
    type: list
    elements: str
    default: []
  brief:
    description: The value of O(count_by) whose rows are shown without O(details).
    type: str
  rows:
    description: The rows, with all their keys saved to O(dest).
    type: list
    elements: dict
    required: true
  count_by:
    description: Key by whose values the rows are counted in the heading.
    type: str
    required: true
  notes:
    description: Sentences to show below the table, a line each. They are not saved.
    type: list
    elements: str
    default: []
  dest:
    description: JSON file to write on the controller, whole or not at all. Its folder is made where it is missing.
    type: path
notes:
  - The report is also written in check mode; it is output, not a change of the fleet.
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
  description: How many rows have which value of the key O(count_by).
  type: dict
  returned: always
  sample:
    registered: 7
    unregistered: 1
dest:
  description: Absolute path of the file written.
  type: str
  returned: when O(dest) is given
  sample: /home/operator/esa-ctr-report/registration.json
"""
