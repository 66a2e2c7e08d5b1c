#!/bin/sh
# Accessibility of reports by axe-core in headless Chromium: tests/axe.sh <report.html>...
# Needs chromium, node and npm; axe-core comes from the npm registry, at one version, and is not kept in the repository.
set -eu
version=4.14.1
here=$(cd "$(dirname "$0")" && pwd)
cache=${AXE_CACHE:-${TMPDIR:-/tmp}/axe-core-$version}
if [ ! -f "$cache/package/axe.min.js" ]; then
  mkdir -p "$cache"
  (cd "$cache" && npm pack --silent "axe-core@$version" >/dev/null && tar xzf "axe-core-$version.tgz")
fi
exec node "$here/browser/axe.mjs" "$cache/package/axe.min.js" "$@"
