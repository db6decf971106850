#!/usr/bin/env bash
# Builds the solution as it is released, runs every test project, checks the model and the packages; the last line is `N passed, N failed`.
# Arguments go to each test runner, and the model and the packages are then left out, as in: build/test.sh -class '*PolicyMatrix*'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
readonly reports=.artifacts/test-results patience=30m
readonly -a runner_options=("$@")

# What .NET, the browser tests and those of the shared store need from Debian, each with a file that shows it is there.
declare -rA packages=(
  [ca-certificates]=/etc/ssl/certs/ca-certificates.crt
  [chromium]=/usr/bin/chromium
  [fonts-dejavu-core]=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
  [libssl3]='/usr/lib/*/libssl.so.3'
  [postgresql]='/usr/lib/postgresql/*/bin/initdb'
)

install_missing() {
  local package missing=()
  for package in "${!packages[@]}"; do
    compgen -G "${packages[$package]}" >/dev/null || missing+=("$package")
  done
  if ((${#missing[@]} > 0)); then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
  fi
}

build() {
  dotnet restore Resilience.sln --locked-mode --verbosity quiet
  dotnet build Resilience.sln --configuration Release --no-restore -warnaserror -nodeReuse:false --verbosity quiet -consoleLoggerParameters:NoSummary
}

# A total from an xunit.v3 report; 0 when the run ended before it could report.
total() {
  local value
  value=$(grep -o '<assembly [^>]*>' "$2" 2>/dev/null | sed -nE "s/.* $1=\"([^\"]*)\".*/\1/p") || true
  echo "${value:-0}"
}

passed=0
failed=0

# The runner shows failures in full and nothing else. A project that crashes, or has no test of its own, has failed.
run() {
  local project=$1 report=$reports/$1.xml status=0 good bad
  timeout "$patience" dotnet "tests/$project/bin/Release/net10.0/$project.dll" \
    -noLogo -noColor -noAutoReporters -reporter quiet -xml "$report" "${runner_options[@]}" || status=$?

  good=$(total passed "$report")
  bad=$(($(total failed "$report") + $(total errors "$report")))
  if ((bad == 0)) && ((status != 0 || ${#runner_options[@]} == 0 && good == 0)); then
    bad=1
  fi

  printf '%-40s %9s s   passed %d   failed %d   skipped %d\n' \
    "$project" "$(total time "$report")" "$good" "$bad" "$(total skipped "$report")"
  passed=$((passed + good))
  failed=$((failed + bad))
}

# What these scripts check counts like tests; a script that breaks off has failed.
check() {
  local script=$1 log=$reports/$1.log status=0 good=0 bad=0
  timeout "$patience" "build/$script.sh" | tee "$log" || status=$?

  read -r good bad < <(sed -nE "\$s/^$script: ([0-9]+) passed, ([0-9]+) failed\$/\\1 \\2/p" "$log") || true
  passed=$((passed + good))
  failed=$((failed + bad))
  if ((status != 0 && bad == 0)); then
    failed=$((failed + 1))
  fi
}

# Has the last word whatever happened before: a failed build, and a run in which nothing passed, are failures.
summarise() {
  if ((failed == 0)) && (($1 != 0 || passed == 0)); then
    failed=1
  fi
  echo "$passed passed, $failed failed"
  exit $((failed > 0))
}
trap 'summarise $?' EXIT

install_missing
build
rm -rf "$reports"
mkdir -p "$reports"
for project in tests/*.Tests; do
  run "${project#tests/}"
done
if ((${#runner_options[@]} == 0)); then
  check model
  check pack
fi
