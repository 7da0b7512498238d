# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Whether asyncssh is installed. Without it, only imports work."""

from __future__ import annotations

KEY_ERRORS: tuple[type[Exception], ...] = ()
try:
    import asyncssh
except ImportError:
    HAS_ASYNCSSH = False
else:
    HAS_ASYNCSSH = True
    KEY_ERRORS = (asyncssh.KeyImportError, asyncssh.KeyEncryptionError)

ASYNCSSH_MISSING = (
    "the Python library asyncssh is missing on the controller. Fix: install this collection's requirements.txt into the "
    "Python that runs Ansible (python -m pip install -r requirements.txt)."
)
