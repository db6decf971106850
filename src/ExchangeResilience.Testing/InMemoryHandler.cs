using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace ExchangeResilience.Testing;

/// <summary>Hands requests to the exchange without a socket, and makes its failures look as SocketsHttpHandler's do.</summary>
internal sealed class InMemoryHandler(ServedExchange exchange, TimeProvider time, string address) : HttpMessageHandler
{
    // SocketsHttpHandler's own number of retries after a connection that closed before it answered.
    private const int Resends = 3;
    private const int LargestBody = 1 << 20;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();

        var wire = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        for (var resends = request.Content is null ? Resends : 0; ; resends--)
        {
            var delivery = await exchange.ServeAsync(wire).WaitAsync(cancellationToken).ConfigureAwait(false);
            switch (delivery.Ending)
            {
                case FaultEnding.Fin when resends > 0:
                    continue;
                case FaultEnding.Fin:
                    throw Failed(new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely."), HttpRequestError.ResponseEnded);
                case FaultEnding.Reset:
                    var reset = new SocketException((int)SocketError.ConnectionReset);
                    throw Failed(new IOException($"Unable to read data from the transport connection: {reset.Message}.", reset), HttpRequestError.Unknown);
                case FaultEnding.Silence:
                    await new TaskCompletionSource().Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                    continue;
                default:
                    var response = Build(delivery, request);
                    delivery.OnSent();
                    return response;
            }
        }
    }

    private static HttpRequestException Failed(Exception inner, HttpRequestError error) =>
        new(error, "An error occurred while sending the request.", inner);

    private async Task<WireRequest> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri ?? throw new InvalidOperationException("The request has no address.");
        if (!uri.IsAbsoluteUri)
        {
            throw new InvalidOperationException("The request's address is relative.");
        }

        return new WireRequest(
            request.Method.Method.ToUpperInvariant(),
            uri.AbsolutePath,
            uri.Query.TrimStart('?'),
            request.Content is null ? [] : await ReadBodyAsync(request.Content, cancellationToken).ConfigureAwait(false),
            request.Headers.TryGetValues("X-MBX-APIKEY", out var keys) ? string.Join(',', keys) : null,
            address);
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        return buffer.Length <= LargestBody ? buffer.ToArray() : throw new InvalidOperationException("The request's body is larger than the simulated exchange takes.");
    }

    private HttpResponseMessage Build(Delivery delivery, HttpRequestMessage request)
    {
        var reply = delivery.Reply;
        HttpContent content = delivery.Ending switch
        {
            FaultEnding.HalfBody => new StreamContent(new UnevenStream(reply.Body, reply.Body.Length / 2, TimeSpan.Zero, time)),
            FaultEnding.Drip => new StreamContent(new UnevenStream(reply.Body, reply.Body.Length, delivery.Interval, time)),
            _ => new ByteArrayContent(reply.Body),
        };
        content.Headers.ContentType = new MediaTypeHeaderValue(reply.ContentType);
        content.Headers.ContentLength = reply.Body.Length;
        var response = new HttpResponseMessage((HttpStatusCode)reply.Status) { Content = content, RequestMessage = request, Version = HttpVersion.Version11 };
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    /// <summary>A body that comes byte by byte, or ends before it should.</summary>
    private sealed class UnevenStream(byte[] body, int available, TimeSpan interval, TimeProvider time) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (buffer.IsEmpty || _position == body.Length)
            {
                return 0;
            }

            if (_position == available)
            {
                throw new HttpIOException(
                    HttpRequestError.ResponseEnded,
                    FormattableString.Invariant($"The response ended prematurely, with at least {body.Length - available} additional bytes expected."));
            }

            var count = Math.Min(buffer.Length, available - _position);
            if (interval > TimeSpan.Zero)
            {
                await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
                count = 1;
            }

            body.AsMemory(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read the body asynchronously.");

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
