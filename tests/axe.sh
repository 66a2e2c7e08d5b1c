#!/bin/sh
# Accessibility of reports by axe-core in headless Chromium: tests/axe.sh <report.html>...
# Needs chromium, node and npm; axe-core comes from the npm registry, at one version and checksum, and is not kept in the repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=$("$here/browser/have.sh")
exec node "$here/browser/axe.mjs" "$cache/package/axe.min.js" "$@"
