# shellcheck shell=bash
# Sourced by the run scripts of the suites in Python.

# run_pytest FOLDER…: runs the tests, and ends with the line the suites count by.
run_pytest() {
    local code=0 report
    report=$(mktemp)
    "${PYTHON:-.build/venv/bin/python}" -m pytest --quiet -p no:cacheprovider --junitxml "$report" \
        --durations 5 "$@" || code=$?
    python3 - "$report" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

suite = next(tree.parse(sys.argv[1]).iter("testsuite"))
number = lambda name: int(suite.get(name, 0))
bad = number("failures") + number("errors")
print(f"{number('tests') - bad - number('skipped')} passed, {bad} failed")
PYTHON
    rm -f "$report"
    return "$code"
}
