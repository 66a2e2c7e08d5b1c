#!/bin/sh
# Makes sure of what checks in a browser need: Chromium and Node from the system's packages, axe-core from the npm registry.
# Prints the folder of axe-core; where something cannot be had, prints what and why on the error stream and ends with 1.
# CHROMIUM names another browser of that kind. AXE_INSTALL=yes installs missing packages, where apt-get and the right to use it are there.
set -eu
version=4.14.1
sha256=e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745
cache=${AXE_CACHE:-${TMPDIR:-/tmp}/axe-core-$version}

browser() {
  for name in ${CHROMIUM:-chromium chromium-browser google-chrome}; do
    command -v "$name" && return
  done
  return 1
}

missing() {
  echo "$1" >&2
  exit 1
}

need() {
  packages=""
  browser >/dev/null || packages="$packages chromium"
  command -v node >/dev/null || packages="$packages nodejs"
  command -v npm >/dev/null || packages="$packages npm"
}

need
if [ -n "$packages" ]; then
  [ "${AXE_INSTALL:-no}" = yes ] || missing "not installed:$packages"
  command -v apt-get >/dev/null || missing "not installed:$packages; there is no apt-get to install them with"
  [ "$(id -u)" = 0 ] || missing "not installed:$packages; only root may install them"
  # Words of apt-get go to the error stream; a mirror that does not answer must not hold a build.
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  timeout 60 apt-get update -qq >&2 && timeout 300 apt-get install -y -qq --no-install-recommends $packages >&2 ||
    missing "apt-get could not install:$packages"
fi

timeout 60 "$(browser)" --headless --no-sandbox --disable-gpu --dump-dom about:blank >/dev/null 2>&1 ||
  missing "$(browser) does not start"

archive="$cache/axe-core-$version.tgz"
if [ ! -f "$archive" ]; then
  mkdir -p "$cache"
  (cd "$cache" && timeout 60 npm pack --silent "axe-core@$version" >/dev/null 2>&1) ||
    missing "axe-core $version cannot be had from the npm registry"
fi
if ! echo "$sha256  $archive" | sha256sum --check --status; then
  rm -f "$archive"
  missing "axe-core-$version.tgz is not the file that is expected (sha256 $sha256)"
fi
# Taken from the archive each time, so that what is run is what was checked.
tar xzf "$archive" -C "$cache" package/axe.min.js
echo "$cache"
