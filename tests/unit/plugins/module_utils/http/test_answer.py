# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Texts of an answer for messages: secrets are masked before a text is cut."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import LONGEST_NAMES, field_names
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, Secrets

SECRET = "s3cret-of-the-client"


def test_secrets_in_the_names_of_fields_are_masked_before_the_names_are_cut() -> None:
    assert field_names({SECRET: 1, "id": 2}, Secrets(SECRET)) == f"id, {MASK}"
    long = field_names({"a" * (LONGEST_NAMES - 10): 1, SECRET: 2}, Secrets(SECRET))
    assert len(long) == LONGEST_NAMES and SECRET[:5] not in long
    assert field_names({}, Secrets(SECRET)) == "none"
