using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// A PostgreSQL server of one's own, from the binaries of this machine: in a temporary folder, on a loopback port, behind a random password. It ends, and its folder goes, when it is
/// disposed; should this process be killed, the server stops by itself.
/// </summary>
internal sealed class LocalPostgreSql : IAsyncDisposable
{
    private const string User = "postgres";
    private const string Remedy = "Install it; on Debian: apt-get install postgresql.";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The server's life hangs on this shell's standard input, which closes with whoever started it, however that one ends.
    private const string Guarded = """
        "$@" <&- & server=$!
        cat >/dev/null
        kill -INT $server 2>/dev/null
        wait $server
        """;

    private readonly string _binaries;
    private readonly string _folder;
    private readonly string _password;
    private readonly string _superuser = Environment.IsPrivilegedProcess ? User : "";
    private Process? _guard;

    private LocalPostgreSql(string binaries, string password) =>
        (_binaries, _password, _folder, Port) = (binaries, password, Directory.CreateTempSubdirectory("exchange-state-").FullName, FreePort());

    public int Port { get; }

    /// <summary>For the superuser of the one database there is.</summary>
    public string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username={User};Password={_password};Database=postgres;Timeout=5");

    /// <summary>Makes and starts a server.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">There are no binaries, or the server does not start; the message says why.</exception>
    public static Task<LocalPostgreSql> StartAsync(CancellationToken cancellationToken)
    {
        var server = new LocalPostgreSql(FindBinaries(), Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
        return server.StartAsync(server.MakeAsync, cancellationToken);
    }

    /// <summary>Makes and starts a replica of this server, which follows it until it is promoted.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<LocalPostgreSql> ReplicateAsync(CancellationToken cancellationToken)
    {
        var replica = new LocalPostgreSql(_binaries, _password);
        var primary = string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={Port} user={User} password={_password}");
        return replica.StartAsync(token => replica.MakeAsync("pg_basebackup", ["-d", primary, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"], token), cancellationToken);
    }

    /// <summary>Makes a replica the primary.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task PromoteAsync(CancellationToken cancellationToken)
    {
        var promote = AsServer("pg_ctl");
        return RunAsync(promote[0], [.. promote[1..], "promote", "-w", "-D", Data], cancellationToken);
    }

    /// <summary>Ends all connections and stops the server. What was committed stays.</summary>
    public async Task StopAsync()
    {
        if (_guard is { } guard)
        {
            _guard = null;
            guard.StandardInput.Close();
            await guard.WaitForExitAsync().WaitAsync(Patience).ConfigureAwait(false);
            guard.Dispose();
        }
    }

    /// <summary>Starts the server again, on the same port and with what it held.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _guard = Start("sh", [
            "-c", Guarded, "guard", .. AsServer("postgres"), "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=500", "-c", "lc_messages=C",
        ]);
        _guard.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("ready to accept", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
            else if (line.Data is { } words && words.Contains("FATAL", StringComparison.Ordinal) && !words.Contains("the database system is", StringComparison.Ordinal))
            {
                // Not what a client is told that comes too early.
                ready.TrySetException(new InvalidOperationException($"PostgreSQL does not start: {words}"));
            }
        };
        _guard.OutputDataReceived += static (_, _) => { };
        _guard.BeginErrorReadLine();
        _guard.BeginOutputReadLine();
        await ready.Task.WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops every process of the server where it stands: connections stay, and nothing is answered.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task FreezeAsync(CancellationToken cancellationToken) => SignalAsync("STOP", cancellationToken);

    /// <summary>Lets a frozen server go on.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task ThawAsync(CancellationToken cancellationToken) => SignalAsync("CONT", cancellationToken);

    /// <summary>Kills one of the server's processes, on which it ends all connections and starts anew by itself, without what is not logged.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task CrashAsync(CancellationToken cancellationToken) => RunAsync(
        "sh",
        ["-c", $"server=$(head -n 1 '{Data}/postmaster.pid'); for each in $(cat /proc/$server/task/$server/children); do case $(tr '\\0' ' ' </proc/$each/cmdline) in *checkpointer*) kill -KILL $each; while kill -0 $each 2>/dev/null; do sleep 0.01; done;; esac; done"],
        cancellationToken);

    // The first line of this file is the number of the process that all others of the server are children of.
    private Task SignalAsync(string signal, CancellationToken cancellationToken) => RunAsync(
        "sh", ["-c", $"server=$(head -n 1 '{Data}/postmaster.pid'); kill -{signal} $server $(cat /proc/$server/task/$server/children)"], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private async Task<LocalPostgreSql> StartAsync(Func<CancellationToken, Task> makeAsync, CancellationToken cancellationToken)
    {
        try
        {
            await makeAsync(cancellationToken).ConfigureAwait(false);
            await ResumeAsync(cancellationToken).ConfigureAwait(false);
            return this;
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        var words = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(words, _password, cancellationToken).ConfigureAwait(false);
        await MakeAsync("initdb", ["-U", User, "--auth=scram-sha-256", $"--pwfile={words}", "--encoding=UTF8", "--locale=C", "--no-sync"], cancellationToken).ConfigureAwait(false);
        File.Delete(words);
    }

    private async Task MakeAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (_superuser.Length > 0)
        {
            // PostgreSQL refuses to run as root.
            await RunAsync("chown", ["-R", User, _folder], cancellationToken).ConfigureAwait(false);
        }

        var make = AsServer(program);
        await RunAsync(make[0], [.. make[1..], "-D", Data, .. arguments], cancellationToken).ConfigureAwait(false);
    }

    private string[] AsServer(string program)
    {
        var path = Path.Combine(_binaries, program);
        return _superuser.Length > 0 ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", "--", path] : [path];
    }

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        await output.ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"PostgreSQL cannot be set up: {Path.GetFileName(program)} says {(await errors.ConfigureAwait(false)).Trim()}");
        }
    }

    private static Process Start(string program, IReadOnlyList<string> arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        UseShellExecute = false,
        WorkingDirectory = "/",
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    }) ?? throw new InvalidOperationException($"{program} cannot be started.");

    // Debian keeps the server's programs out of the path, a folder for each version.
    private static string FindBinaries()
    {
        var versions = new DirectoryInfo("/usr/lib/postgresql") is { Exists: true } debian ? debian.GetDirectories() : [];
        return versions
            .OrderByDescending(static version => int.TryParse(version.Name, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Select(static version => Path.Combine(version.FullName, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
            ?? throw new InvalidOperationException($"PostgreSQL is not installed here. {Remedy}");
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
