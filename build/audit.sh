#!/usr/bin/env bash
# What is needed and what trimming would break: lock files, known vulnerabilities and deprecations, trimming and AOT; the last line is `audit: N passed, N failed`.
# Asks the package feed. What the feed does not know is said, and fails nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
source build/verdict.sh

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
readonly patience=5m runtime=linux-x64
version=$(sed -nE 's|.*<VersionPrefix>(.*)</VersionPrefix>.*|\1|p' build/Common.props)
hosting=$(sed -nE 's|.*Include="Microsoft.Extensions.Hosting" Version="([^"]*)".*|\1|p' build/Packages.props)
readonly version hosting

# Whatever has a project under src, so that none is forgotten; but for what only a compiler loads.
released=()
for path in src/*/*.csproj; do
  [[ $path == *.Analyzers.csproj ]] || released+=("$(basename "$path" .csproj)")
done
readonly -a released

report() {
  if [[ $1 == passed ]]; then
    passed=$((passed + 1))
    echo "passed  $2"
  else
    failed=$((failed + 1))
    echo "failed  $2"
    sed 's/^/        /' "$scratch/log" | tail -n 30
  fi
}

unknown() { echo "unknown $1"; }

# Leaves what was said in the file `log`.
run() { timeout "$patience" "$@" >"$scratch/log" 2>&1; }

check_lock_files() {
  if run dotnet restore Resilience.sln --locked-mode --force; then
    report passed 'the lock files are what the projects ask for'
  else
    report failed 'the lock files are what the projects ask for'
  fi
}

# A project outside the repository, with none of its settings.
project() {
  local folder=$scratch/$1
  mkdir -p "$folder"
  printf '%s\n' '<Project />' >"$folder/Directory.Build.props"
  printf '%s\n' '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><NuGetAudit>false</NuGetAudit>' \
    "$2" '</PropertyGroup><ItemGroup>' "$3" '</ItemGroup></Project>' >"$folder/$1.csproj"
  cat >"$folder/Program.cs"
}

# A feed that finds nothing wrong with a package that is known for it knows of nothing.
check_packages() {
  local kind=$1 known=$2 version=$3 name
  project "$kind" '' "<PackageReference Include=\"$known\" Version=\"$version\" />" <<<'Console.WriteLine();'
  if ! run dotnet restore "$scratch/$kind" || ! run dotnet list "$scratch/$kind/$kind.csproj" package "--$kind"; then
    unknown "$kind packages: the feed does not answer, or does not have $known $version to try it with"
    return
  fi

  if ! grep -q "> $known " "$scratch/log"; then
    unknown "$kind packages: the feed has no such data (it does not name $known $version)"
    return
  fi

  for name in "${released[@]}"; do
    if ! run dotnet list "src/$name/$name.csproj" package "--$kind" --include-transitive; then
      unknown "$kind packages: the feed does not answer"
    elif grep -qE '^ *> ' "$scratch/log"; then
      report failed "$name needs no $kind package"
    else
      report passed "$name needs no $kind package"
    fi
  done
}

readonly analyzers='-p:EnableTrimAnalyzer=true -p:EnableAotAnalyzer=true -p:EnableSingleFileAnalyzer=true'

check_analyzers() {
  local name
  for name in "${released[@]}"; do
    # shellcheck disable=SC2086
    if run dotnet build "src/$name" --configuration Release --no-restore -nodeReuse:false $analyzers -warnaserror \
      && grep -q ' 0 Warning(s)' "$scratch/log"; then
      report passed "$name builds without a warning of the trimming, AOT and single-file analyzers"
    else
      report failed "$name builds without a warning of the trimming, AOT and single-file analyzers"
    fi
  done

  # An analyzer that is not there finds nothing either.
  project canary '<IsAotCompatible>true</IsAotCompatible>' '' <<<'Console.WriteLine(Activator.CreateInstance(Type.GetType(Console.ReadLine()!)!)); Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(args)); Console.WriteLine(typeof(string).Assembly.Location);'
  run dotnet build "$scratch/canary" -nodeReuse:false || true
  if grep -q IL2026 "$scratch/log" && grep -q IL3050 "$scratch/log" && grep -q IL3000 "$scratch/log"; then
    report passed 'the analyzers see a program that cannot be trimmed, compiled ahead or put into one file'
  else
    report failed 'the analyzers see a program that cannot be trimmed, compiled ahead or put into one file'
  fi
}

# A program that uses what is public, trimmed whole, is told of and still runs.
check_trimming() {
  local name references=''
  for name in "${released[@]}"; do
    references+="<ProjectReference Include=\"$PWD/src/$name/$name.csproj\" /><TrimmerRootAssembly Include=\"$name\" />"
  done

  project trimmed "<OutputType>Exe</OutputType><RuntimeIdentifier>$runtime</RuntimeIdentifier><PublishTrimmed>true</PublishTrimmed><SelfContained>true</SelfContained>
    <TrimmerSingleWarn>false</TrimmerSingleWarn><InvariantGlobalization>true</InvariantGlobalization>" "$references<FrameworkReference Include=\"Microsoft.AspNetCore.App\" />" <<'CSHARP'
using ExchangeResilience;
using ExchangeResilience.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

var time = new ManualTimeProvider();
var exchange = new SimulatedExchange(time: time);
exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
var services = builder.Services;
services.AddSingleton<TimeProvider>(time);
services.AddSqliteOrderJournal(Path.Combine(args[0], "orders.db"));
services.AddHttpClient("futures", http => http.BaseAddress = SimulatedExchange.Address)
    .AddExchangeErrorHandling()
    .AddExchangeSigning(keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
    .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
await using var app = builder.Build();
app.MapExchangeResilience("/exchange").AllowAnonymousReadingOnLoopback();
await app.StartAsync();
var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
var status = await time.RunAsync(async () =>
{
    using var reply = await http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=my-order-1", null);
    return reply.GetExchangeError()?.ToString() ?? "executed";
});
using var browser = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
var isOnPage = (await browser.GetStringAsync("/exchange")).Contains("</html>") && (await browser.GetStringAsync("/exchange/state")).Contains("my-order-1");
Console.WriteLine($"{status} {exchange.ExecutionsOf("my-order-1").Count()}, {(isOnPage ? "on the page" : "not on the page")}");
CSHARP

  if ! run dotnet restore "$scratch/trimmed"; then
    if grep -qE 'NU110[1-3]' "$scratch/log"; then
      unknown "trimming: the feed has not what publishing for $runtime needs"
    else
      report failed 'a trimmed program can be restored'
    fi

    return
  fi

  if run dotnet publish "$scratch/trimmed" --configuration Release --no-restore -nodeReuse:false --output "$scratch/published" && ! grep -q 'warning IL' "$scratch/log"; then
    report passed "a program with all of the ${#released[@]} assemblies is trimmed without a warning"
  else
    report failed "a program with all of the ${#released[@]} assemblies is trimmed without a warning"
    return
  fi

  if run "$scratch/published/trimmed" "$scratch" && grep -qx 'executed 1, on the page' "$scratch/log"; then
    report passed 'and finds the order whose reply was lost, once, and shows it on the page'
  else
    report failed 'and finds the order whose reply was lost, once, and shows it on the page'
  fi
}

# The program that a newcomer copies, from packages: published in one way, it places its order.
check_published() {
  local name=$1 what=$2
  project "$name" "<OutputType>Exe</OutputType><Nullable>enable</Nullable><RuntimeIdentifier>$runtime</RuntimeIdentifier><InvariantGlobalization>true</InvariantGlobalization><TrimmerSingleWarn>false</TrimmerSingleWarn>
    <RestoreAdditionalProjectSources>$scratch/feed</RestoreAdditionalProjectSources><RestorePackagesPath>$scratch/unpacked</RestorePackagesPath>$3" \
    "<PackageReference Include=\"ExchangeResilience.Testing\" Version=\"$version\" /><PackageReference Include=\"Microsoft.Extensions.Hosting\" Version=\"$hosting\" />
    <None Update=\"appsettings.json\" CopyToOutputDirectory=\"PreserveNewest\" />" <samples/MinimalBot/Program.cs
  cp samples/MinimalBot/appsettings.json "$scratch/$name"
  if ! run dotnet restore "$scratch/$name" && grep -qE 'NU110[1-3]' "$scratch/log"; then
    unknown "$what: the feed has not what publishing for $runtime needs"
  elif run dotnet publish "$scratch/$name" --configuration Release --no-restore -nodeReuse:false --output "$scratch/$name/out" && ! grep -q 'warning' "$scratch/log" \
    && run "$scratch/$name/out/$name" && grep -qE '^executed: order [0-9]+ is FILLED$' "$scratch/log"; then
    report passed "$what, from packages: no warning, and the order is executed"
  else
    report failed "$what, from packages: no warning, and the order is executed"
  fi
}

check_publishing() {
  local name linker
  for name in ExchangeResilience ExchangeResilience.Testing; do
    run dotnet pack "src/$name" --configuration Release --output "$scratch/feed" -nodeReuse:false -p:RunAnalyzers=false || report failed "$name can be packed"
  done

  check_published onefile 'one trimmed file' '<PublishTrimmed>true</PublishTrimmed><PublishSingleFile>true</PublishSingleFile><SelfContained>true</SelfContained>'
  if linker=$(command -v clang || command -v gcc); then
    check_published ahead 'a program compiled ahead of time' "<PublishAot>true</PublishAot><CppCompilerAndLinker>$(basename "$linker")</CppCompilerAndLinker>"
  else
    unknown 'a program compiled ahead of time: this machine has no linker (clang or gcc)'
  fi
}

# In a copy: what is built here otherwise must not have been built with other settings, and not at the same time.
mkdir "$scratch/tree"
git ls-files -z | xargs -0 cp --parents --target-directory "$scratch/tree"
cd "$scratch/tree"
check_lock_files
check_packages vulnerable Newtonsoft.Json 12.0.3
check_packages deprecated WindowsAzure.Storage 9.3.3
check_analyzers
check_trimming
check_publishing
