#!/usr/bin/env bash
# Simulates trading against the in-memory exchange, seeded, on one thread per process; see tests/ExchangeResilience.Simulation.Tests/README.md.
set -euo pipefail
readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly name=ExchangeResilience.Simulation.Tests
readonly bugs=tests/$name/PlantedBugs
readonly without_analysis=(-p:RunAnalyzers=false -p:TreatWarningsAsErrors=false)

usage() {
  cat <<'TEXT'
build/simulate.sh [--plan PLAN] [--first SEED] --lifecycles N   simulate N lifecycles on all cores
build/simulate.sh [--plan PLAN] --seed SEED [--minimise]        replay one seed with its whole event log, or the smallest that still fails
build/simulate.sh --planted [NAME ...]                            plant each known bug in a copy, which must then fail; minutes for all of them
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
  log=$(dotnet build "$1/tests/${project:-$name}" --configuration Release -nodeReuse:false --verbosity quiet "${@:2}" 2>&1) || { echo "$log" >&2; return 1; }
}

# Compiled in full at once: with one processor the tiered compiler's background thread hardly gets to run, and the simulation takes twice as long.
simulate() {
  DOTNET_PROCESSOR_COUNT=1 DOTNET_gcConcurrent=0 DOTNET_TieredCompilation=0 DOTNET_ReadyToRun=0 \
    dotnet "$1/tests/$name/bin/Release/net10.0/$name.dll" simulate "${@:2}"
}

# One process a core, each with seeds of its own; their last lines together are the result.
run_many() {
  local cores share index status=0 pids=() began=$SECONDS
  cores=$(nproc)
  share=$(((lifecycles + cores - 1) / cores))
  for ((index = 0; index < cores; index++)); do
    simulate "$root" "${options[@]}" --first $((first + index)) --stride "$cores" --lifecycles "$share" --progress 30 | sed -u "s/^/[$((index + 1))] /" &
    pids+=($!)
  done
  for index in "${pids[@]}"; do wait "$index" || status=1; done
  echo "$((SECONDS - began)) s on $cores cores; $([[ $status == 0 ]] && echo 'no promise was broken' || echo 'a promise was broken')"
  return "$status"
}

# What is built once in the copy serves every bug: only what a patch touches is compiled again.
copy_tree() {
  copy=$(mktemp -d)
  trap 'rm -rf "$copy"' EXIT
  (cd "$root" && git ls-files -z | xargs -0 cp --parents --target-directory "$copy")
}

# What a patch says of itself in the lines before its first hunk: "# plan: larger", "# fault: R05", "# test: PROJECT METHOD".
header_of() {
  sed -n "/^---/q; s/^# $1: //p" "$2"
}

apply() {
  patch --directory "$copy" --strip 1 --quiet --no-backup-if-mismatch "$@" <"$patch"
}

# A bug that the simulation does not find within as many lifecycles as CI runs is a hole in it. What lies outside of what it sees (sockets, handlers made anew) a test must find.
plant() {
  local patch=$1 plan fault test project='' method='' status=0 began what
  what=$(basename "$patch" .patch)
  plan=$(header_of plan "$patch") fault=$(header_of fault "$patch") test=$(header_of test "$patch")
  read -r project method <<<"$test" || true
  apply --dry-run || { echo "NOT PLANTED $what: the patch does not apply"; return 1; }
  apply
  if build "$copy" "${without_analysis[@]}"; then
    began=$SECONDS
    if [[ -n $test ]]; then
      dotnet "$copy/tests/$project/bin/Release/net10.0/$project.dll" -noColor -method "$method" >"$copy/found.txt" || status=$?
    else
      simulate "$copy" --plan "${plan:-within-a1}" --lifecycles 20000 >"$copy/found.txt" || status=$?
    fi
    tell "$test" || status=0
  else
    echo "NOT PLANTED $what: it does not compile"
  fi
  apply --reverse
  ((status != 0))
}

# False where nothing was found, or where what ended the run was no finding.
tell() {
  local label="$what${fault:+ ($fault)}" seconds=$((SECONDS - began))
  if [[ -n $1 ]] && grep -q '\[FAIL\]' "$copy/found.txt"; then
    echo "found       $label: by a test, $seconds s: $(grep -m 1 -o '[^ ].*\[FAIL\]' "$copy/found.txt" | cut -c 1-200)"
  elif [[ -z $1 ]] && grep -q '^seed .* failed:' "$copy/found.txt"; then
    echo "found       $label: ${plan:-within-a1}, seed $(sed -n 's/^seed \([0-9]*\) .* failed:$/\1/p' "$copy/found.txt" | head -n 1), after $(tail -n 1 "$copy/found.txt" | grep -o '[0-9]* lifecycles'), $seconds s: $(grep -m 1 '^  ' "$copy/found.txt" | cut -c 3-200)"
  else
    echo "NOT FOUND   $label: $(tail -n 1 "$copy/found.txt")"
    return 1
  fi
}

options=() first=1 lifecycles='' seed='' planted='' names=()
while (($# > 0)); do
  case $1 in
    --help) usage; exit ;;
    --plan | --only | --without) options+=("$1" "$2"); shift ;;
    --keep-going | --minimise) options+=("$1") ;;
    --first) first=$2; shift ;;
    --lifecycles) lifecycles=$2; shift ;;
    --seed) seed=$2; shift ;;
    --planted) planted=1 ;;
    -*) usage >&2; exit 2 ;;
    *) names+=("$1") ;;
  esac
  shift
done

if [[ -n $planted ]]; then
  failed=0
  copy_tree
  ((${#names[@]} > 0)) || mapfile -t names < <(cd "$root/$bugs" && ls ./*.patch | sed 's|^\./||; s|\.patch$||')
  for bug in "${names[@]}"; do plant "$root/$bugs/$bug.patch" || failed=1; done
  exit "$failed"
elif [[ -n $seed ]]; then
  build "$root"
  simulate "$root" "${options[@]}" --seed "$seed"
elif [[ -n $lifecycles ]]; then
  build "$root"
  run_many
else
  usage >&2
  exit 2
fi
