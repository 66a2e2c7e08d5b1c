#!/bin/sh
# Reports of examples in headless Chromium: axe-core in light, dark and narrow, and what the script does: tests/reports.sh <phantom>
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in llm-serving offload edge-battery knee; do
  # 1: findings, with a report.
  "$1" run "$here/../scenarios/$name.yaml" --golden off --out "$work/$name" >/dev/null 2>&1 || [ $? -eq 1 ]
done
"$here/axe.sh" "$work"/*/report.html
node "$here/browser/interact.mjs" "$work/llm-serving/report.html"
