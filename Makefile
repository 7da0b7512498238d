# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Targets for development. `make` lists them.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

# The user's own settings and collections must not influence a check.
$(foreach name,$(filter-out ANSIBLE_CORE,$(filter ANSIBLE_% MOLECULE_%,$(.VARIABLES))),$(eval unexport $(name)))
unexport PYTHONPATH PYTHONHOME PYTEST_ADDOPTS VIRTUAL_ENV
# Without bytecode, each process compiles the collection and the tests again.
unexport PYTHONDONTWRITEBYTECODE
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export ANSIBLE_CONFIG := $(CURDIR)/tests/tools/ansible.cfg
export PATH := $(CURDIR)/.venv/bin:$(PATH)

PY := .venv/bin/python
WORKERS ?= 4
FLEET ?= demo
ARGS ?=
# QUICK=1 leaves out the tests of tests/long.txt, and the sanity tests that take longest or repeat a linter.
QUICK ?=
LONG_SANITY := ansible-doc changelog compile import pep8 pslint pylint shellcheck yamllint
PYTEST := $(PY) -m pytest -n $(WORKERS) --durations=20 --durations-min=2 $(if $(QUICK),-m "not long")

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: ## Install the tools and this collection into .venv (PYTHON=..., ANSIBLE_CORE=2.17 select others)
	@./tests/tools/setup.sh

.PHONY: demo
demo: setup ## Onboard simulated appliances to simulated clouds, rerun, and show the reports (ARGS=... for the demo)
	@$(PY) tests/tools/demo.py $(ARGS)

.PHONY: lab
lab: setup ## Run simulated appliances and clouds until Ctrl-C (FLEET=name or file, default demo)
	@$(PY) tests/tools/lab.py "$(FLEET)"

.PHONY: test
test: setup ## Run the checks before a commit, and print a summary and the slowest tests
	@QUICK=1 $(PY) tests/tools/run_checks.py lint docs-check coverage browser monitoring build integration sanity

.PHONY: test-all
test-all: setup ## Run all checks with the tests that take long, and molecule
	@$(PY) tests/tools/run_checks.py lint docs-check coverage browser monitoring eda controller build integration molecule sanity

.PHONY: lint
lint: setup ## Check style and types: ruff, mypy, yamllint, shellcheck, ansible-lint
	@code=0; for check in "ruff check ." "ruff format --check ." mypy "yamllint -s ." \
		"shellcheck .ci/run tests/tools/setup.sh" \
		"check-jsonschema --builtin-schema vendor.github-workflows $(wildcard .github/workflows/*.yml)" \
		"check-jsonschema --builtin-schema vendor.github-issue-forms $(wildcard .github/ISSUE_TEMPLATE/*_re*.yml)" \
		"check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml" \
		"ansible-lint --offline --profile production --strict"; \
	do echo "$$check"; .venv/bin/$$check || code=1; done; exit $$code

.PHONY: docs-check
docs-check: setup ## Check the changelog and the plugin documentation
	.venv/bin/antsibull-changelog lint
	@$(PY) tests/tools/docs_check.py

.PHONY: unit
unit: setup ## Run the unit tests (ARGS=... for pytest)
	$(PYTEST) tests/unit $(ARGS)

.PHONY: coverage
coverage: setup ## Run the unit tests and compare their coverage with the floor of each folder (ARGS=--write sets new floors)
	@$(PY) tests/tools/coverage_floors.py $(if $(QUICK),--if-cheap) $(ARGS) -- $(PYTEST)

.PHONY: browser
browser: setup ## Test the page of the drift report in Chromium; skipped if none is installed (ARGS=... for pytest)
	@$(PY) tests/tools/browser.py -n $(WORKERS) $(if $(QUICK),-m "not long") $(ARGS)

.PHONY: monitoring
monitoring: setup ## Test metrics, alert rules and dashboard in Prometheus; skipped if none is installed (ARGS=... for pytest)
	@$(PY) tests/tools/monitoring.py $(ARGS)

.PHONY: build
build: setup ## Build the collection into dist/, and check the tarball
	@$(PY) tests/tools/build_collection.py

