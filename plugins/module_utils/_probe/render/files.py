# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The files of a probe, each written in one step and readable only by their owner."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._files import PRIVATE, absolute, write_atomically
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import ProbeDocument, Proposal, Remaining
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import text_of
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN

from .html import html_text
from .markdown import markdown_text
from .profile_file import profile_text

FILES = {"json": "probe.json", "md": "probe.md", "html": "probe.html", "profile": "profile.yml"}


def save(
    folder: str, root: str, document: ProbeDocument, proposals: Sequence[Proposal], remaining: Sequence[Remaining]
) -> dict[str, str]:
    """Write the files, and return the path of each. C(profile.yml) has the values as they came; it is for the user only.

    ``root`` is the folder of the collection. Without proposals and uncertain differences no profile is written, and an older
    one is removed. Raise OSError and BadSources.
    """
    folder = absolute(folder)
    needed = bool(proposals or remaining)
    shared_profile = profile_text(document.proposals, document.remaining) if needed else ""
    texts = {
        "json": text_of(json.dumps(document.as_json(), indent=2, ensure_ascii=False)) + "\n",
        "md": markdown_text(document),
        "html": html_text(document, root, shared_profile),
        **({"profile": profile_text(proposals, remaining)} if needed else {}),
    }
    paths = {
        name: write_atomically(os.path.join(folder, FILES[name]), OF_RUN.mask(text), PRIVATE)
        for name, text in texts.items()
    }
    if not needed:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, FILES["profile"]))
    return paths
