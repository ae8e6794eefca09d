# Everything a person or a machine does with this project. `make` alone lists it.
#
# Rules of this file:
# - standard output belongs to the commands (the demo's last line is JSON); what make itself has to say goes to standard error;
# - only Python 3.11 or later and make are expected of the machine; all else comes from the locked requirements.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.SUFFIXES:
# Tests start many programs, and each would compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; \
	done)
VENV := .venv
RUN := $(VENV)/bin/python
MADE := $(VENV)/made-from-the-lock
PIP_TOOLS := 7.6.2

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-zA-Z-]*\):.*## \(.*\)/make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r target does; do \
	  printf '%-14s %s\n' "$$target" "$$does"; done

.PHONY: demo
demo: $(MADE) ## play the whole story on the embedded AWS
	@exec $(RUN) -m local.demo

.PHONY: demo-self
demo-self: $(MADE) ## play the controller deploying itself, good and broken, on the embedded AWS
	@exec $(RUN) -m local.demo_self

.PHONY: local
local: $(MADE) ## start the embedded AWS with the stack and keep it up
	@exec $(RUN) -m local.serve

# Options by ARGS="--only L3,L5".
.PHONY: live
live: $(MADE) ## find out in your AWS account what only a live account can tell, for a few cents
	@exec $(RUN) -m live $(ARGS)

# Each lane is a process. Those with the embedded AWS wait more than they compute, and come first where both cores are wanted; so does
# the longest one, beside which a core would stand idle in the end.
DEMOS := $(addprefix tests/local/test_,demo.py demo_self.py slow_versions.py)
JUDGED := $(addprefix tests/local/test_,judging.py self_deployment.py live.py) tests/contract/test_walk_through.py
PEOPLE := $(addprefix tests/local/test_,client.py operator.py page_in_a_browser.py runbook.py serve.py who_may.py)
EMBEDDED := tests/local $(addprefix --ignore=,$(DEMOS) $(JUDGED) $(PEOPLE))
SWEPT := tests/faults
SCENARIOS := tests/scenarios
PLAYED := $(addprefix tests/,cloud stateful agreement)
PROSE := tests/contract/test_prose.py
REST := tests $(addprefix --ignore=,tests/local tests/contract/test_walk_through.py $(PROSE) $(SWEPT) $(SCENARIOS) $(PLAYED))
LANES := demos judged people embedded swept rest scenarios played

# Environments, packages and the site wait for one another only where they must. What a lane printed is shown when all have ended.
.PHONY: test
test: ## run every check
	@$(MAKE) --jobs lint docs packages
	@$(MAKE) --jobs --keep-going $(addprefix lane-,$(LANES)); status=$$?; \
	  cat $(patsubst %,.build/tests-%.log,$(LANES)); exit $$status

.PHONY: packages
packages: $(MADE)
	@$(RUN) packaging/build.py --platform lambda --into .build/package-lambda
	@$(RUN) packaging/build.py --platform this --into .build/package-this

lane-demos: TESTS := $(DEMOS)
lane-judged: TESTS := $(JUDGED)
lane-people: TESTS := $(PEOPLE)
lane-embedded: TESTS := $(EMBEDDED)
lane-swept: TESTS := $(SWEPT)
lane-rest: TESTS := $(REST)
lane-scenarios: TESTS := $(SCENARIOS)
lane-played: TESTS := $(PLAYED)
lane-swept lane-rest lane-played: YIELDING := nice
.PHONY: $(addprefix lane-,$(LANES))
$(addprefix lane-,$(LANES)): $(MADE)
	@$(YIELDING) $(RUN) -m pytest $(TESTS) > .build/tests-$(@:lane-%=%).log 2>&1

.PHONY: mutants
mutants: $(MADE) ## take each guard of the safety case out and see the tests fail
	@$(RUN) -m tests.guards

# No part of `make test`: a folder takes minutes, all of the controller an hour or more. The tool has an environment of its own, beside the tests'.
MUTATION := .build/mutation/environment
.PHONY: mutation
mutation: $(MUTATION)/made-from-the-locks ## change what functions do and print what no test misses: ONLY= TESTS= SHOW=
	@$(MUTATION)/bin/python -m tests.mutation $(if $(SHOW),--show $(SHOW),$(or $(ONLY),controller) $(TESTS))