.PHONY: integration
integration: setup ## Run the playbooks against the lab, and a sample of the torture with QUICK=1 (ARGS=... for pytest)
	$(PYTEST) --dist loadfile --no-loadscope-reorder tests/integration tests/torture $(ARGS)

.PHONY: torture
torture: setup ## Kill, flood, deceive and delay the collection, and print a table (SEED=, MINUTES=, TESTS=, ARGS=... for pytest)
	$(PYTEST) --dist loadfile --seed $(or $(SEED),1) --minutes $(or $(MINUTES),90) $(or $(TESTS),tests/torture) $(ARGS)

.PHONY: molecule
molecule: setup ## Run the molecule scenario of the role
	.venv/bin/molecule test --all --no-command-borders

.PHONY: sanity
sanity: setup ## Run ansible-test sanity on a clean copy (ARGS=... for ansible-test)
	@$(PY) tests/tools/sanity.py $(if $(QUICK),$(addprefix --skip-test ,$(LONG_SANITY))) $(ARGS)

.PHONY: format
format: setup ## Format the Python code with ruff
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: changelog
changelog: setup ## Generate CHANGELOG.md from changelogs/fragments
	@$(PY) tests/tools/changelog.py

.PHONY: docs
docs: setup ## Generate the generated pages and schemas in docs/: compatibility, API, troubleshooting, profiles, performance, reliability
	$(PY) tests/tools/compatibility.py
	$(PY) tests/tools/api_contract.py
	$(PY) tests/tools/troubleshooting.py
	$(PY) tests/tools/profiles.py
	$(PY) tests/tools/probe_schema.py
	$(PY) tests/tools/performance.py
	$(PY) tests/tools/reliability.py

.PHONY: docs-site
docs-site: setup ## Build the documentation site in .cache/docs-site/html, without a warning or a broken link
	@$(PY) tests/tools/docs_site.py

.PHONY: contracts
contracts: setup ## Check the cloud exchanges against all API descriptions, and with prism (needs node)
	@$(PY) tests/tools/contracts.py -n $(WORKERS) --dist loadfile $(ARGS)

.PHONY: compat
compat: setup ## Run the life of a fleet on each supported ansible-core and each installed Python (ARGS=--help)
	@PYTHONPATH=$(CURDIR) $(PY) tests/tools/compat.py $(ARGS)

.PHONY: eda
eda: setup ## Test the event source and the rulebook with ansible-rulebook; skipped without Java 17 (ARGS=... for pytest)
	@$(PY) tests/tools/eda.py $(ARGS)

.PHONY: controller
controller: setup ## Test the collection in ansible-runner, ansible-navigator and ansible-builder (ARGS=... for pytest)
	@$(PY) tests/tools/controller.py $(ARGS)

.PHONY: soak
soak: setup ## Run the long random tests: dialects, damaged screens, pauses, floods, fleets (DIALECTS=, DIALOGUES=, FLEETS=)
	PAUSES=all $(PY) -m pytest -q -rP -n $(WORKERS) \
		tests/unit/plugins/module_utils/asyncos/cli/test_pauses.py \
		tests/unit/plugins/module_utils/asyncos/cli/test_hostile_output.py
	DIALOGUES=$${DIALOGUES:-20000} $(PY) -m pytest -q -rP -n $(WORKERS) \
		tests/unit/plugins/module_utils/asyncos/cloud_service/test_mutations.py
	DIALECTS=$${DIALECTS:-5000} $(PY) -m pytest -q -rP -n $(WORKERS) \
		tests/unit/plugins/module_utils/asyncos/cloud_service/test_dialects.py
	FLEETS=$${FLEETS:-500} $(PY) -m pytest -q -rP tests/integration/test_prediction.py

.PHONY: bench
bench: setup ## Measure the collection and what users have without it, print a table and write bench.json (ARGS=--help)
	@PYTHONPATH=$(CURDIR) $(PY) -m tests.bench $(ARGS)

.PHONY: clean
clean: ## Delete .venv, caches and build output
	rm -rf .venv .cache .ansible .pytest_cache .ruff_cache .hypothesis dist build
