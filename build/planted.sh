#!/usr/bin/env bash
# Plants each known bug of tests/PlantedBugs in a copy of the repository: the test or the simulation that it names must then find it. --help tells more.
set -euo pipefail
readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly bugs=$root/tests/PlantedBugs simulation=ExchangeResilience.Simulation.Tests patience=10m
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

usage() {
  cat <<'TEXT'
build/planted.sh [--copy FOLDER] [NAME ...]   plant the bugs of these names, or all of them, one after the other
build/planted.sh --list [NAME ...]            name each bug with what it breaks and what must find it
build/planted.sh --help

  NAME    A bug, with its folder (Guarantees/late-copy-leaves) or without it, or a folder for all bugs in it (Simulation).
  --copy  Keep the copy in FOLDER, so that the next run there builds only what has changed. Without it the copy is a temporary one.

A bug is a file tests/PlantedBugs/FOLDER/NAME.patch. Above the diff it says what it breaks:

  # guarantee: the first words of the guarantee's row in src/ExchangeResilience/docs/guarantees.md
  # fault: what is wrong, in words

and what must find it within ten minutes:

  # test: PROJECT CLASS.METHOD, or PROJECT CLASS for every test of a class
  # plan: a plan of build/simulate.sh, of which 20000 lifecycles are run at most

A line for each bug tells how long that took, the build aside. A run that reached the ten minutes before a test failed is reported as "found by its time limit".
Whether the tests and the simulation pass without a bug is what build/test.sh finds out.
Exit status 0: each bug was found. One that was not, that can no longer be planted, or that does not build leads to 1.
TEXT
}

# The bugs of a name or of a folder, by their paths.
bugs_of() { (cd "$bugs" && find . -path "*/$1.patch" -o -path "*/$1/*.patch") | sed 's|^\./||; s|\.patch$||' | sort; }

header() { sed -nE "/^# ($1): /{s///p;q}" "$bugs/$2.patch"; }

# Only what differs is written, since a build goes by the times of files.
copy_tracked() {
  local file
  while IFS= read -r -d '' file; do
    if [[ -f $root/$file ]] && ! cmp -s "$root/$file" "$copy/$file"; then
      mkdir -p "$(dirname "$copy/$file")"
      cp "$root/$file" "$copy/$file"
    fi
  done < <(git -C "$root" ls-files -z)

  # What was moved or deleted since would be built beside what took its place.
  comm -z -13 <(git -C "$root" ls-files -z | sort -z) <(cd "$copy" && find . -type f -not -path '*/bin/*' -not -path '*/obj/*' -printf '%P\0' | sort -z) | (cd "$copy" && xargs -0 -r rm --)
}

# A patch writes the file anew both ways, so that the next build sees it.
apply() { patch --directory "$copy" --strip 1 --quiet --no-backup-if-mismatch --reject-file=- "$@" >"$scratch/log" 2>&1; }

build() {
  dotnet build "$copy/tests/$1" --configuration Release --no-restore -nodeReuse:false --verbosity quiet -consoleLoggerParameters:NoSummary \
    -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false >"$scratch/log" 2>&1
}

run() {
  local project=$1
  timeout --kill-after 10s "$patience" dotnet "$copy/tests/$project/bin/Release/net10.0/$project.dll" "${@:2}" </dev/null >"$scratch/log" 2>&1
}

run_test() {
  local filter=-class
  [[ $2 != *.* ]] || filter=-method
  run "$1" -noLogo -noColor -noAutoReporters -reporter quiet "$filter" "*.$2"
}

# In one process, set up as build/simulate.sh does it.
run_plan() {
  DOTNET_PROCESSOR_COUNT=1 DOTNET_gcConcurrent=0 DOTNET_TieredCompilation=0 DOTNET_ReadyToRun=0 \
    run "$1" simulate --plan "$2" --lifecycles 20000
}

