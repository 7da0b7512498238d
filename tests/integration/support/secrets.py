# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that no secret appears in output or files."""

from __future__ import annotations

from collections.abc import Iterable

from tests.integration.support.ansible import Ansible


def assert_unseen(ansible: Ansible, secrets: Iterable[str], own: Iterable[str] = ()) -> None:
    """Assert that no secret is in the output of the runs or in their files, except the test's ``own`` files."""
    assert ansible.outputs
    texts = {f"output {number}": output.encode() for number, output in enumerate(ansible.outputs, 1)}
    for path in ansible.folder.rglob("*"):
        if path.is_file() and path.name not in set(own):
            texts[str(path)] = path.read_bytes()
    secrets = list(secrets)
    assert secrets
    for number, secret in enumerate(secrets):
        assert secret
        seen = [name for name, text in texts.items() if secret.encode() in text]
        assert not seen, f"secret {number} is seen in {seen}"
