#!/usr/bin/env bash
# Line coverage of the core by its own tests, per room and in total; fails below the threshold: build/coverage.sh [percent, 90]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly threshold=${1:-90} reports=.artifacts/coverage

collect() {
  rm -rf "$reports"
  dotnet test --project tests/ExchangeResilience.Tests --configuration Release --results-directory "$PWD/$reports" --no-progress \
    --coverlet --coverlet-output-format lcov --coverlet-include '[ExchangeResilience]*' \
    --coverlet-exclude-by-file '**/obj/**' --coverlet-single-hit
}

# lcov names a file (SF) and then each of its lines with its hits (DA); a line that several methods share is counted once.
summarise() {
  awk -F '[:,]' -v threshold="$threshold" '
    function row(name, hits, lines) { return sprintf("%-16s %5d of %5d lines  %6.2f %%", name, hits, lines, 100 * hits / lines) }
    $1 == "SF" { file = $2; room = file; sub(/.*\/src\/ExchangeResilience\//, "", room); if (!sub(/\/.*/, "", room)) room = "(root)" }
    $1 == "DA" && !((file, $2) in seen) { seen[file, $2]; lines[room]++; all++ }
    $1 == "DA" && $3 > 0 && !((file, $2) in hit) { hit[file, $2]; hits[room]++; covered++ }
    END {
      if (!all) { print "no lines were measured"; exit 1 }
      for (room in lines) print row(room, hits[room], lines[room]) | "sort"
      close("sort")
      print row("total", covered, all)
      exit 100 * covered / all < threshold
    }' "$reports"/*.info
}

collect
summarise
