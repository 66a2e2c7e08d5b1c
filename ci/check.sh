#!/usr/bin/env bash
# Runs scenarios in continuous integration and leaves what reviewers see: a page, test cases, findings with their places.
#
#   ci/check.sh [SCENARIO…]            default: scenarios/
#
# PHANTOM      the program; default: phantom
# PHANTOM_ARGS further arguments of `phantom run`, separated by spaces
# PHANTOM_OUT  folder for what is gathered; default: phantom-ci
#
# On GitHub findings become annotations, and the page is added to the summary of the job. The exit code is that of
# `phantom run`: 1 where there are findings, 2 for bad input, 3 where something could not run.
set -uo pipefail

phantom=${PHANTOM:-phantom}
out=${PHANTOM_OUT:-phantom-ci}
scenarios=("$@")
[ ${#scenarios[@]} -gt 0 ] || scenarios=(scenarios)
read -r -a more <<< "${PHANTOM_ARGS:-}"
format=human
[ -z "${GITHUB_ACTIONS:-}" ] || format=github

rm -rf "$out"
mkdir -p "$out"
"$phantom" run "${scenarios[@]}" --golden check --also markdown,junit,sarif --format "$format" \
    ${more[@]+"${more[@]}"}
code=$?

# One folder of each kind, as uploads take folders; the name of the scenario becomes that of the file.
for folder in reports/*/; do
    name=$(basename "$folder")
    for pair in junit.xml:junit/"$name".xml findings.sarif:sarif/"$name".sarif summary.md:summary/"$name".md \
        report.html:html/"$name".html; do
        from=$folder${pair%%:*}
        to=$out/${pair#*:}
        if [ -f "$from" ]; then
            mkdir -p "$(dirname "$to")"
            cp "$from" "$to"
        fi
    done
done

if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf 'code=%s\nout=%s\n' "$code" "$out" >> "$GITHUB_OUTPUT"
fi
exit "$code"
