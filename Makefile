# Everything a newcomer needs; the work is done by the scripts in Tests/run.
# `make` alone prints the list.

.PHONY: help run build test lint clean
.DEFAULT_GOAL := help

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build, start the server with demo people
	@Tests/run/demo

build: ## install what the build needs, build in release mode
	@Tests/run/build

test: ## install what the tests need, run every suite, print the time of each
	@Tests/run/suites

lint: ## check the form of the Swift sources and of the scripts
	@Tests/run/lint

clean: ## remove what was built; the data directory stays
	rm -rf .build .build-*
