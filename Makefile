# `make` explains itself. Everything runs in .venv, which .ci/bootstrap makes from the pins in requirements/.
.DEFAULT_GOAL := help
.PHONY: help demo test whole crash oldest lint format types pins docs goldens pictures bench mutants clean
.NOTPARALLEL:

bin := .venv/bin
# Each file of tests goes to one worker, which makes its fixtures once. The order stays: long files stand in its midst.
spread := --numprocesses 2 --dist loadfile --no-loadscope-reorder
# What `make mutants` changes.
mutable := $(addprefix publisher/delivery/,ledger.py loop.py retry.py rates.py waiting.py uncertain.py \
	$(addprefix smtp/,conversation.py replies.py verdicts.py lanes.py client.py wire.py envelopes.py))
# When this repository's own publication was last built: the same results on any day.
as_of := 2026-11-23T08:00:00Z

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F '|' '{ printf "%-16s %s\n", $$1, $$2 }'

demo: ## Build this repository's own feeds and newsletter, and show where they are
	@.ci/bootstrap run
	@$(bin)/publisher --as-of $(as_of) build
	@set -e; \
	issue=$$($(bin)/publisher --as-of $(as_of) issue news); \
	echo; \
	echo "Feeds:       feeds/all.html in a browser; feeds/all.atom.xml, all.rss.xml, all.json for readers; feeds/tags/"; \
	echo "Newsletter:  $$issue/issue.html in a browser, $$issue/issue.eml in a mail program, $$issue/issue.txt here"; \
	echo; \
	echo "Next, a publication of your own:"; \
	echo "  $(bin)/publisher init ../notes && $(bin)/publisher -C ../notes build && $(bin)/publisher -C ../notes issue weekly"; \
	echo "  $(bin)/publisher --help"

test: lint types ## Style, types, architecture, all tests with coverage, the wheel
	@.ci/bootstrap programs
	PYTHONWARNDEFAULTENCODING=1 $(bin)/pytest $(spread) --cov

whole: ## Run the tests of volumes, of which `make test` tries a part, with all of it
	@.ci/bootstrap dev
	PUBLISHER_WHOLE=1 CI=true $(bin)/pytest --numprocesses 2 -m whole

crash: ## Kill the sender at every call, cut its power, fail its disk: all of tests/crash (long)
	@.ci/bootstrap dev
	@.ci/bootstrap programs
	PUBLISHER_WHOLE=1 CI=true $(bin)/pytest --numprocesses 6 tests/crash

oldest: ## Run the tests with the oldest packages that pyproject.toml allows
	@.ci/bootstrap dev
	$(bin)/uv venv --quiet --clear --python $(bin)/python .venv-oldest
	$(bin)/uv pip install --quiet --python .venv-oldest/bin/python --resolution lowest-direct --editable .
	$(bin)/uv pip install --quiet --python .venv-oldest/bin/python --group dev
	.venv-oldest/bin/pytest $(spread) -m "not network"

lint: ## Check style and architecture
	@.ci/bootstrap dev
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/lint-imports

format: ## Mend style where a machine can
	@.ci/bootstrap dev
	$(bin)/ruff check --fix
	$(bin)/ruff format

types: ## Check types
	@.ci/bootstrap dev
	$(bin)/mypy

pins: compile := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
pins: ## Pin the newest versions that pyproject.toml allows
	@.ci/bootstrap dev
	$(bin)/$(compile) --group dev --upgrade --output-file requirements/dev.txt
	$(bin)/$(compile) --group build --upgrade --constraint requirements/dev.txt --output-file requirements/run.txt

docs: ## Write the generated pages of docs/ again
	@.ci/bootstrap dev
	$(bin)/python docs/generate.py

goldens: ## Write feeds/, which the tests compare byte for byte, again
	@.ci/bootstrap dev
	$(bin)/publisher --as-of $(as_of) build

pictures: ## Take the pictures in docs/images/ with Chromium
	@.ci/bootstrap dev
	$(bin)/python docs/pictures.py

bench: ## Compare builds with Hugo, Pelican, Eleventy and floors, mails and sending with others' (twelve minutes)
	@.ci/bootstrap dev
	$(bin)/python -m bench.feeds --twice
	$(bin)/python -m bench.message
	$(bin)/python -m bench.send
	$(bin)/python -m bench.audience

mutants: ## Change the ledger and SMTP a little, and see which changes no test notices (half an hour)
	@.ci/bootstrap dev
	nice $(bin)/python -m bench.mutants $(mutable) --tests "tests/delivery -k 'not postgresql' --ignore tests/delivery/test_a_real_relay.py" --share 0.3

clean: ## Remove what make has made, but for outputs
	rm -rf .venv .venv-oldest .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
