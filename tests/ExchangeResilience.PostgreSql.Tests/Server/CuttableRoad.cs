using System.Net;
using System.Net.Sockets;

namespace ExchangeResilience.PostgreSql.Tests;

/// <summary>Stands between members and the server. Cut, it drops the members' side only: what they have sent stays with the server, which goes on.</summary>
internal sealed class CuttableRoad : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _members = [];
    private readonly List<TcpClient> _servers = [];
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _isCut;

    public CuttableRoad(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut()
    {
        _isCut = true;
        lock (_lock)
        {
            _members.ForEach(Reset);
            _members.Clear();
        }
    }

    public void Mend() => _isCut = false;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        lock (_lock)
        {
            _members.Concat(_servers).ToList().ForEach(static side => side.Dispose());
        }
    }

    private static void Reset(TcpClient side)
    {
        side.LingerState = new LingerOption(true, 0);
        side.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient member;
            try
            {
                member = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                return;
            }

            if (_isCut)
            {
                Reset(member);
                continue;
            }

            var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _target);
            lock (_lock)
            {
                _members.Add(member);
                _servers.Add(server);
            }

            _ = CarryAsync(member, server);
            _ = CarryAsync(server, member);
        }
    }

    private static async Task CarryAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception cut) when (cut is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // That is what it is for.
        }
    }
}
