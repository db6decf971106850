#!/usr/bin/env bash
# Mutation score of the core by its own tests, per room: build/mutate.sh [room or file, as Errors or Errors/HoldHint.cs].
# Without an argument: what build/stryker-config.json names. Needs jq.
set -euo pipefail
readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly reports=$root/.artifacts/mutation

# Debug, which nothing else here builds: an interrupted run leaves mutants behind. Inside the test project, because a solution takes no scope.
mutate() {
  cd "$root/tests/ExchangeResilience.Tests"
  dotnet tool restore
  dotnet stryker --config-file "$root/build/stryker-config.json" --configuration Debug --output "$reports" "$@"
}

# A mutant is caught when a test fails or hangs on it, and missed when none does or none reaches it; the rest were never in the game.
summarise() {
  jq -r '
    def score: (map(select(. == "Killed" or . == "Timeout")) | length) as $caught
      | (map(select(. == "Survived" or . == "NoCoverage")) | length) as $missed
      | select($caught + $missed > 0)
      | [$caught, $caught + $missed, 100 * $caught / ($caught + $missed)];
    [.files | to_entries[] | {room: (.key | split("/")[-2]), status: .value.mutants[].status}]
    | (group_by(.room)[] | [.[0].room] + (map(.status) | score)), ["total"] + (map(.status) | score)
    | @tsv' "$reports/reports/mutation-report.json" |
    while IFS=$'\t' read -r room caught all percent; do
      printf '%-16s %5d of %5d mutants  %6.2f %%\n' "$room" "$caught" "$all" "$percent"
    done
}

scope=()
case ${1:-} in
  '') ;;
  *.cs) scope=(--mutate "**/$1") ;;
  *) scope=(--mutate "**/$1/*.cs") ;;
esac
mutate "${scope[@]}"
summarise
