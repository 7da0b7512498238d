# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The role's argument_specs, which say what variables there are."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import yaml

from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT

PATH = os.path.join(ROOT, "roles", "esa_ctr_integration", "meta", "argument_specs.yml")


@lru_cache(maxsize=1)
def role_options() -> dict[str, dict[str, Any]]:
    """Return the variables of the role by name, each as argument_specs describes it."""
    with open(PATH, encoding="utf-8") as stream:
        specification = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return dict(specification["argument_specs"]["main"]["options"])
