#!/usr/bin/env bash
# From the save of a scenario to the new page in a browser: `phantom watch` followed by a headless Chromium.
#
# The scenario is edited RUNS times. A time starts just before the file is written and ends when `phantom watch` prints that
# the browser has painted the page, which the page itself reports after the frame; the way there and back is part of it.
# POINTS: points of the scenario. LOAD: `analytic` (in closed form) or `simulate` (request by request).
# PHANTOM, CHROMIUM: the programs.
set -euo pipefail

points=${POINTS:-1000}
runs=${RUNS:-20}
load=${LOAD:-analytic}
phantom=$(realpath "${PHANTOM:-target/release/phantom}")
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}

folder=$(mktemp -d)
cleanup() {
    [ -z "${browser:-}" ] || kill "$browser" 2>/dev/null || true
    [ -z "${WATCH_PID:-}" ] || kill "$WATCH_PID" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT

mkdir "$folder/scenarios"
scenario=$folder/scenarios/bench.yaml
side=10
last=$((points / side))
# A price is what changes: no estimate depends on it, and every cost does.
write() {
    printf '%s\n' "schema: phantom/v1" "name: bench" "models: {m: {catalog: llama-3.1-8b}}" \
        "hardware: {g: {catalog: h100-sxm5-80gb}}" \
        "workload: {llm: {isl: 1024, osl: 256, load: {concurrency: 16}}}" \
        "matrix: {axes: {isl: 16..$((last * 16))+16, concurrency: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]}}" \
        "pricing: {currency: USD, as_of: 2026-11-01, rates: {g: {on_demand: $1.$2 USD/h, source: bench}}}" \
        "slos: {chat: {per_request: {ttft: 2 s, tpot: 50 ms}, attainment: 95%}}" \
        "run: [{predict: {method: $load}}]" > "$scenario"
}
write 2 000

cd "$folder"
coproc WATCH { PHANTOM_CACHE_DIR=$folder/cache exec "$phantom" watch scenarios/bench.yaml --port 0 --format jsonl 2> watch.err; }
# Waits for a line of that kind and leaves it in $line.
expect() {
    while IFS= read -r -t 120 line <&"${WATCH[0]}"; do
        case $line in
        *"\"event\":\"$1\""*) return 0 ;;
        *'"event":"problem"'*) echo "$line" >&2; return 1 ;;
        esac
    done
    echo "no \`$1\` came" >&2
    cat watch.err >&2
    return 1
}
expect watching
address=$(sed 's/.*"address":"\([^"]*\)".*/\1/' <<< "$line")
expect report
echo "$(sed 's/.*"points":\([0-9]*\).*/\1/' <<< "$line") points, $load, first evaluation $(sed 's/.*"seconds":\([0-9.]*\).*/\1/' <<< "$line") s"
"$chromium" --headless=new --no-sandbox --disable-gpu --no-first-run --user-data-dir="$folder/profile" \
    --window-size=1280,1600 --remote-debugging-port=0 "$address" > browser.log 2>&1 &
browser=$!
expect painted

times=()
servers=()
for run in $(seq "$runs"); do
    sleep 0.5
    printf -v cents '%03d' "$run"
    start=$EPOCHREALTIME
    write 3 "$cents"
    expect report
    servers+=("$(sed 's/.*"seconds":\([0-9.e-]*\).*/\1/' <<< "$line")")
    expect painted
    end=$EPOCHREALTIME
    times+=($(( (${end/./} - ${start/./}) / 1000 )))
done
middle() { printf '%s\n' "$@" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)], a[1], a[NR] }'; }
read -r median low high <<< "$(middle "${times[@]}")"
read -r served _ _ <<< "$(middle "${servers[@]}")"
echo "save to browser: median $median ms, $low to $high ms, n = $runs; of it save to served page: median $(awk "BEGIN { printf \"%.0f\", $served * 1000 }") ms"
echo "$(date -u +%F), $(nproc) cores, load average $(cut -d' ' -f1 /proc/loadavg), $("$chromium" --version 2>/dev/null | tail -n 1)"
