# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Syntax errors of queries, and their translation to searches of message tracking."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api import tracking
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.query import (
    SEARCHES,
    query_problem,
    tracking_search,
)

PROCEDURE = (
    ('ip:"4.2.2.2"', {"sender_ip": "4.2.2.2"}),
    ('domain:"cisco.com"', {"sender_domain": "cisco.com"}),
    ('email:"noreply@cisco.com"', {"sender": "noreply@cisco.com"}),
    ('email_messageid:"123-abc-456@cisco.com"', {"message_id": "123-abc-456@cisco.com"}),
    ('email_subject:"Invoice Due"', {"subject": "Invoice Due", "subject_operator": "is"}),
    ('cisco_mid:"12345"', {"cisco_mid": "12345"}),
    (f'sha256:"{"ab" * 32}"', {"sha256": "ab" * 32}),
    ('file_name:"invoice.pdf"', {"attachment_name": "invoice.pdf"}),
)


@pytest.mark.parametrize(("query", "search"), PROCEDURE)
def test_the_observables_of_the_procedure(query, search) -> None:
    assert query_problem(query) == ""
    assert tracking_search(query) == search


def test_observables_are_combined_in_one_search() -> None:
    assert tracking_search('ip:"192.0.2.1" file_name:"a.pdf"') == {"sender_ip": "192.0.2.1", "attachment_name": "a.pdf"}


@pytest.mark.parametrize("query", ['subject:"Invoice Due"', "Invoice Due", 'email_subject:"Invoice'])
def test_a_syntax_error_shows_the_correct_form(query) -> None:
    problem = query_problem(query)
    assert problem and ":" in problem
    assert tracking_search(query) == {}


def test_an_empty_query_is_valid() -> None:
    assert query_problem("") == ""
    assert tracking_search("") == {}


def test_every_search_is_an_option_of_the_module() -> None:
    assert set(SEARCHES.values()) <= set(tracking.tracking_argument_spec())
