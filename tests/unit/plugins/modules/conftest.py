# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixtures of the cloud side."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.fixtures import (
    ca,
    ca_path,
    environment,
    iroh,
    make_client,
    options,
    pauses,
    run_module,
)

__all__ = ["ca", "ca_path", "environment", "iroh", "make_client", "options", "pauses", "run_module"]
