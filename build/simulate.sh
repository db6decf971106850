#!/usr/bin/env bash
# Simulates trading against the in-memory exchange, seeded, on one thread per process; see tests/ExchangeResilience.Simulation.Tests/README.md.
set -euo pipefail
readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly name=ExchangeResilience.Simulation.Tests

usage() {
  cat <<'TEXT'
build/simulate.sh [--plan PLAN] [--first SEED] --lifecycles N   simulate N lifecycles on all cores
build/simulate.sh [--plan PLAN] --seed SEED [--minimise]        replay one seed with its whole event log, or the smallest that still fails
build/simulate.sh --help

  --plan        within-a1 (the default): queries lag by less than the settle margin; nothing may go wrong.
                beyond-a1: they lag by minutes; every absence that was believed wrongly must be raised later.
                larger, larger-beyond-a1: the same, with the actors of the larger world.
  --only        Of actors, scripts and events those alone whose names contain one of NAMES, parted by commas.
  --without     Leaves out actors, scripts, events, clients and faults whose names contain one of NAMES.
  --first       The first seed; 1 unless given. A process takes every n-th, n being the number of cores.
  --lifecycles  Orders meant, each from its placing to its end. A million take about a quarter of an hour on two cores.
  --keep-going  Do not stop at the first seed that fails.

Exit status 0: no promise was broken. What is broken is printed with its seed and the smallest run that still breaks it.
TEXT
}

# Says nothing unless it fails.
build() {
  local log
  log=$(dotnet build "$root/tests/$name" --configuration Release -nodeReuse:false --verbosity quiet 2>&1) || { echo "$log" >&2; return 1; }
}

# Compiled in full at once: with one processor the tiered compiler's background thread hardly gets to run, and the simulation takes twice as long.
simulate() {
  DOTNET_PROCESSOR_COUNT=1 DOTNET_gcConcurrent=0 DOTNET_TieredCompilation=0 DOTNET_ReadyToRun=0 \
    dotnet "$root/tests/$name/bin/Release/net10.0/$name.dll" simulate "$@"
}

# One process a core, each with seeds of its own; their last lines together are the result.
run_many() {
  local cores share index status=0 pids=() began=$SECONDS
  cores=$(nproc)
  share=$(((lifecycles + cores - 1) / cores))
  for ((index = 0; index < cores; index++)); do
    simulate "${options[@]}" --first $((first + index)) --stride "$cores" --lifecycles "$share" --progress 30 | sed -u "s/^/[$((index + 1))] /" &
    pids+=($!)
  done
  for index in "${pids[@]}"; do wait "$index" || status=1; done
  echo "$((SECONDS - began)) s on $cores cores; $([[ $status == 0 ]] && echo 'no promise was broken' || echo 'a promise was broken')"
  return "$status"
}

options=() first=1 lifecycles='' seed=''
while (($# > 0)); do
  case $1 in
    --help) usage; exit ;;
    --plan | --only | --without) options+=("$1" "$2"); shift ;;
    --keep-going | --minimise) options+=("$1") ;;
    --first) first=$2; shift ;;
    --lifecycles) lifecycles=$2; shift ;;
    --seed) seed=$2; shift ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

if [[ -n $seed ]]; then
  build
  simulate "${options[@]}" --seed "$seed"
elif [[ -n $lifecycles ]]; then
  build
  run_many
else
  usage >&2
  exit 2
fi