$(MUTATION)/made-from-the-locks: requirements-dev.txt packaging/requirements-mutation.txt
	@echo 'Making $(MUTATION) from its locks; this is done once for each of them' >&2
	@$(PYTHON) -m venv --clear $(MUTATION) 1>&2
	@$(MUTATION)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-dev.txt \
	  -r packaging/requirements-mutation.txt 1>&2
	@touch $@

# `make test` sweeps one scenario of each kind with a quarter of the faults, and leaves the page alone.
TAKE_TURNS := before_traffic.py crashes.py every_request.py
.PHONY: faults
faults: $(MADE) ## make every call of every scenario fail every way, and write its page's table
	@$(RUN) -m tests.faults --page
	@SLIPWAY_FAULTS=all $(RUN) -m pytest tests/faults/test_two_controllers.py $(addprefix $(SCENARIOS)/test_,$(TAKE_TURNS))

# Tools that zip, of npm and PyPI, in the versions that were tried; what is not on this machine is left out.
ZIP_TOOLS := .build/zip-tools
$(ZIP_TOOLS)/made: Makefile
	@mkdir -p $(ZIP_TOOLS)
	@! command -v npm >/dev/null || npm install --silent --ignore-scripts --no-save --no-audit --no-fund --prefix $(ZIP_TOOLS) archiver@7.0.1 \
	  yazl@3.3.1 jszip@3.10.2 fflate@0.8.3 adm-zip@0.5.18 client-zip@2.5.1 @zip.js/zip.js@2.24.0 1>&2
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-input --upgrade --target $(ZIP_TOOLS)/python stream-zip==0.0.84 \
	  zipstream-ng==1.9.3 1>&2
	@touch $@

# The same tests as in `make test`, with TIMES as many examples, and others in every run.
TIMES ?= 20
.PHONY: fuzz
fuzz: $(MADE) $(ZIP_TOOLS)/made ## throw nonsense, and real tools' zips, at the border for a long while: TIMES=20
	@SLIPWAY_FUZZ_TIMES=$(TIMES) $(RUN) -m pytest tests/fuzz

# Likewise: what fails is printed as a scenario that can be pasted into tests/faults.
.PHONY: walks
walks: $(MADE) ## take long random walks through everything that may happen: TIMES=20
	@SLIPWAY_WALK_TIMES=$(TIMES) $(RUN) -m pytest tests/stateful

.PHONY: bench
bench: $(MADE) ## count calls and measure ratios
	@$(RUN) -m bench

.PHONY: judge
judge: $(MADE) ## simulate whole deployments: how many good releases are lost, how soon bad ones are back
	@$(RUN) -m bench.judging

.PHONY: lint
lint: $(MADE) ## run ruff, mypy, import-linter and the check of the prose
	@$(RUN) -m ruff check
	@$(RUN) -m mypy
	@$(VENV)/bin/lint-imports --cache-dir .build/imports --no-logo
	@$(RUN) -m pytest --quiet $(PROSE)

# No part of `make test`: the scanners bring an environment of 300 MB, which takes a minute or more to make. That nothing is skipped
# without a reason is tested there all the same. The program cfn-guard is there for Linux and macOS.
SCAN := .build/scan/environment
.PHONY: scan
scan: $(MADE) $(SCAN)/made-from-the-locks ## scan the template with checkov and with AWS's rules for cfn-guard
	@$(RUN) -m tests.scan $(SCAN)

$(SCAN)/made-from-the-locks: packaging/requirements-scan.txt packaging/requirements-guard.txt
	@echo 'Making $(SCAN) from its locks; this is done once for each of them' >&2
	@$(PYTHON) -m venv --clear $(SCAN) 1>&2
	@$(SCAN)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r packaging/requirements-scan.txt 1>&2
	@$(SCAN)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps -r packaging/requirements-guard.txt 1>&2
	@touch $@

# A broken link ends it. A browser searches the site where it is served: python3 -m http.server --directory .build/site
SITE := .build/docs/environment
.PHONY: docs
docs: $(MADE) $(SITE)/made-from-the-lock ## build the site of docs/ into .build/site
	@$(RUN) -m docs.site $(SITE)/bin/zensical

