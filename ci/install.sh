#!/usr/bin/env bash
# Makes `phantom` available: the one of PHANTOM or of the path where there is one, else the source beside this script is built.
#
# Prints the program's path; on GitHub it is also the output `phantom` of the step.
set -euo pipefail

source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -n "${PHANTOM:-}" ]; then
    found=$PHANTOM
elif found=$(command -v phantom); then
    :
elif [ -f "$source_folder/Cargo.toml" ]; then
    target=${CARGO_TARGET_DIR:-$source_folder/target}
    cargo build --release --locked --manifest-path "$source_folder/Cargo.toml" >&2
    found=$target/release/phantom
else
    echo "there is no phantom on the path and no source to build" >&2
    exit 3
fi
"$found" --version >&2
echo "$found"
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    echo "phantom=$found" >> "$GITHUB_OUTPUT"
fi