# Each says nothing where nothing was found.
failed_test() { sed -nE '/^ *(.*) \[FAIL\]$/{s//\1/p;q}' "$scratch/log" | cut -c 1-200; }

broken_promise() {
  local seed lifecycles
  seed=$(sed -nE '/^seed ([0-9]+) .* failed:$/{s//\1/p;q}' "$scratch/log")
  [[ -n $seed ]] || return 0
  lifecycles=$(tail -n 1 "$scratch/log" | grep -o '[0-9]* lifecycles') || lifecycles='an unknown number of lifecycles'
  echo "seed $seed, after $lifecycles: $(grep -m 1 '^  ' "$scratch/log" | cut -c 3-200)"
}

tell() { echo "$1  $name, $((SECONDS - began)) s: $2"; }

miss() {
  tell 'NOT FOUND' "$1"
  tail -n "${2:-0}" "$scratch/log"
  return 1
}

# Runs what must find the bug that is planted.
seek() {
  local finding='' status=0 began=$SECONDS
  if [[ -n $plan ]]; then
    run_plan "$project" "$plan" || status=$?
    finding=$(broken_promise)
  else
    run_test "$project" "$pattern" || status=$?
    finding=$(failed_test)
  fi

  if [[ -n $finding ]]; then
    tell 'found    ' "${plan:+$plan, }$finding"
  elif ((status == 124 || status == 137)); then
    tell 'found by its time limit' "$project ${plan:-$pattern}"
  else
    miss "$project ${plan:-$pattern}" 3
  fi
}

plant() {
  local name=$1 project pattern plan status=0 began=$SECONDS
  read -r project pattern < <(header test "$name") || true
  plan=$(header plan "$name")
  [[ -z $plan ]] || project=$simulation
  [[ -n $plan$pattern && -n $(header 'guarantee|fault' "$name") ]] || { miss 'it does not say what it breaks, or what must find it'; return; }
  apply --dry-run <"$bugs/$name.patch" || { miss 'it can no longer be planted' 5; return; }

  # What is taken out again is what was planted, whoever edits the patch meanwhile.
  cp "$bugs/$name.patch" "$scratch/planted"
  apply <"$scratch/planted"
  if build "$project"; then
    seek || status=1
  else
    miss 'it does not build' 5 || status=1
  fi
  uproot
  return "$status"
}

uproot() {
  [[ ! -f $scratch/planted ]] || apply --reverse <"$scratch/planted"
  rm -f "$scratch/planted"
}

tidy() {
  uproot
  rm -rf "$scratch"
  [[ -n $kept ]] || rm -rf "$copy"
}

kept='' list='' names=()
while (($# > 0)); do
  case $1 in
    --help) usage; exit ;;
    --list) list=1 ;;
    --copy) kept=${2:?--copy needs a folder}; shift ;;
    -*) usage >&2; exit 2 ;;
    *)
      named=$(bugs_of "$1")
      [[ -n $named ]] || { echo "There is no bug '$1'." >&2; exit 2; }
      mapfile -t -O "${#names[@]}" names <<<"$named"
      ;;
  esac
  shift
done

((${#names[@]} > 0)) || mapfile -t names < <(bugs_of '*')
if [[ -n $list ]]; then
  for name in "${names[@]}"; do
    echo "$name"
    sed -nE 's/^# ((guarantee|fault|test|plan): )/    \1/p' "$bugs/$name.patch"
  done
  exit
fi

scratch=$(mktemp -d)
if [[ -n $kept ]]; then
  mkdir -p "$kept"
  copy=$(cd "$kept" && pwd)
else
  copy=$(mktemp -d)
fi
readonly copy scratch
trap tidy EXIT
copy_tracked
dotnet restore "$copy/Resilience.sln" --verbosity quiet
found=0 missed=0
for name in "${names[@]}"; do
  if plant "$name"; then
    found=$((found + 1))
  else
    missed=$((missed + 1))
  fi
done
echo "$found found, $missed not found"
exit $((missed > 0))
