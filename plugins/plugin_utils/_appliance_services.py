# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The REST API and the mail listener of an appliance, with the variables of the role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.client import ApiClient
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import (
    Search,
    client_of_options,
    tracking_argument_spec,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import plain
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import Sent, sent_of
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._mail.options import (
    REQUIRED_TOGETHER,
    message_argument_spec,
    send_message,
)

from ._login_records import ApiLogin
from ._settings import CheckedPlay

_API = "esa_ctr_api_"
_SMTP = "esa_ctr_smtp_"


class ApplianceServices:
    """The services of the appliances of a play. A product, C(esa) or C(sma), is for hosts that do not set it."""

    def __init__(self, play: CheckedPlay) -> None:
        self._play = play

    def has_password(self, host: str) -> bool:
        """Return whether a password of the API is known."""
        return bool(self._value(host, _API + "password") or self._play.ssh[host].password)

    def client(self, host: str, product: str) -> ApiClient:
        """Return the client for the API. Raise ApiError."""
        return client_of_options(self._search_options(host, product))

    @contextmanager
    def search(self, host: str, product: str, **options: Any) -> Iterator[Search]:
        """Open the API for a search with these options of C(esa_message_tracking_info). Raise ApiError.

        A log-in that was refused earlier in this run is not repeated.
        """
        checked = self._search_options(host, product, **options)
        log_in = self._log_in(host, checked)
        refused = log_in.refused_before()
        if refused is not None:
            raise refused
        try:
            with client_of_options(checked) as client:
                yield Search(client, checked)
        except ApiError as error:
            result = error.as_result()
            log_in.note(result["path"], result["http_status"])
            raise

    def send(self, host: str) -> Sent:
        """Send a test message."""
        given = self._values(
            host, _SMTP, "host", "port", "starttls", "username", "password", "ca_path", "validate_certs"
        )
        given.setdefault("host", self._play.ssh[host].host)
        given.update(sender=self._value(host, "esa_ctr_verify_sender"))
        given.update(recipient=self._value(host, "esa_ctr_verify_recipient"))
        try:
            return sent_of(send_message(_checked(message_argument_spec(), given, REQUIRED_TOGETHER), check_mode=False))
        except OptionRefused as error:
            return Sent(problem=str(error))

    def _search_options(self, host: str, product: str, **options: Any) -> dict[str, Any]:
        ssh = self._play.ssh[host]
        given = {
            "host": ssh.host,
            "product": product,
            "username": ssh.user,
            "password": ssh.password,
            **self._values(
                host, _API, "host", "port", "product", "username", "password", "ca_path", "validate_certs", "timeout"
            ),
            "record": self._play.run.record or None,
            **options,
        }
        return _checked(tracking_argument_spec(), given)

    def _log_in(self, host: str, options: Mapping[str, Any]) -> ApiLogin:
        return ApiLogin(
            host,
            options["host"],
            options["port"],
            options["username"],
            options["password"],
            {host, self._play.ssh[host].host},
        )

    def _values(self, host: str, prefix: str, *names: str) -> dict[str, Any]:
        """Return the variables that are set, without their prefix."""
        values = {name: self._value(host, prefix + name) for name in names}
        return {name: value for name, value in values.items() if value not in (None, "")}

    def _value(self, host: str, name: str) -> Any:
        return plain(self._play.values[host].get(name))


def _checked(spec: dict[str, Any], given: Mapping[str, Any], together: Any = None) -> dict[str, Any]:
    """Return the options with their types and defaults, as a module would get them. Raise OptionRefused."""
    validated = ArgumentSpecValidator(spec, required_together=together).validate(
        {name: value for name, value in given.items() if value is not None}
    )
    if validated.error_messages:
        raise OptionRefused(
            validated.error_messages[0], host=given.get("host"), fix="correct this variable of the role."
        )
    return dict(validated.validated_parameters)
