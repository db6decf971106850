using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;

namespace ExchangeResilience.Tests.Wire;

/// <summary>Replies that are too much, too little, too slow or no replies at all: for each, what the caller gets and how often the exchange was sent the request.</summary>
[Trait("Speed", "Slow")]
public sealed class HostileReplyTests
{
    private const string Order = """{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"hostile","status":"NEW"}""";
    private const string Error = """{"code":-2019,"msg":"Margin is insufficient."}""";

    // Half a MiB on the wire, half a GiB when unpacked.
    private static readonly Lazy<byte[]> Bomb = new(() => Compressed(Enumerable.Repeat(new byte[1024 * 1024], 512)));

    private static readonly Dictionary<string, Func<RawAnswer>> Answers = new(StringComparer.Ordinal)
    {
        // Too much
        ["50 MB under 400"] = () => Endless("HTTP/1.1 400 X\r\nContent-Length: 52428800\r\n\r\n" + Error, 800),
        ["50 MB under 503"] = () => Endless("HTTP/1.1 503 X\r\nContent-Length: 52428800\r\n\r\n" + Error, 800),
        ["no end under 400"] = () => Endless("HTTP/1.1 400 X\r\n\r\n" + Error),
        ["no end under 400, chunked"] = () => EndlessChunks(400),
        ["no end under 200"] = () => Endless("HTTP/1.1 200 X\r\n\r\n" + Order),
        ["no end under 200, chunked"] = () => EndlessChunks(200),
        ["a gzip bomb under 400"] = () => Gzip(400, Bomb.Value),
        ["a gzip bomb under 200"] = () => Gzip(200, Bomb.Value),
        ["10,000 headers"] = () => new RawAnswer(WithHeaders("a:\r\n", Order), RawEnding.KeepAlive),
        ["10,000 long headers"] = () => new RawAnswer(WithHeaders($"X-MBX-USED-WEIGHT-1M: {new string('1', 80)}\r\n", Order), RawEnding.Fin),
        ["a header without end"] = () => Endless("HTTP/1.1 200 X\r\nA: "),
        ["headers without end"] = () => Endless("HTTP/1.1 200 X\r\n", piece: "Aa: bb\r\n"),
        ["1xx without end"] = () => Endless("", piece: "HTTP/1.1 102 X\r\nA: b\r\n\r\n"),

        // Too slow
        ["silence"] = () => new RawAnswer("", RawEnding.Silence),
        ["a drip within the head"] = () => Drip("HTTP/1.1 200 X\r\nA: "),
        ["a drip of 1xx"] = () => Drip("", "HTTP/1.1 102 X\r\n\r\n"),
        ["a drip under 200"] = () => Drip("HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n"),
        ["a drip under 400"] = () => Drip("HTTP/1.1 400 X\r\nContent-Length: 1000\r\n\r\n"),
        ["a drip of chunks under 400"] = () => Drip("HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),

        // Of the wrong length
        ["a length too long, then FIN"] = () => Lengthy("1000", Order, RawEnding.Fin),
        ["a length too long, then RST"] = () => Lengthy("1000", Order, RawEnding.Reset),
        ["a length too long, then silence"] = () => Lengthy("1000", Order, RawEnding.Silence),
        ["a length too short"] = () => Lengthy("20", Order, RawEnding.KeepAlive),
        ["a length of 0"] = () => Lengthy("0", Order, RawEnding.KeepAlive),
        ["a length below 0"] = () => Lengthy("-5", Order, RawEnding.Fin),
        ["a length below 0, cut off"] = () => Lengthy("-5", Order[..30], RawEnding.Fin),
        ["a length beyond all numbers"] = () => Lengthy("99999999999999999999999", Order, RawEnding.Fin),
        ["a length of 2^63 - 1"] = () => Lengthy("9223372036854775807", Order, RawEnding.Fin),
        ["a length that is no number"] = () => Lengthy("many", Order, RawEnding.Fin),
        ["two lengths"] = () => new RawAnswer($"HTTP/1.1 200 X\r\nContent-Length: 5\r\nContent-Length: {Order.Length}\r\n\r\n{Order}", RawEnding.Fin),
        ["no length, cut off"] = () => new RawAnswer("HTTP/1.1 200 X\r\n\r\n" + Order[..30], RawEnding.Fin),
        ["half an error, then FIN"] = () => Lengthy("46", Error[..23], RawEnding.Fin, 400),
        ["half an error, then RST"] = () => Lengthy("46", Error[..23], RawEnding.Reset, 400),

        // Chunks that are none
        ["chunks without their last, then FIN"] = () => Chunked("49\r\n" + Order + "\r\n"),
        ["a chunk cut off"] = () => Chunked("FF\r\n" + Order),
        ["a chunk size that is no number"] = () => Chunked("zz\r\n" + Order + "\r\n0\r\n\r\n"),
        ["a chunk size below 0"] = () => Chunked("-5\r\n" + Order + "\r\n0\r\n\r\n"),
        ["a chunk size beyond all numbers"] = () => Chunked("fffffffffffffffff\r\n" + Order + "\r\n0\r\n\r\n"),
        ["a chunk longer than its size"] = () => Chunked("5\r\n" + Order + "\r\n0\r\n\r\n"),
        ["a chunk size without end"] = () => Endless("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n", piece: "0"),

        // Compressed, or not
        ["gzip that is none under 400"] = () => Gzip(400, [.. Encoding.ASCII.GetBytes(Error)]),
        ["gzip that is none under 200"] = () => Gzip(200, [.. Encoding.ASCII.GetBytes(Order)]),
        ["gzip cut off under 400"] = () => Gzip(400, Compressed(Encoding.ASCII.GetBytes(Error))[..20]),
        ["brotli that is none under 400"] = () => Encoded(400, "br", Encoding.ASCII.GetBytes(Error)),
        ["deflate that is none under 400"] = () => Encoded(400, "deflate", Encoding.ASCII.GetBytes(Error)),

        // No replies at all
        ["another protocol"] = () => new RawAnswer("220 mail.example ESMTP\r\n", RawEnding.Fin),
        ["a TLS alert"] = () => new RawAnswer("\u0015\u0003\u0003\0\u0002\u0002\u0028", RawEnding.Fin),
        ["bytes at random"] = () => new RawAnswer("\u00ff\u0000\u00fe\u0001garbage\r\n\r\n", RawEnding.Fin),
        ["HTML without a head"] = () => new RawAnswer("<html>it works</html>", RawEnding.Fin),
        ["a status that is no number"] = () => new RawAnswer("HTTP/1.1 abc OK\r\n\r\n" + Order, RawEnding.Fin),
        ["a status of one digit"] = () => new RawAnswer("HTTP/1.1 2 OK\r\n\r\n" + Order, RawEnding.Fin),
        ["status 999"] = () => new RawAnswer("HTTP/1.1 999 X\r\n\r\n" + Order, RawEnding.Fin),
        ["status 000"] = () => new RawAnswer("HTTP/1.1 000 X\r\n\r\n" + Order, RawEnding.Fin),
        ["status 101"] = () => new RawAnswer("HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" + Order, RawEnding.Fin),
        ["status 204"] = () => new RawAnswer("HTTP/1.1 204 X\r\n\r\n", RawEnding.KeepAlive),
        ["another version"] = () => new RawAnswer("HTTP/9.9 200 X\r\n\r\n" + Order, RawEnding.Fin),
        ["a media type that is none"] = () => new RawAnswer($"HTTP/1.1 200 X\r\nContent-Type: \u0001;charset=nonsense\r\nContent-Length: {Order.Length}\r\n\r\n{Order}", RawEnding.KeepAlive),
    };

    [Theory]
    [InlineData("50 MB under 400", "400 HTTP_4XX_REFUSED NotExecuted", "400 HTTP_4XX_REFUSED NotExecuted", 1)]
    [InlineData("50 MB under 503", "200 by evidence", "503 HTTP_503_EXECUTION_UNKNOWN NotExecuted", 2)]
    [InlineData("no end under 400", "400 HTTP_4XX_REFUSED NotExecuted", "400 HTTP_4XX_REFUSED NotExecuted", 1)]
    [InlineData("no end under 400, chunked", "400 HTTP_4XX_REFUSED NotExecuted", "400 HTTP_4XX_REFUSED NotExecuted", 1)]
    [InlineData("no end under 200", "200 by evidence", "throws HttpRequestException ConfigurationLimitExceeded", 1)]
    [InlineData("no end under 200, chunked", "200 by evidence", "throws HttpRequestException ConfigurationLimitExceeded", 1)]
    [InlineData("a gzip bomb under 400", "400 HTTP_4XX_REFUSED NotExecuted", "400 HTTP_4XX_REFUSED NotExecuted", 1)]
    [InlineData("a gzip bomb under 200", "200 by evidence", "throws HttpRequestException ConfigurationLimitExceeded", 1)]
    [InlineData("10,000 headers", "200", "200", 1)]
    [InlineData("10,000 long headers", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("a header without end", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("headers without end", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("1xx without end", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    public async Task What_is_too_much_is_cut_off(string reply, string order, string query, int queriesSeen)
    {
        var answer = AnswerOf(reply);

        await ShouldEndAsync(answer, "POST", order, seen: 1, mostTaken: 32);
        await ShouldEndAsync(answer, "GET", query, queriesSeen, mostTaken: 128);

        // What lies in the sockets' buffers counts as taken, too.
        static async Task ShouldEndAsync(Func<RawAnswer> answer, string method, string told, int seen, int mostTaken)
        {
            await using var exchange = Exchange(answer);
            (await exchange.TellAsync(method)).ShouldBe(told);
            exchange.SeenOf(method).ShouldBe(seen);
            exchange.Server.Sent.ShouldBeLessThan(mostTaken * 1024L * 1024L);
        }
    }

    [Theory]
    [InlineData("a length too long, then FIN", "200 by evidence", "throws HttpRequestException ResponseEnded", 1)]
    [InlineData("a length too long, then RST", "200 by evidence", "throws HttpRequestException Unknown", 1)]
    [InlineData("a length too short", "200 by evidence", "200", 1)]
    [InlineData("a length of 0", "200 by evidence", "200", 1)]
    [InlineData("a length below 0", "200", "200", 1)]
    [InlineData("a length below 0, cut off", "200 by evidence", "200", 1)]
    [InlineData("a length beyond all numbers", "200", "200", 1)]
    [InlineData("a length of 2^63 - 1", "200 by evidence", "throws HttpRequestException ConfigurationLimitExceeded", 1)]
    [InlineData("a length that is no number", "200", "200", 1)]
    [InlineData("two lengths", "200 by evidence", "200", 1)]
    [InlineData("no length, cut off", "200 by evidence", "200", 1)]
    [InlineData("half an error, then FIN", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("half an error, then RST", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("chunks without their last, then FIN", "200 by evidence", "throws HttpRequestException ResponseEnded", 1)]
    [InlineData("a chunk cut off", "200 by evidence", "throws HttpRequestException ResponseEnded", 1)]
    [InlineData("a chunk size that is no number", "200 by evidence", "throws HttpRequestException InvalidResponse", 1)]
    [InlineData("a chunk size below 0", "200 by evidence", "throws HttpRequestException InvalidResponse", 1)]
    [InlineData("a chunk size beyond all numbers", "200 by evidence", "throws HttpRequestException InvalidResponse", 1)]
    [InlineData("a chunk longer than its size", "200 by evidence", "throws HttpRequestException InvalidResponse", 1)]
    [InlineData("a chunk size without end", "200 by evidence", "throws HttpRequestException Unknown", 1)]
    [InlineData("gzip that is none under 400", "200 by evidence", "throws REPLY_BROKEN NotExecuted", 2)]
    [InlineData("gzip that is none under 200", "200 by evidence", "throws InvalidDataException", 1)]
    [InlineData("gzip cut off under 400", "400 HTTP_4XX_REFUSED NotExecuted", "400 HTTP_4XX_REFUSED NotExecuted", 1)]
    [InlineData("brotli that is none under 400", "200 by evidence", "throws REPLY_BROKEN NotExecuted", 2)]
    [InlineData("deflate that is none under 400", "200 by evidence", "throws REPLY_BROKEN NotExecuted", 2)]
    [InlineData("another protocol", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("a TLS alert", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("bytes at random", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("HTML without a head", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("a status that is no number", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("a status of one digit", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("status 999", "200 by evidence", "999 HTTP_5XX_NO_VERDICT NotExecuted", 2)]
    [InlineData("status 000", "200 by evidence", "0", 1)]
    [InlineData("status 101", "200 by evidence", "101", 1)]
    [InlineData("status 204", "200 by evidence", "204", 1)]
    [InlineData("another version", "200 by evidence", "throws CONNECTION_LOST NotExecuted", 2)]
    [InlineData("a media type that is none", "200", "200", 1)]
    public async Task What_is_no_reply_proves_nothing(string reply, string order, string query, int queriesSeen)
    {
        await using var exchange = Exchange(Answers[reply]);

        (await exchange.TellAsync("POST")).ShouldBe(order);
        (await exchange.TellAsync("GET")).ShouldBe(query);

        (exchange.SeenOf("POST"), exchange.SeenOf("GET")).ShouldBe((1, queriesSeen));
        exchange.InDoubt.List().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("silence", "200 by evidence", "throws ATTEMPT_TIMED_OUT NotExecuted", 2)]
    [InlineData("a drip within the head", "200 by evidence", "throws ATTEMPT_TIMED_OUT NotExecuted", 2)]
    [InlineData("a drip of 1xx", "200 by evidence", "throws ATTEMPT_TIMED_OUT NotExecuted", 2)]
    [InlineData("a drip under 200", "200 by evidence", "throws TaskCanceledException of HttpClient.Timeout", 1)]
    [InlineData("a drip under 400", "200 by evidence", "throws ATTEMPT_TIMED_OUT NotExecuted", 2)]
    [InlineData("a drip of chunks under 400", "200 by evidence", "throws ATTEMPT_TIMED_OUT NotExecuted", 2)]
    [InlineData("a length too long, then silence", "200 by evidence", "throws TaskCanceledException of HttpClient.Timeout", 1)]
    public async Task What_is_too_slow_ends_with_its_time(string reply, string order, string query, int queriesSeen)
    {
        await using var trading = Exchange(Answers[reply], static options => options.AttemptTimeout = TimeSpan.FromMilliseconds(200));
        await using var asking = Exchange(Answers[reply], static options =>
        {
            options.AttemptTimeout = TimeSpan.FromMilliseconds(150);
            options.TotalTimeout = options.SendBefore = TimeSpan.FromMilliseconds(300);
        });
        var watch = Stopwatch.StartNew();

        (await trading.TellAsync("POST")).ShouldBe(order);
        (await asking.TellAsync("GET")).ShouldBe(query);

        (trading.SeenOf("POST"), asking.SeenOf("GET")).ShouldBe((1, queriesSeen));
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("a gzip bomb under 400", "400 HTTP_4XX_REFUSED NotExecuted", "400 HTTP_4XX_REFUSED NotExecuted")]
    [InlineData("a gzip bomb under 200", "200 by evidence", "200")]
    [InlineData("gzip that is none under 400", "400 MARGIN_NOT_SUFFICIEN NotExecuted", "400 MARGIN_NOT_SUFFICIEN NotExecuted")]
    public async Task What_is_compressed_unasked_is_bytes_without_a_meaning(string reply, string order, string query)
    {
        await using var exchange = new HostileExchange(AnswerOf(reply), executes: true);

        (await exchange.TellAsync("POST")).ShouldBe(order);
        (await exchange.TellAsync("GET")).ShouldBe(query);

        (exchange.SeenOf("POST"), exchange.SeenOf("GET")).ShouldBe((1, 1));
    }

    [Fact]
    public async Task What_follows_a_reply_unasked_answers_no_other_request()
    {
        const string Answer = "HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n{}";
        const string Forged = "HTTP/1.1 200 X\r\nContent-Length: 15\r\n\r\n{\"forged\":true}";
        await using var exchange = Exchange(static () => new RawAnswer(Answer + Forged, RawEnding.KeepAlive), primary: new SocketsHttpHandler { MaxConnectionsPerServer = 1 });
        await exchange.WarmUpAsync();
        var connections = exchange.Server.Connections;

        (await exchange.TellAsync("GET")).ShouldBe("200");
        (await exchange.Http.GetStringAsync("/fapi/v1/ping")).ShouldBe("{}");

        exchange.Server.Connections.ShouldBe(connections + 1);
    }

    internal static HostileExchange Exchange(Func<RawAnswer> answer, Action<ExchangeErrorHandlingOptions>? configure = null, SocketsHttpHandler? primary = null) =>
        new(answer, executes: true, configure, primary ?? new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All });

    /// <summary>A reply by its name, made beforehand where that takes long.</summary>
    internal static Func<RawAnswer> AnswerOf(string reply)
    {
        _ = Bomb.Value;
        return Answers[reply];
    }

    private static RawAnswer Endless(string bytes, int pieces = int.MaxValue, string? piece = null)
    {
        var block = piece is null ? new byte[65536] : Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(piece, 65536 / piece.Length)));
        if (piece is null)
        {
            Array.Fill(block, (byte)' ');
        }

        return new RawAnswer(bytes, RawEnding.Silence) { Tail = Enumerable.Repeat(block, pieces) };
    }

    private static RawAnswer EndlessChunks(int status) =>
        Endless(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n"), piece: "10\r\n" + new string(' ', 16) + "\r\n");

    private static RawAnswer Drip(string bytes, string piece = "x") =>
        new(bytes, RawEnding.Silence) { Tail = Enumerable.Repeat(Encoding.ASCII.GetBytes(piece), int.MaxValue), Pause = TimeSpan.FromMilliseconds(30) };

    private static RawAnswer Lengthy(string length, string body, RawEnding ending, int status = 200) =>
        new(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{body}"), ending);

    private static RawAnswer Chunked(string body) => new("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + body, RawEnding.Fin);

    private static string WithHeaders(string header, string body) =>
        $"HTTP/1.1 200 X\r\n{string.Concat(Enumerable.Repeat(header, 10_000))}Content-Length: {body.Length}\r\n\r\n{body}";

    private static RawAnswer Gzip(int status, byte[] bytes) => Encoded(status, "gzip", bytes);

    private static RawAnswer Encoded(int status, string encoding, byte[] bytes) =>
        new(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nContent-Encoding: {encoding}\r\nContent-Length: {bytes.Length}\r\n\r\n"), RawEnding.KeepAlive) { Tail = [bytes] };

    private static byte[] Compressed(params IEnumerable<byte[]> pieces)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            foreach (var piece in pieces)
            {
                gzip.Write(piece);
            }
        }

        return packed.ToArray();
    }
}
