# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx settings of the documentation site."""

project = "emailsec.ctr"
author = "the emailsec.ctr contributors"
copyright = "2026, the emailsec.ctr contributors"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "furo"
html_title = "emailsec.ctr"
html_copy_source = False
html_show_sphinx = False
pygments_style = "ansible"
highlight_language = "text"
myst_heading_anchors = 4
# The pages of plugins refer to labels of the Ansible documentation, which is not here.
suppress_warnings = ["ref.ref"]
exclude_patterns = ["docs/monitoring/*.json"]
html_static_path = ["site.css"]
html_css_files = ["site.css"]
