using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ExchangeResilience.Browser.Tests.Proxies;

/// <summary>A real nginx in front of a program on this machine.</summary>
internal sealed class LocalNginx : IAsyncDisposable
{
    /// <summary>As many people write it: nothing but where to.</summary>
    public const string Bare = "";

    /// <summary>The same in the version of HTTP that browsers speak: nothing tells it from one.</summary>
    public const string Bare11 = "proxy_http_version 1.1;";

    /// <summary>As it is recommended: it tells for whom it asks.</summary>
    public const string Telling = "proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;";

    private const string Program = "/usr/sbin/nginx";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private LocalNginx(Process process, DirectoryInfo folder, Uri address) => (_process, _folder, Address) = (process, folder, address);

    public Uri Address { get; }

    /// <param name="behind">The program.</param>
    /// <param name="directives">How it is asked.</param>
    public static async Task<LocalNginx> StartAsync(Uri behind, string directives)
    {
        var folder = Directory.CreateTempSubdirectory("nginx-");
        var port = FreePort();
        var settings = Path.Combine(folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(
            settings,
            $$"""
            daemon off; worker_processes 1; pid run.pid; error_log stderr notice;
            events { worker_connections 64; }
            http {
              access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
              server { listen 127.0.0.1:{{port}}; location / { {{directives}} proxy_pass {{behind.GetLeftPart(UriPartial.Authority)}}; } }
            }
            """);
        var process = Process.Start(new ProcessStartInfo(Program, ["-p", folder.FullName, "-c", settings, "-e", "stderr"]) { UseShellExecute = false, RedirectStandardError = true })!;
        var proxy = new LocalNginx(process, folder, new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}/")));
        var said = "";
        while (await process.StandardError.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            said += line + "\n";
            if (line.Contains("start worker process ", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync();
                return proxy;
            }
        }

        await proxy.DisposeAsync();
        throw new InvalidOperationException(said);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // Its workers end with it only if it is asked.
            using var kill = Process.Start("/bin/sh", ["-c", FormattableString.Invariant($"kill -TERM {_process.Id}")]);
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    // It cannot be told to choose one itself.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
