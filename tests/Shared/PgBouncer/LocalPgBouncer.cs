using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>A PgBouncer of the test's own in front of a server, from Debian's package.</summary>
internal sealed class LocalPgBouncer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-pooler-").FullName;
    private readonly Process _process;

    private LocalPgBouncer(NpgsqlConnectionStringBuilder server, string mode)
    {
        var port = FreePort();
        var settings = Path.Combine(_folder, "pgbouncer.ini");
        File.WriteAllText(settings, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host={server.Host} port={server.Port} user={server.Username} password={server.Password}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            default_pool_size = 100
            max_client_conn = 500
            """));
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            // It refuses to run as root.
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        }

        _process = Process.Start(new ProcessStartInfo(Environment.IsPrivilegedProcess ? "setpriv" : Program, Environment.IsPrivilegedProcess
            ? ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", Program, settings]
            : [settings])
        { RedirectStandardError = true, UseShellExecute = false })!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Port = port }.ConnectionString;
    }

    public string ConnectionString { get; }

    public static async Task<LocalPgBouncer> StartAsync(string server, string mode, CancellationToken cancellationToken)
    {
        var pooler = new LocalPgBouncer(new NpgsqlConnectionStringBuilder(server), mode);
        while (!await IsListeningAsync(pooler.ConnectionString, cancellationToken))
        {
            if (pooler._process.HasExited)
            {
                throw new InvalidOperationException($"{Program} ended with {pooler._process.ExitCode} before it listened. Is it installed?");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        return pooler;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<bool> IsListeningAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, new NpgsqlConnectionStringBuilder(connectionString).Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
