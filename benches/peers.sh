#!/usr/bin/env bash
# The same loads in phantom and in its peers, one after another on one core, as a Markdown table. README.md says what is compared.
#
# The reader installs the peers; one that is not named here is left out.
#   PHANTOM        the phantom to measure (target/release/phantom)
#   INFERENCE_LAB  its command
#   VIDUR          its repository, with its profiles
#   VIDUR_PYTHON   a Python that has what Vidur needs (python3)
#   RATES          requests per second ("10 20 40")
#   REQUESTS       requests of a run ("10000 100000")
#   LARGE          more lengths for phantom alone, at 20 requests/s ("1000000 10000000")
#   VIDUR_REQUESTS requests of a run of Vidur ("10000")
#   RUNS           runs of each; the fastest is printed (3)
#   CORE           the core that all run on (0)
set -euo pipefail
export LC_ALL=C

phantom=$(realpath "${PHANTOM:-target/release/phantom}")
rates=${RATES:-10 20 40}
lengths=${REQUESTS:-10000 100000}
large=${LARGE-1000000 10000000}
slow=${VIDUR_REQUESTS:-10000}
runs=${RUNS:-3}
core=${CORE:-0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main() {
    [ -x "$phantom" ] || die "$phantom cannot be run; build it or set PHANTOM"
    [ -x /usr/bin/time ] || die "/usr/bin/time is missing (package time)"
    local before
    before=$(load)
    echo "| tool | device | requests/s | requests | simulation, s | process, s | simulated per second | per second of the process | peak memory, MiB |"
    echo "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    phantom_rows
    [ -z "${INFERENCE_LAB:-}" ] || inference_lab_rows
    [ -z "${VIDUR:-}" ] || vidur_rows
    echo
    echo "$(date -u +%Y-%m-%d), $(machine), core $core; fastest of $runs; load average $before before, $(load) after."
    versions
}

die() {
    echo "peers.sh: $*" >&2
    exit 1
}

# row TOOL DEVICE RATE REQUESTS COMMAND…: the command measures itself and prints the seconds of the simulation alone.
row() {
    local tool=$1 device=$2 rate=$3 requests=$4
    shift 4
    for _ in $(seq "$runs"); do
        "$@" >"$work/inside" 2>"$work/errors" || die "$tool failed: $(tail -n 5 "$work/errors")"
        paste -d ' ' "$work/inside" "$work/whole" "$work/memory"
    done | awk -v head="| $tool | $device | $rate | $requests" -v requests="$requests" '
        NR == 1 || $1 < inside { inside = $1 }
        NR == 1 || $2 < whole { whole = $2 }
        $3 > memory { memory = $3 }
        END {
            if (!(inside > 0)) exit 1
            printf "%s | %.3f | %.3f | %d | %d | %.0f |\n", head, inside, whole, requests / inside, requests / whole, memory / 1024
        }'
}

# Leaves the seconds of the whole process and its peak memory in KiB.
measured() {
    local start=$EPOCHREALTIME end
    taskset -c "$core" /usr/bin/time -o "$work/memory" -f '%M' "$@" || return
    end=$EPOCHREALTIME
    awk -v start="$start" -v end="$end" 'BEGIN { print end - start }' >"$work/whole"
}

# --- phantom -----------------------------------------------------------------------------------------------------------------

phantom_rows() {
    local rate requests
    for rate in $rates; do
        for requests in $lengths; do
            row "phantom, one lane" H100 "$rate" "$requests" phantom_run h100-sxm5-80gb "$rate" "$requests" --calibration none
        done
    done
    for requests in $large; do
        row "phantom, one lane" H100 20 "$requests" phantom_run h100-sxm5-80gb 20 "$requests" --calibration none
    done
    row "phantom, three lanes" H100 20 100000 phantom_run h100-sxm5-80gb 20 100000
    row "phantom, one lane" A100 10 10000 phantom_run a100-sxm4-80gb 10 10000 --calibration none
}

# phantom_run DEVICE RATE REQUESTS FLAG…
phantom_run() {
    local device=$1 rate=$2 requests=$3
    shift 3
    cat >"$work/peers.yaml" <<YAML
schema: phantom/v1
name: peers
models: {m: {catalog: llama-3.1-8b}}
hardware: {g: {catalog: $device}}
runtime: {name: vllm}
workload: {llm: {isl: 512, osl: 128, load: {request_rate: $rate req/s, requests: $requests}}}
run: [{predict: {method: simulate}}]
report: {outputs: [{json: results.json}]}
YAML
    measured "$phantom" run "$work/peers.yaml" --root "$work" --out "$work/reports" --golden off --no-cache --exit-zero \
        --jobs 1 --timings "$@" >/dev/null 2>"$work/timings" || { cat "$work/timings" >&2 && return 1; }
    # "read 1.0 ms, predict 345.2 ms, …"
    sed -n 's/.*predict \([0-9.]*\) ms.*/\1/p' "$work/timings" | awk '{ print $1 / 1000 }'
}

# --- inference-lab -----------------------------------------------------------------------------------------------------------

inference_lab_rows() {
    local rate requests
    for rate in $rates; do
        for requests in $lengths; do
            row inference-lab H100 "$rate" "$requests" inference_lab_run "$rate" "$requests"
        done
    done
}

# inference_lab_run RATE REQUESTS
inference_lab_run() {
    cat >"$work/model.toml" <<TOML
model = "llama-3.1-8b-instruct"
[scheduler]
max_num_batched_tokens = 8192
max_num_seqs = 1024
policy = "fcfs"
enable_chunked_prefill = true
block_size = 16
[hardware.h100]
tp = 1
TOML
    cat >"$work/workload.toml" <<TOML
arrival_pattern = "poisson"
arrival_rate = $1.0
num_requests = $2
seed = 42
input_len_dist = { type = "fixed", value = 512 }
output_len_dist = { type = "fixed", value = 128 }
TOML
    measured "$INFERENCE_LAB" --config "$work/model.toml" --workload "$work/workload.toml" --quiet --no-color >"$work/summary" || return
    # "Simulation Complete (999.9s simulated, 0.25s real)"
    sed -n 's/.*simulated, \([0-9.]*\)s real.*/\1/p' "$work/summary"
}

# --- Vidur -------------------------------------------------------------------------------------------------------------------

vidur_rows() {
    local rate requests
    # Trains the forests and fills the tables; later runs read them.
    vidur_run 10 100 >/dev/null 2>"$work/errors" || die "Vidur failed: $(tail -n 5 "$work/errors")"
    for rate in $rates; do
        for requests in $slow; do
            row Vidur A100 "$rate" "$requests" vidur_run "$rate" "$requests"
        done
    done
}

# vidur_run RATE REQUESTS
vidur_run() {
    cat >"$work/drive.py" <<'PYTHON'
import time

from vidur.config import SimulationConfig
from vidur.simulator import Simulator
from vidur.utils.random import set_seeds

config = SimulationConfig.create_from_cli_args()
set_seeds(config.seed)
simulator = Simulator(config)
start = time.perf_counter()
simulator.run()
print("simulated in", time.perf_counter() - start)
PYTHON
    local forest=--random_forrest_execution_time_predictor_config
    (
        cd "$VIDUR"
        export WANDB_MODE=disabled PYTHONPATH=.
        measured "${VIDUR_PYTHON:-python3}" "$work/drive.py" \
            --log_level error \
            --replica_config_device a100 \
            --replica_config_network_device a100_dgx \
            --replica_config_model_name meta-llama/Meta-Llama-3-8B \
            --request_generator_config_type synthetic \
            --synthetic_request_generator_config_num_requests "$2" \
            --length_generator_config_type fixed \
            --fixed_request_length_generator_config_prefill_tokens 512 \
            --fixed_request_length_generator_config_decode_tokens 128 \
            --interval_generator_config_type poisson \
            --poisson_request_interval_generator_config_qps "$1" \
            --replica_scheduler_config_type sarathi \
            --sarathi_scheduler_config_batch_size_cap 256 \
            --sarathi_scheduler_config_chunk_size 2048 \
            ${forest}_prediction_max_batch_size 256 \
            ${forest}_prediction_max_prefill_chunk_size 2048 \
            ${forest}_k_fold_cv_splits 2 \
            ${forest}_num_estimators 250 \
            ${forest}_max_depth 16 \
            ${forest}_min_samples_split 2 \
            ${forest}_num_training_job_threads 1 \
            --metrics_config_output_dir "$work/vidur" \
            --metrics_config_cache_dir "$work/vidur-cache" \
            --no-metrics_config_enable_chrome_trace \
            --no-metrics_config_store_plots
    ) >"$work/summary" || return
    sed -n 's/^simulated in //p' "$work/summary"
}

# --- where and what ----------------------------------------------------------------------------------------------------------

load() {
    cut -d ' ' -f 1 /proc/loadavg
}

machine() {
    echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
}

versions() {
    "$phantom" --version
    [ -z "${INFERENCE_LAB:-}" ] || "$INFERENCE_LAB" --version
    [ -z "${VIDUR:-}" ] || echo "Vidur $(git -C "$VIDUR" rev-parse --short HEAD 2>/dev/null || echo 'without history'), $("${VIDUR_PYTHON:-python3}" --version)"
}

main
