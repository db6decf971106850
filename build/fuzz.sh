#!/usr/bin/env bash
# Tries mutated inputs on everything that reads bytes of others, on every core: build/fuzz.sh [--inputs N] [--seed S] [--target NAME]
# Without a number: 10,000,000. One input again, as a find prints it: build/fuzz.sh --target NAME --replay BASE64
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build tests/ExchangeResilience.Fuzz.Tests --configuration Release -nodeReuse:false --verbosity quiet -consoleLoggerParameters:NoSummary
exec dotnet tests/ExchangeResilience.Fuzz.Tests/bin/Release/net10.0/ExchangeResilience.Fuzz.Tests.dll fuzz "$@"
