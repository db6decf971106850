#!/usr/bin/env bash
# Mutation score of the core by its own tests: build/mutate.sh [room or file ...], as Errors or Policies/Decision.cs. Needs jq.
# Without an argument: the rooms where a wrong branch costs money.
set -euo pipefail
readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly reports=$root/.artifacts/mutation

# The tests that are to catch a room's mutants: its own, with what they stand on.
tests_of() {
  case $1 in
    Policies/Decision.cs) echo 'Policies/DecisionTests.cs' ;;
    Policies* | Settings* | Configuration*) echo 'Policies/**/*.cs;Handling/CollectedLog.cs' ;;
    Traffic*) echo 'Traffic/**/*.cs;Handling/CollectedLog.cs' ;;
    Clock*) echo 'Clock/**/*.cs' ;;
    Errors*) echo 'Errors/**/*.cs;Venues/**/*.cs' ;;
    Claims* | Journal* | Reconciliation* | Reports* | Clients* | Attempts* | Orders* | Handling*) echo 'Reconciliation/**/*.cs;Journal/**/*.cs;Fleet/**/*.cs;Batches/**/*.cs;Claims/**/*.cs;Reports/**/*.cs;Attempts/**/*.cs;Orders/**/*.cs;Handling/**/*.cs;EndToEnd/SimulatedFixture.cs;EndToEnd/NaiveSigning.cs;Docs/Snippets.cs' ;;
    *) echo '**/*.cs' ;;
  esac
}

# Debug, which nothing else here builds: an interrupted run leaves mutants behind. Inside the test project, because a solution takes no scope.
mutate() {
  local scope=$1
  [[ $scope == *.cs ]] || scope=$scope/*.cs
  cd "$root/tests/ExchangeResilience.Tests"
  TestFolders=$(tests_of "$1") dotnet stryker --config-file "$root/build/stryker-config.json" --configuration Debug --output "$reports" --mutate "**/$scope"
}

# A mutant is caught when a test fails or hangs on it, and missed when none does or none reaches it; the rest were never in the game.
summarise() {
  jq -r --arg place "$1" '
    [.files[].mutants[].status]
    | (map(select(. == "Killed" or . == "Timeout")) | length) as $caught
    | (map(select(. == "Survived" or . == "NoCoverage")) | length) as $missed
    | [$place, $caught, $caught + $missed, (if $caught + $missed == 0 then 100 else 100 * $caught / ($caught + $missed) end)]
    | @tsv' "$reports/reports/mutation-report.json" |
    while IFS=$'\t' read -r place caught all percent; do
      printf '%-24s %5d of %5d mutants  %6.2f %%\n' "$place" "$caught" "$all" "$percent"
    done
}

cd "$root"
dotnet tool restore
places=("$@")
((${#places[@]} > 0)) || places=(Policies Settings Configuration Errors Traffic Clock Journal Claims Reconciliation)
for place in "${places[@]}"; do
  mutate "$place"
  summarise "$place" | tee -a "$reports/scores.txt"
done
