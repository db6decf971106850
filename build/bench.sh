#!/usr/bin/env bash
# Measures on this machine and its disk, each bench beside what it is compared with. Without a name, all but the soak.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ "${1:-}" == --help || "${1:-}" == -h ]]; then
  cat <<'HELP'
build/bench.sh [NAME...]     all of them, or those named; goodput and soak also write .artifacts/bench/NAME.md
  journal                    orders written down per second, beside the ways anybody would try first
  goodput                    what comes of wanting three times what the exchange allows, for several clients, on simulated time; draws goodput.svg
  load                       throughput and latency of queries over loopback with 16 and 256 callers, beside an empty handler and Polly
build/bench.sh soak [--minutes 10] [--every SECONDS=10] [--callers 32] [--journal memory|sqlite|none]
                             memory, descriptors, threads and timers at full speed with every fault on; ends with 1 if anything grows
HELP
  exit
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
readonly folder=.artifacts/bench

dotnet build tests/Benchmarks --configuration Release -nodeReuse:false --verbosity quiet -consoleLoggerParameters:NoSummary
mkdir -p "$folder"
exec dotnet tests/Benchmarks/bin/Release/net10.0/Benchmarks.dll --folder "$folder" "$@"
