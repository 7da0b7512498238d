# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab: email appliances (SSH CLI) and the clouds of three regions (HTTPS), in one process on loopback.

It is an independent implementation from published facts. Each docstring grades the source of the behaviour:
A text of the vendor, B text that automation of real appliances waits for, C tools that are used on real appliances,
D a third-party simulator, I inferred, R recollection without a source.
"""