$(SITE)/made-from-the-lock: packaging/requirements-docs.txt
	@$(PYTHON) -m venv --clear $(SITE) 1>&2
	@$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r packaging/requirements-docs.txt 1>&2
	@touch $@

# No part of `make test` either: they are of other languages and none of the locks. Their scripts, which would compile them, are left out.
CLIENTS := .build/clients
.PHONY: clients
clients: $(MADE) ## ask the Lambda runtimes' own clients about handlers: needs npm, and gem for Ruby's
	@$(PYTHON) -m venv --clear $(CLIENTS)/python 1>&2
	@$(CLIENTS)/python/bin/python -m pip install --quiet --disable-pip-version-check --no-input awslambdaric 1>&2
	@npm install --silent --ignore-scripts --no-save --prefix $(CLIENTS)/node22 aws-lambda-ric@3.3.0 1>&2
	@npm install --silent --ignore-scripts --no-save --prefix $(CLIENTS)/node24 aws-lambda-ric@4.0.2 1>&2
	@! command -v gem >/dev/null || gem install --silent --no-document --install-dir $(CLIENTS)/ruby aws_lambda_ric 1>&2
	@$(RUN) -m pytest tests/handlers/test_clients.py

.PHONY: package
package: $(MADE) ## build slipway.zip for Lambda, to drop at CONTROLLER_NAME/ in the bucket
	@$(RUN) packaging/build.py --platform lambda --into .build/package-lambda --zip .build/slipway.zip

# Called by `sam build`, perhaps with an older Python than the rest needs: the package is for Lambda's Python in any case.
.PHONY: build-Controller build-Viewer
build-Controller build-Viewer:
	@$(or $(PYTHON),python3) packaging/build.py --platform lambda --into "$(ARTIFACTS_DIR)"

.PHONY: lock
lock: ## make all locks again, with the oldest Python that is supported
	@python3.11 -m venv --clear .build/lock
	@.build/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools==$(PIP_TOOLS) 1>&2
	@$(call compile,--extra dev,requirements-dev.txt)
	@$(call compile,--constraint requirements-dev.txt,requirements.txt,packaging/requirements-lambda.in)
	@$(call compile,,packaging/requirements-scan.txt,packaging/requirements-scan.in)
	@$(call compile,,packaging/requirements-docs.txt,packaging/requirements-docs.in)
	@$(call compile,,packaging/requirements-mutation.txt,packaging/requirements-mutation.in)

# The first lock decides the versions, the second holds those of the package alone.
compile = CUSTOM_COMPILE_COMMAND="make lock" .build/lock/bin/pip-compile --quiet --upgrade --strip-extras --generate-hashes \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(1) --output-file $(2) $(or $(3),pyproject.toml) 1>&2

.PHONY: documents
documents: $(MADE) ## write the generated parts of the pages again
	@$(RUN) -m docs.generate

.PHONY: screenshot
screenshot: $(MADE) ## take the picture of the page again, in a browser on the embedded AWS
	@$(RUN) -m pytest -q tests/local/test_page_in_a_browser.py
	@cp .build/docs/page-light.png docs/pictures/page.png

.PHONY: pictures
pictures: $(MADE) ## draw the pictures of the pages again
	@$(RUN) -m docs.draw

.PHONY: recording
recording: $(MADE) ## play the demo, and record the terminal and the numbers that the pictures show
	@$(RUN) -m docs.recording
	@$(RUN) -m docs.draw

.PHONY: clean
clean: ## remove everything that the other targets made
	@rm -rf $(VENV) .build .aws-sam .hypothesis

$(MADE): requirements-dev.txt
	@test -n "$(PYTHON)" || { echo 'Slipway needs Python 3.11 or later; none is on the PATH (PYTHON=/path/to/python names one)' >&2; exit 1; }
	@echo 'Making .venv from requirements-dev.txt; this is done once for each lock' >&2
	@$(PYTHON) -m venv --clear $(VENV) 1>&2
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-dev.txt 1>&2
	@touch $@
