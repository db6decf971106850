using System.Text;

namespace ExchangeResilience.Tests;

/// <summary>What the transport itself writes, since <see cref="Uri"/> and <see cref="SocketsHttpHandler"/> have their own ideas of an address.</summary>
public sealed class SigningOnTheWireTests
{
    private static readonly long Stamp = ClockTestTime.Start.ToUnixTimeMilliseconds();

    [Theory]
    [InlineData("symbol=测试USDT", "symbol=%E6%B5%8B%E8%AF%95USDT")]
    [InlineData("batchOrders=[{\"symbol\":\"BTCUSDT\"}]", "batchOrders=%5B%7B%22symbol%22:%22BTCUSDT%22%7D%5D")]
    [InlineData("a=%2B%2b&b=%20+&c=%5B%22%5D&d='()*!~;:@/?$,", "a=%2B%2b&b=%20+&c=%5B%22%5D&d='()*!~;:@/?$,")]
    [InlineData("a=b c&d=100%", "a=b%20c&d=100%25")]
    public async Task The_request_line_holds_the_signed_text(string query, string sent) =>
        (await RequestLineAsync(new Uri($"http://fapi.example:8080/fapi/v1/order?{query}")))
            .ShouldBe($"GET /fapi/v1/order?{sent}&recvWindow=5000&timestamp={Stamp}&signature=S%2B HTTP/1.1");

    [Fact]
    public async Task An_address_its_maker_wants_untouched_keeps_its_escapes()
    {
        var address = new Uri("http://fapi.example/fapi/v1/order?a=%41%7e&b=[测]", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

        (await RequestLineAsync(address))
            .ShouldBe($"GET /fapi/v1/order?a=%41%7e&b=%5B%E6%B5%8B%5D&recvWindow=5000&timestamp={Stamp}&signature=S%2B HTTP/1.1");
    }

    private static async Task<string> RequestLineAsync(Uri address)
    {
        using var connection = new Connection();
        using var transport = new SocketsHttpHandler { ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(connection) };
        using var signing = new ExchangeSigningHandler(
            static () => new SigningCredentials("key", new FixedSigner()),
            TimeSpan.FromSeconds(5),
            _ => new ExchangeClock("live", new ClockTestTime()),
            (_, _) => EndpointSecurity.Signature) { InnerHandler = transport };
        using var client = new HttpClient(signing);

        using var response = await client.GetAsync(address, TestContext.Current.CancellationToken);

        return connection.Written.Split("\r\n")[0];
    }

    private sealed class FixedSigner : IExchangeSigner
    {
        public string Sign(ReadOnlySpan<byte> payload) => "S+";
    }

    /// <summary>Keeps what is written, and once something was, answers 200.</summary>
    private sealed class Connection : Stream
    {
        private readonly MemoryStream _written = new();
        private readonly MemoryStream _answer = new("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Written => Encoding.Latin1.GetString(_written.ToArray());

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _asked.Task.WaitAsync(cancellationToken);
            return await _answer.ReadAsync(buffer, cancellationToken);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _written.Write(buffer.Span);
            _asked.TrySetResult();
            return ValueTask.CompletedTask;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _written.Dispose();
                _answer.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
