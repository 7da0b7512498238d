# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default settings of Hypothesis."""

from __future__ import annotations

from hypothesis import settings

from tests.unit.examples import examples

settings.register_profile("unit", examples(100))
settings.load_profile("unit")
