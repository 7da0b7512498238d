# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Where the hosts' registration tokens of the portal come from: variables or files."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFileNotFound

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import (
    FILE,
    TOKENS,
    Tokens,
    TokensUnusable,
    tokens_of_text,
    tokens_of_variable,
)


class TokenSources:
    """Reads each source once. Hosts with equal sources get the same object."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._of_file: dict[str, Tokens | str] = {}
        self._of_variable: list[tuple[Any, Tokens | str]] = []

    def tokens(self, values: Mapping[str, Any]) -> Tokens | None:
        """Return the tokens from the evaluated variables of a host, or None. Raise TokensUnusable."""
        variable, file = values.get(TOKENS), values.get(FILE)
        if variable and file:
            raise TokensUnusable(f"both {TOKENS} and {FILE} are set. Fix: remove one of them.")
        if file:
            found = self._from_file(os.path.abspath(os.path.expanduser(str(file))))
        elif variable:
            found = self._from_variable(variable)
        else:
            return None
        if isinstance(found, str):
            raise TokensUnusable(found)
        return found

    def _from_file(self, path: str) -> Tokens | str:
        if path not in self._of_file:
            self._of_file[path] = self._read(path)
        return self._of_file[path]

    def _read(self, path: str) -> Tokens | str:
        try:
            # The loader decrypts a file that is vaulted.
            content, _shown = self._loader._get_file_contents(path)
            return tokens_of_text(content.decode("utf-8"), f"{FILE} {path}")
        except TokensUnusable as error:
            return str(error)
        except UnicodeDecodeError:
            return (
                f"{FILE} {path} is not a text file. Fix: give the file as saved by the portal, with one token per line."
            )
        except Exception as error:  # the classes of the loader's errors differ between releases of ansible-core
            cause = error.__cause__ or error
            missing = os.strerror(errno.ENOENT) if isinstance(error, AnsibleFileNotFound) else None
            reason = getattr(cause, "strerror", None) or missing or str(error)
            return (
                f"{FILE} {path} cannot be read ({reason}). Fix: check the path, the permissions and the vault password."
            )

    def _from_variable(self, value: Any) -> Tokens | str:
        for known, tokens in self._of_variable:
            if known == value:
                return tokens
        found: Tokens | str
        try:
            found = tokens_of_variable(value)
        except TokensUnusable as error:
            found = str(error)
        self._of_variable.append((value, found))
        return found
