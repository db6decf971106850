#!/usr/bin/env bash
# Packs what is released into .artifacts/packages, as of HEAD with what is changed in tracked files, and checks it; the last line is `pack: N passed, N failed`.
# It is packed twice, in folders of different names: what comes out must not differ by a byte, and so cannot tell where it was built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
source build/debian.sh
source build/verdict.sh

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 CI=true
readonly packages=$PWD/.artifacts/packages authors='ExchangeResilience contributors'
version=$(sed -nE 's|.*<VersionPrefix>(.*)</VersionPrefix>.*|\1|p' build/Common.props)
readonly version

# What each package may need, and nothing else.
declare -rA needs=(
  [ExchangeResilience]='Microsoft.Extensions.Diagnostics.HealthChecks Microsoft.Extensions.Hosting.Abstractions Microsoft.Extensions.Http Microsoft.Extensions.Options.ConfigurationExtensions Polly.Core'
  [ExchangeResilience.Dashboard]='ExchangeResilience'
  [ExchangeResilience.Ed25519]='ExchangeResilience NSec.Cryptography System.Security.Cryptography.Pkcs'
  [ExchangeResilience.PostgreSql]='ExchangeResilience Microsoft.Extensions.Diagnostics.HealthChecks Npgsql'
  [ExchangeResilience.Sqlite]='ExchangeResilience Microsoft.Data.Sqlite SQLitePCLRaw.bundle_e_sqlite3 SQLitePCLRaw.core'
  [ExchangeResilience.Testing]='ExchangeResilience'
)
readonly analyzer=analyzers/dotnet/cs/ExchangeResilience.Analyzers.dll
readonly -a released=(ExchangeResilience ExchangeResilience.Dashboard ExchangeResilience.Ed25519 ExchangeResilience.PostgreSql ExchangeResilience.Sqlite ExchangeResilience.Testing)

# What this needs from Debian, each with a file that shows it is there.
declare -rA tools=(
  [git]=/usr/bin/git
  [unzip]=/usr/bin/unzip
)

# The same commit, and no other remote than here: a clone's own would be a folder of this machine.
copy() {
  local remote
  git clone --quiet --no-hardlinks . "$1"
  if remote=$(git remote get-url origin 2>/dev/null); then
    git -C "$1" remote set-url origin "$remote"
  else
    git -C "$1" remote remove origin
  fi
  git diff --binary HEAD | git -C "$1" apply --allow-empty
}

# The solution's own build has asked the analyzers.
pack() {
  local project
  cd "$1"
  for project in "${released[@]}"; do
    dotnet pack "src/$project" --configuration Release --output "$2" -nodeReuse:false --verbosity quiet -consoleLoggerParameters:NoSummary -p:RunAnalyzers=false
    mkdir -p "$2/$project"
    unzip -qo "$2/$project.$version.nupkg" -d "$2/$project"
  done
}

check() {
  local what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "failed: $what"
  fi
}

is() { [[ $1 == "$2" ]]; }

# The text of the nuspec's only element of that name.
told() { sed -nE "s|^ *<$2( [^>]*)?>(.*)</$2>.*|\2|p" "$1"; }

dependencies() { sed -nE 's|.*<dependency id="([^"]*)" version="([^"]*)".*|\1 \2|p' "$1"; }

# Siblings of this very version; others of the version built with, or any later one.
wanted_dependencies() {
  local id
  for id in ${needs[$1]}; do
    if [[ -v needs[$id] ]]; then
      echo "$id [$version]"
    else
      sed -nE "s|.*<PackageVersion Include=\"$id\" Version=\"([^\"]*)\".*|$id \1|p" build/Packages.props
    fi
  done
}

files() { unzip -Z1 "$1" | grep -vE '^(_rels/|package/|\[Content_Types\])' | sort | tr '\n' ' '; }

# The core brings its pages, to which every error's HelpLink leads, and what the compiler warns with.
belongs() {
  {
    printf '%s\n' "$1.nuspec" README.md icon.png "lib/net10.0/$1.dll" "lib/net10.0/$1.xml"
    [[ $1 != ExchangeResilience ]] || (cd src/ExchangeResilience && ls docs/* && echo "$analyzer")
  } | sort | tr '\n' ' '
}

is_documented() { (($(grep -c '<member name=' "$1") > 5)); }

says_nothing_of() { ! grep -raqE "$2" "$1"; }

verify() {
  local id=$1 one=$scratch/out-one/$1 other=$scratch/out-other/$1 nuspec=$scratch/out-one/$1/$1.nuspec file
  printf '%s %s\n' "$id" "$(told "$nuspec" version)"
  printf '  %s: %s\n' authors "$(told "$nuspec" authors)" description "$(told "$nuspec" description)" tags "$(told "$nuspec" tags)" license "$(told "$nuspec" license)" repository "$(grep -o '<repository.*/>' "$nuspec")"
  dependencies "$nuspec" | sed 's/^/  needs /'

  check "$id: id" is "$(told "$nuspec" id)" "$id"
  check "$id: version" is "$(told "$nuspec" version)" "$version"
  check "$id: authors" is "$(told "$nuspec" authors)" "$authors"
  check "$id: license" grep -q '<license type="expression">MIT</license>' "$nuspec"
  check "$id: description" grep -qE '<description>.{60,}</description>' "$nuspec"
  check "$id: tags" grep -qE '<tags>.*\bbinance\b.*</tags>' "$nuspec"
  check "$id: commit" grep -q "<repository type=\"git\" .*commit=\"$(git rev-parse HEAD)\"" "$nuspec"
  check "$id: README" grep -q '<readme>README.md</readme>' "$nuspec"
  check "$id: README is its own" cmp -s "$one/README.md" "src/$id/README.md"
  check "$id: dependencies" is "$(dependencies "$nuspec" | sort)" "$(wanted_dependencies "$id" | sort)"
  check "$id: nothing but what belongs there" is "$(files "$packages/$id.$version.nupkg")" "$(belongs "$id")"
  check "$id: icon" grep -q '<icon>icon.png</icon>' "$nuspec"
  check "$id: symbols" grep -aq MPDB "$one/lib/net10.0/$id.dll"
  check "$id: documentation" is_documented "$one/lib/net10.0/$id.xml"
  check "$id: trimmable" grep -aq IsTrimmable "$one/lib/net10.0/$id.dll"
  check "$id: no folder of a machine" says_nothing_of "$one" "$scratch|${scratch##*/}|${HOME:-/root}/"
  for file in dll xml; do
    check "$id: the same $file from another folder" cmp "$one/lib/net10.0/$id.$file" "$other/lib/net10.0/$id.$file"
  done
}

install_missing tools
echo "packs ${#released[@]} packages twice, from copies of this commit; this takes minutes"
copy "$scratch/one"
copy "$scratch/a/folder/further/down"
(pack "$scratch/one" "$scratch/out-one") &
first=$!
(pack "$scratch/a/folder/further/down" "$scratch/out-other") &
second=$!
wait "$first"
echo "packed once"
wait "$second"
echo "packed twice"
rm -rf "$packages"
mkdir -p "$packages"
cp "$scratch"/out-one/*.nupkg "$packages"
for id in "${released[@]}"; do
  verify "$id"
done
check "the same analyzer from another folder" cmp "$scratch/out-one/ExchangeResilience/$analyzer" "$scratch/out-other/ExchangeResilience/$analyzer"
