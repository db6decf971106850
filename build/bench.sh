#!/usr/bin/env bash
# Measures on this machine and its disk, each bench beside what it is compared with. Without a name, all but the soak; --help lists them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
readonly folder=.artifacts/bench

commit=$(git rev-parse --short HEAD 2>/dev/null || echo 'an unknown commit')
if [[ -n $(git status --porcelain 2>/dev/null || true) ]]; then
  commit+=' with uncommitted changes'
fi

dotnet build tests/Benchmarks --configuration Release -nodeReuse:false --verbosity quiet -consoleLoggerParameters:NoSummary
mkdir -p "$folder"
exec dotnet tests/Benchmarks/bin/Release/net10.0/Benchmarks.dll --folder "$folder" --commit "$commit" "$@"
