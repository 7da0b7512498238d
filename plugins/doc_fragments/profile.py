# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  profile:
    description:
      - What the real systems call things, where it differs from what the collection expects, as a map in the format of
        C(docs/profiles.md). To use a file, read it with the lookup P(ansible.builtin.file#lookup).
    type: dict
"""
