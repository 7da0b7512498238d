# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A client that answers from recorded lists, and sends no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import DEVICES_PATH
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from .module_instances import INSTANCES_PATH
from .module_types import TYPES_PATH

Records = Sequence[Mapping[str, Any]]


class RecordedClient(IrohClient):
    """Return the recorded lists of C(iroh-int), and raise ``devices_error`` for the list of devices.

    Raise RuntimeError for any other request.
    """

    def __init__(
        self,
        region: str,
        types: Records = (),
        instances: Mapping[str, Records] | None = None,
        devices_error: ApiError | None = None,
    ) -> None:
        self.region = all_regions()[region]
        self.calls = self.writes = 0
        self._types = types
        self._instances = instances or {}
        self._devices_error = devices_error

    def get_all(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        page: int,
        names: tuple[str, ...] = (),
        list_in: str = "",
    ) -> list[Any]:
        if path == TYPES_PATH:
            return list(self._types)
        if path == INSTANCES_PATH:
            return list(self._instances.get(str((params or {})["module_type_id"]), ()))
        if path == DEVICES_PATH and self._devices_error is not None:
            raise self._devices_error
        raise RuntimeError(f"{path} was not recorded")

    def _request(self, method: str, path: str, **_options: Any) -> Any:
        raise RuntimeError(f"{method} {path} is not sent while planning")

    def close(self) -> None:
        pass
