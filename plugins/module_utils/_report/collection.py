# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The folder and the version of the collection."""

from __future__ import annotations

import json
import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3))


def collection_version() -> str:
    """Return the version, from the manifest of an installed collection or from galaxy.yml of a checkout."""
    try:
        with open(os.path.join(ROOT, "MANIFEST.json"), encoding="utf-8") as stream:
            return str(json.load(stream)["collection_info"]["version"])
    except FileNotFoundError:
        with open(os.path.join(ROOT, "galaxy.yml"), encoding="utf-8") as stream:
            match = re.search(r"^version: (\S+)", stream.read(), re.MULTILINE)
            return match.group(1) if match else "unknown"
