#!/usr/bin/env bash
# Builds the solution as it is released, runs every test project, checks the model and the packages; the last line is `N passed, N failed`.
# With --fast: the core's tests alone, without those that take their time; nothing is installed.
# Other arguments go to each test runner, and the model and the packages are then left out, as in: build/test.sh -class '*PolicyMatrix*'
# What only computes runs beside the tests that wait, at the lowest priority, since some of those are measured in time; it is told last.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
source build/debian.sh

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
readonly reports=.artifacts/test-results patience=30m
fast=no
if [[ ${1:-} == --fast ]]; then
  fast=yes
  shift
  set -- -trait- Speed=Slow "$@"
fi
readonly -a runner_options=("$@")

# What is deterministic whatever runs beside it.
readonly -a deterministic=(ExchangeResilience.Simulation.Tests ExchangeResilience.Fuzz.Tests ExchangeResilience.Stacking.Tests)

# What waits for a server most of the time. It runs beside the browser's tests, and is over before those begin that are measured in time.
readonly -a waiting=(ExchangeResilience.PostgreSql.Tests)

# What is needed from Debian, each with a file that shows it is there.
declare -rA build_needs=(
  [ca-certificates]=/etc/ssl/certs/ca-certificates.crt
  [libssl3]='/usr/lib/*/libssl.so.3'
)
declare -rA test_needs=(
  [chromium]=/usr/bin/chromium
  [fonts-dejavu-core]=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
  [nginx]=/usr/sbin/nginx
  [nodejs]=/usr/bin/node
  [npm]=/usr/bin/npm
  [pgbouncer]=/usr/sbin/pgbouncer
  [postgresql]='/usr/lib/postgresql/*/bin/initdb'
)

build() {
  dotnet restore "$1" --locked-mode --verbosity quiet
  dotnet build "$1" --configuration Release --no-restore -warnaserror -nodeReuse:false --verbosity quiet -consoleLoggerParameters:NoSummary
}

# Waits for what was begun beside, and shows what it had to say.
collect() {
  local status=0
  wait "$1" || status=$?
  cat "$2"
  return "$status"
}

# A total from an xunit.v3 report; 0 when the run ended before it could report.
total() {
  local value
  value=$(grep -o '<assembly [^>]*>' "$2" 2>/dev/null | sed -nE "s/.* $1=\"([^\"]*)\".*/\1/p") || true
  echo "${value:-0}"
}

# Each that runs leaves what it counted in a file, since some run in a process of their own. Whatever was begun and left none has failed.
begin() { : >"$reports/$1.begun"; }
count() { echo "$2 $3" >"$reports/$1.count"; }

# The tests of a project, or that part of them which further options choose. The runner shows failures in full and nothing else. What crashes, or has no test to run, has failed.
run() {
  local project=$1 name="$1${2:+ ${*:2}}" status=0 good bad
  local report="$reports/$name.xml"
  begin "$name"
  timeout "$patience" dotnet "tests/$project/bin/Release/net10.0/$project.dll" \
    -noLogo -noColor -noAutoReporters -reporter quiet -xml "$report" "${runner_options[@]}" "${@:2}" || status=$?

  good=$(total passed "$report")
  bad=$(($(total failed "$report") + $(total errors "$report")))
  if ((bad == 0)) && ((status != 0 || ${#runner_options[@]} == 0 && good == 0)); then
    bad=1
  fi

  printf '%-40s %9s s   passed %d   failed %d   skipped %d\n' \
    "$name" "$(total time "$report")" "$good" "$bad" "$(total skipped "$report")"
  count "$name" "$good" "$bad"
}

# What these scripts check counts like tests; a script that breaks off has failed.
check() {
  local script=$1 log=$reports/$1.log status=0 good=0 bad=0
  begin "$script"
  timeout "$patience" "build/$script.sh" | tee "$log" || status=$?

  read -r good bad < <(sed -nE "\$s/^$script: ([0-9]+) passed, ([0-9]+) failed\$/\\1 \\2/p" "$log") || true
  if ((status != 0 && bad == 0)); then
    bad=1
  fi
  count "$script" "$good" "$bad"
}

compute() {
  local project
  for project in "${deterministic[@]}"; do
    run "$project"
  done
  if ((${#runner_options[@]} == 0)); then
    check model
    check pack
  fi
}

wait_for_servers() {
  local project
  for project in "${waiting[@]}"; do
    run "$project"
  done
}

is_beside() { [[ " ${deterministic[*]} ${waiting[*]} " == *" $1 "* ]]; }

# beside NICENESS LOG COMMAND: begins it in a process of its own, whose id is then in `beside`.
beside() {
  (
    trap - EXIT
    renice -n "$1" "$BASHPID" >/dev/null
    "$3"
  ) >"$2" 2>&1 &
  beside=$!
}

# Has the last word whatever happened before: a failed build, and a run in which nothing passed, are failures.
summarise() {
  local begun good bad passed=0 failed=0
  for begun in "$reports"/*.begun; do
    good=0 bad=1
    [[ ! -s ${begun%.begun}.count ]] || read -r good bad <"${begun%.begun}.count"
    passed=$((passed + good))
    failed=$((failed + bad))
  done
  if ((failed == 0)) && (($1 != 0 || passed == 0)); then
    failed=1
  fi
  echo "$passed passed, $failed failed"
  exit $((failed > 0))
}
trap 'summarise $?' EXIT

rm -rf "$reports"
mkdir -p "$reports"
if [[ $fast == yes ]]; then
  build tests/ExchangeResilience.Tests
  run ExchangeResilience.Tests
  exit
fi

install_missing build_needs
install_missing test_needs >"$reports/installed.txt" 2>&1 &
installing=$!
build Resilience.sln
collect "$installing" "$reports/installed.txt"

beside 19 "$reports/computed.txt" compute
computing=$beside
beside 0 "$reports/waited.txt" wait_for_servers
waited=$beside
for project in tests/*.Tests; do
  is_beside "${project#tests/}" || run "${project#tests/}"
done
collect "$waited" "$reports/waited.txt"
collect "$computing" "$reports/computed.txt"
