#!/bin/sh
# Size and opening time of pages with 100 and 10 000 points: tests/page-time.sh <phantom>
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" run "$here/../scenarios/llm-serving.yaml" --golden off --out "$work/run" >/dev/null 2>&1 || [ $? -eq 1 ]
for count in 100 10000; do
  node "$here/browser/many.mjs" "$work/run/results.json" "$count" > "$work/$count.json"
  "$1" report "$work/$count.json" --html "$work/$count.html" >/dev/null
done
node "$here/browser/time.mjs" "$work/100.html" "$work/10000.html"
