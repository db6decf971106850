using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace TradingBot;

/// <summary>
/// A PostgreSQL server of one's own, from the programs on this machine: in a temporary folder, on a loopback port, behind a random password. It ends, and its folder goes, when it is
/// disposed, and also when this process is killed.
/// </summary>
internal sealed class ThrowAwayPostgreSql : IAsyncDisposable
{
    private const string User = "postgres";
    private const string Remedy = "Install it (on Debian: apt-get install postgresql), or name a server with --state or EXCHANGE_STATE.";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Everything hangs on this shell's standard input, which closes with whoever started it, however that one ends. PostgreSQL refuses to run as root.
    private const string Guard = """
        folder=$1 port=$2 bin=$3
        read -r password || exit 1
        exec >/dev/null
        umask 077
        mkdir "$folder" || exit 1
        cd "$folder" || exit 1
        printf '%s' "$password" >password
        user=
        if [ "$(id -u)" = 0 ]; then
          user=postgres
          id "$user" >/dev/null 2>&1 || user=nobody
          chown -R "$user" "$folder"
        fi
        as_user() { exec ${user:+setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups} "$@"; }
        if (as_user "$bin/initdb" -D "$folder/data" -U postgres --auth=scram-sha-256 --pwfile="$folder/password" --encoding=UTF8 --locale=C --no-sync) </dev/null; then
          rm password
          as_user "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c lc_messages=C </dev/null &
          read -r _
          while kill -INT $! 2>/dev/null; do sleep 0.1; done
        fi
        cd /
        rm -rf "$folder"
        """;

    private readonly Process _guard;
    private readonly string _password;
    private readonly int _port;

    private ThrowAwayPostgreSql(Process guard, string password, int port) => (_guard, _password, _port) = (guard, password, port);

    /// <summary>For the superuser of the one database there is.</summary>
    public string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username={User};Password={_password};Database=postgres;Timeout=5");

    /// <summary>Makes and starts a server.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UsageException">There are no programs of PostgreSQL here, or they do not start; the message says why, and what helps.</exception>
    public static async Task<ThrowAwayPostgreSql> StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new UsageException("A PostgreSQL server of its own is started on Linux only. Name one with --state or EXCHANGE_STATE.");
        }

        var binaries = FindBinaries();
        var folder = Path.Combine(FindRoom(), "exchange-state-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)));
        var port = FreePort();
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var server = new ThrowAwayPostgreSql(StartGuard(folder, port, binaries), password, port);
        try
        {
            await server._guard.StandardInput.WriteLineAsync(password.AsMemory(), cancellationToken);
            await server._guard.StandardInput.FlushAsync(cancellationToken);
            await server.UntilReadyAsync().WaitAsync(Patience, TimeProvider.System, cancellationToken);
            return server;
        }
        catch (Exception failure)
        {
            await server.DisposeAsync();
            throw failure is TimeoutException
                ? new UsageException(string.Create(CultureInfo.InvariantCulture, $"PostgreSQL in {binaries} was not ready after {Patience.TotalSeconds} seconds. Name a server with --state or EXCHANGE_STATE."))
                : failure;
        }
    }

    /// <summary>Ends all connections, stops the server and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        _guard.Dispose();
    }

    private async Task UntilReadyAsync()
    {
        var said = new StringBuilder();
        while (await _guard.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                // Whatever it says from now on must not fill the pipe.
                _ = _guard.StandardError.BaseStream.CopyToAsync(Stream.Null);
                return;
            }

            said.Append("\n  ").Append(line);
            if (line.Contains("FATAL", StringComparison.Ordinal))
            {
                break;
            }
        }

        throw new UsageException($"PostgreSQL does not start. Name a server with --state or EXCHANGE_STATE. It says:{said}");
    }

    private static Process StartGuard(string folder, int port, string binaries)
    {
        // In a session of its own, Ctrl-C does not reach the server before the bots have finished.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Guard, "postgresql", folder, port.ToString(CultureInfo.InvariantCulture), binaries])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };

        // The exchange's keys are none of its business.
        foreach (var variable in start.Environment.Keys.Where(static name => name is not "PATH").ToList())
        {
            start.Environment.Remove(variable);
        }

        return Process.Start(start)!;
    }

    // Debian keeps the server's programs out of the path, a folder for each version.
    private static string FindBinaries()
    {
        var versions = new DirectoryInfo("/usr/lib/postgresql") is { Exists: true } debian ? debian.GetDirectories() : [];
        return versions
            .OrderByDescending(static version => int.TryParse(version.Name, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Select(static version => Path.Combine(version.FullName, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
            ?? throw new UsageException($"PostgreSQL is not installed here. {Remedy}");
    }

    // Root's own temporary folder may be closed to the user that the server runs as.
    private static string FindRoom()
    {
        var usual = Path.GetTempPath();
        return !Environment.IsPrivilegedProcess || OperatingSystem.IsWindows() || IsOpen(new DirectoryInfo(usual)) ? usual : "/tmp";

        [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
        static bool IsOpen(DirectoryInfo? folder) => folder is null || (folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute) && IsOpen(folder.Parent));
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
