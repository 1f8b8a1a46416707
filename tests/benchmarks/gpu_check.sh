#!/usr/bin/env bash
# Every CUDA path of `cnncalc bench` and `verify`, once, with a verdict and figures for each; about eight minutes at most.
#
#   bash tests/benchmarks/gpu_check.sh               Python with a CUDA build of PyTorch, and what cnncalc depends on
#   PY=python3.12 OUT=folder BUDGET=450              the interpreter; where logs go; seconds after which the rest is skipped
#   GPU_CHECK_ON=cpu bash tests/benchmarks/gpu_check.sh    a dry run of the script itself, on a tiny network
#
# A step that fails, hangs or ends its process does not stop the rest. The last line is PASS or FAIL with the counts. Where
# there is no device, it says so and checks nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
PY=${PY:-python3}
BUDGET=${BUDGET:-450}
export GPU_CHECK_ON=${GPU_CHECK_ON:-cuda} PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$PWD${PYTHONPATH:+:$PYTHONPATH}

if [ "$GPU_CHECK_ON" = cuda ] && ! "$PY" -W ignore -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
  echo "no CUDA device here: nothing is checked (GPU_CHECK_ON=cpu tries the script itself)"
  exit 0
fi
OUT=${OUT:-$(mktemp -d -t gpu_check.XXXXXX)}
export GPU_CHECK_OUT=$OUT TORCHINDUCTOR_CACHE_DIR=$OUT/inductor
mkdir -p "$OUT"
: >"$OUT/verdicts.txt"

say() { printf '%s\n' "$1" | tee -a "$OUT/verdicts.txt"; }
late() { [ "$SECONDS" -ge "$BUDGET" ] && say "SKIP $1: $SECONDS s are over"; }
ending() { grep -v '^[[:space:]]*$' "$1" 2>/dev/null | tail -n 2 | cut -c1-200 | tr '\n' '|'; }

# SECONDS STEP…: steps that share one process; where one ends it, the rest goes on in a new process.
steps() {
  local limit=$1 left name stopped code; shift
  left=("$@")
  : >"$OUT/done"
  while [ "${#left[@]}" -gt 0 ]; do
    late "${left[*]}" && return
    timeout -k 5 "$limit" "$PY" -W ignore tests/benchmarks/gpu_steps.py "${left[@]}" 2>>"$OUT/steps.err"
    code=$?
    [ "$code" -eq 0 ] && return
    stopped=$(cat "$OUT/started" 2>/dev/null)
    grep -qx "$stopped" "$OUT/done" || say "FAIL step $stopped: its process ended with $code; $(ending "$OUT/steps.err")"
    local rest=()
    for name in "${left[@]}"; do
      [ "$name" = "$stopped" ] || grep -qx "$name" "$OUT/done" || rest+=("$name")
    done
    left=("${rest[@]+"${rest[@]}"}")
  done
}

# NAME SECONDS CODE PATTERN COMMAND…: a process of its own; it passes by its exit code and a pattern in what it says.
process() {
  local name=$1 limit=$2 wanted=$3 pattern=$4 start=$SECONDS log code; shift 4
  late "$name" && return
  log=$OUT/$(printf '%s' "$name" | tr -c 'a-z0-9' '_').log
  timeout -k 5 "$limit" "$@" >"$log" 2>&1
  code=$?
  if [ "$code" -eq "$wanted" ] && grep -Eq -- "$pattern" "$log" && ! grep -q Traceback "$log"; then
    say "PASS $name ($((SECONDS - start)) s): $(ending "$log")"
  else
    say "FAIL $name ($((SECONDS - start)) s): exit $code, wanted $wanted and '$pattern'; $(ending "$log")"
  fi
}

# GIB NAME PATTERN COMMAND…: the command while another process holds all but so much of the memory: a short search.
with_little_memory() {
  local left=$1 name=$2 pattern=$3 hog; shift 3
  late "$name" && return
  "$PY" -W ignore tests/benchmarks/gpu_hog.py "$left" >"$OUT/hog.txt" 2>&1 &
  hog=$!
  for _ in $(seq 60); do grep -q held "$OUT/hog.txt" && break; sleep 0.5; done
  process "$name" 75 0 "$pattern" "$@"
  kill "$hog" 2>/dev/null
  wait "$hog" 2>/dev/null
}

CNNCALC=("$PY" -W ignore -m cnncalc)
if [ "$GPU_CHECK_ON" = cuda ]; then
  nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used,clocks.sm,power.draw,temperature.gpu --format=csv
  steps 400 inference graph by_hand layers training ceilings drift nccl capture
  steps 60 sigint
  steps 60 sticky
  BENCH=("${CNNCALC[@]}" bench resnet@50 --device cuda --batch 1,256 --dtype bf16 --channels-last --duration 0.5)
  process "verify on the device" 90 0 "confirmed" "${CNNCALC[@]}" verify resnet@18 googlenet r3d_18 --execute --device cuda
  process "tests of the device" 60 0 "passed" "$PY" -m pytest -q -p no:cacheprovider tests/pytorch/bench/devices
  process "save" 60 0 "resnet@50" "${BENCH[@]}" --save "$OUT/bf16.json"
  process "compare" 60 0 "to saved" "${BENCH[@]}" --compare "$OUT/bf16.json"
  process "another dtype is refused" 30 2 "dtype bf16 then, fp16 now" "${BENCH[@]}" --dtype fp16 --compare "$OUT/bf16.json"
  process "latency and cold" 60 0 "p99" "${BENCH[@]}" --latency --cold
  process "compile and graph" 120 0 "compiled in" "${CNNCALC[@]}" bench resnet@18 --device cuda --batch 64 --dtype bf16 \
    --channels-last --compile --cuda-graph --duration 0.5
  process "memory ends" 60 2 "out of memory \(.*, batch 60,000\)" "${CNNCALC[@]}" bench resnet@50 --device cuda --batch 60000
  process "more ranks than devices" 60 1 "cuda:1 is not available: this machine has cuda:0" "$PY" -m torch.distributed.run \
    --nproc-per-node 2 -m cnncalc bench lenet5 --device cuda --mode training --batch 4
  with_little_memory 6 "auto" "the largest batch that fits" "${CNNCALC[@]}" bench resnet@18 --device cuda --batch auto \
    --dtype bf16 --channels-last --duration 0.5
  with_little_memory 30 "auto up to 32-bit indices" "32-bit indexing|largest batch" "${CNNCALC[@]}" bench mobilenet_v2 \
    --device cuda --batch auto --duration 0.5
else
  steps 120 inference layers training
  process "save" 60 0 "LeNet-5" "${CNNCALC[@]}" bench lenet5 --duration 0.1 --save "$OUT/saved.json"
  process "compare" 60 0 "to saved" "${CNNCALC[@]}" bench lenet5 --duration 0.1 --compare "$OUT/saved.json"
fi

passed=$(grep -c '^PASS' "$OUT/verdicts.txt")
failed=$(grep -c '^FAIL' "$OUT/verdicts.txt")
skipped=$(grep -c '^SKIP' "$OUT/verdicts.txt")
rm -rf "$OUT/inductor"
echo "in $SECONDS s; logs in $OUT"
if [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]; then
  echo "PASS $passed checks, $skipped skipped"
else
  echo "FAIL $failed of $((passed + failed)) checks, $skipped skipped"
  exit 1
fi
