#!/usr/bin/env bash
# Plants each known bug of tests/PlantedBugs in a copy of the repository: the test that holds the broken guarantee must then fail. --help tells more.
set -euo pipefail
readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly bugs=$root/tests/PlantedBugs patience=10m
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

usage() {
  cat <<'TEXT'
build/planted.sh [--copy FOLDER] [NAME ...]   plant the bugs of these names, or all of them, one after the other
build/planted.sh --list                       name each bug with its guarantee and the test that must find it
build/planted.sh --help

  --copy  Keep the copy in FOLDER, so that the next run there builds only what has changed. Without it the copy is a temporary one.

A bug is a file tests/PlantedBugs/NAME.patch. Above the diff it says what it breaks and which test must find it:

  # guarantee: the first words of the guarantee's row in README.md
  # test: PROJECT CLASS.METHOD, or PROJECT CLASS for every test of a class

Whether these tests pass without a bug is what build/test.sh finds out.
Exit status 0: each bug was found. One that was not, that can no longer be planted, or that does not build leads to 1.
TEXT
}

header() { sed -nE "s/^# $1: //p" "$bugs/$2.patch" | head -n 1; }

# Only what differs is written, since a build goes by the times of files.
copy_tracked() {
  local file
  while IFS= read -r -d '' file; do
    if [[ -f $root/$file ]] && ! cmp -s "$root/$file" "$copy/$file"; then
      mkdir -p "$(dirname "$copy/$file")"
      cp "$root/$file" "$copy/$file"
    fi
  done < <(git -C "$root" ls-files -z)
}

# A patch writes the file anew both ways, so that the next build sees it.
apply() { patch --directory "$copy" --strip 1 --quiet --no-backup-if-mismatch --reject-file=- "$@" >"$scratch/log" 2>&1; }

build() {
  dotnet build "$copy/tests/$1" --configuration Release --no-restore -nodeReuse:false --verbosity quiet -consoleLoggerParameters:NoSummary \
    -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false >"$scratch/log" 2>&1
}

# Runs a class, or a method of one. True where a test was run and failed; a run that never ends has failed too.
fails() {
  local project=$1 pattern=$2 filter=-class report=$scratch/report.xml status=0
  [[ $pattern != *.* ]] || filter=-method
  rm -f "$report"
  timeout --kill-after 10s "$patience" dotnet "$copy/tests/$project/bin/Release/net10.0/$project.dll" \
    -noLogo -noColor -noAutoReporters -reporter quiet -xml "$report" "$filter" "*.$pattern" </dev/null >"$scratch/log" 2>&1 || status=$?
  ((status == 124)) || { ((status != 0)) && grep -qE '<assembly [^>]*\bfailed="[1-9]' "$report" 2>/dev/null; }
}

miss() {
  echo "NOT FOUND  $1: $2"
  tail -n "${3:-0}" "$scratch/log"
  return 1
}

plant() {
  local name=$1 project pattern status=0
  [[ -f $bugs/$name.patch ]] || { miss "$name" 'there is no such patch'; return; }
  read -r project pattern < <(header test "$name") || true
  [[ -n ${pattern:-} && -n $(header guarantee "$name") ]] || { miss "$name" 'it names no guarantee, or no test'; return; }
  apply --dry-run <"$bugs/$name.patch" || { miss "$name" 'it can no longer be planted' 5; return; }

  # What is taken out again is what was planted, whoever edits the patch meanwhile.
  cp "$bugs/$name.patch" "$scratch/planted"
  apply <"$scratch/planted"
  if ! build "$project"; then
    miss "$name" 'it does not build' 5 || status=1
  elif ! fails "$project" "$pattern"; then
    miss "$name" "$project $pattern" 3 || status=1
  else
    echo "found      $name: $project $pattern"
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
    *) names+=("$1") ;;
  esac
  shift
done

((${#names[@]} > 0)) || mapfile -t names < <(cd "$bugs" && printf '%s\n' *.patch | sed 's|\.patch$||')
if [[ -n $list ]]; then
  for name in "${names[@]}"; do
    printf '%s\n    %s\n    %s\n' "$name" "$(header guarantee "$name")" "$(header test "$name")"
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
failed=0
for name in "${names[@]}"; do
  plant "$name" || failed=1
done
exit "$failed"
