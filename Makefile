# `make demo` and `make test` need a POSIX shell, make and Python >= 3.11 with venv; nothing else.
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
BENCH = .venv-bench
# What runs in many processes, as the tests do, is compiled once.
unexport PYTHONDONTWRITEBYTECODE
FRAMEWORKS = torch optax keras keras-torch keras-tensorflow sklearn other small

.PHONY: docs docs-serve docs-check demo test test-slow test-long test-frameworks test-wheel prove proofs-kernel lint types bench train survey clean

$(VENV)/.run: pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[dev]'
	touch $@

demo: $(VENV)/.run
	@printf '%s\n' '$$ adamref audit examples/audit/w-half.md' ''
	@$(BIN)/adamref audit examples/audit/w-half.md; test $$? -eq 1
	@printf '\n%s\n' '(exit 1: something in the document is wrong)'

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m 'not long and not slow'

# Whole checks, whole books and exhaustive walks: what takes seconds each.
test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m 'slow and not long'

test-long: $(VENV)/.dev
	ADAMREF_HYPOTHESIS=long $(BIN)/python -m pytest -n 2 --dist worksteal -q

# The sdist and the wheel, installed alone and tried away from here.
test-wheel: $(VENV)/.dev
	.ci/wheel

# The site, in docs/_build/html: opens from a disk. What is wrong in a page fails.
docs: $(VENV)/.dev
	$(BIN)/sphinx-build -q -W --keep-going -j auto -b html -d docs/_build/read docs docs/_build/html
	@echo docs/_build/html/index.html

docs-serve: docs
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory docs/_build/html 8000

$(VENV)/.browser: $(VENV)/.dev
	$(PIP) install -c constraints.txt -e '.[docs-check]'
	touch $@

# Every page in a browser (a Chromium of the system), on a phone and on a desk, in light and dark.
docs-check: docs $(VENV)/.browser
	$(BIN)/python tests/support/browsed.py docs/_build/html

.venv-%/.framework: pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip --disable-pip-version-check --quiet install -c constraints.txt \
	  -e '.[test,$*]'
	touch $@

# Real optimizers, checked: each framework in an environment of its own, where the tests of the
# others are skipped. One alone: make test-frameworks FRAMEWORKS=torch
test-frameworks: $(FRAMEWORKS:%=.venv-%/.framework)
	@failed=0; for name in $(FRAMEWORKS); do \
	  echo "$$name:"; \
	  .venv-$$name/bin/python -m pytest -n 2 -q --no-header tests/oracle/test_frameworks.py \
	    tests/oracle/test_family_frameworks.py tests/oracle/test_frameworks_check.py \
	    tests/oracle/test_family_check.py tests/oracle/test_third_party_check.py \
	    tests/oracle/test_framework_ways.py tests/replay/test_real_torch.py \
	    tests/replay/test_real_jax.py tests/replay/test_pairs.py tests/watching tests/test_pages.py -k "not pages or torch or optax or jax" || failed=1; \
	done; exit $$failed

.venv-train/.train: pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip --disable-pip-version-check --quiet install -c constraints.txt -e '.[train]'
	touch $@

# A softmax on real digits, with every step judged, and its curves: about a minute.
train: .venv-train/.train
	@cd examples/training && ../../.venv-train/bin/python softmax_digits.py --out ../../training
	@echo training/softmax-digits.png

# Other people's optimizers, each package in an environment of its own that is removed again. What is there
# at the same version is not done again: make survey ONLY=optax FRESH=1
survey: $(VENV)/.dev
	nice -n 5 $(BIN)/python -m survey run $(if $(ONLY),--only $(ONLY)) $(if $(FRESH),--fresh)
	$(BIN)/python -m survey pages

prove: $(VENV)/.dev
	$(BIN)/adamref prove

# Says so and goes on where Coq is not installed (Debian: coq libcoq-flocq).
proofs-kernel: $(VENV)/.dev
	$(BIN)/python -m adamref.theorems.build_kernel

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

$(BENCH)/.bench: pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install -c constraints.txt -e '.[bench]'
	touch $@

# Apart from the development environment, which needs no torch: make bench ARGS='--only trajectory'
bench: $(BENCH)/.bench
	@$(BENCH)/bin/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) $(BENCH) .venv-train training $(FRAMEWORKS:%=.venv-%) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
