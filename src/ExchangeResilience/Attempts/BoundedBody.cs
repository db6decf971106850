using System.Buffers;
using System.Runtime.ExceptionServices;

namespace ExchangeResilience;

/// <summary>Reads bodies without trusting their length.</summary>
internal static class BoundedBody
{
    /// <summary>How much of an error body is looked at, and handed on.</summary>
    public const int ErrorLimit = 64 * 1024;

    /// <summary>How long the reply to a mutation may be; a batch of five orders needs a few KiB.</summary>
    public const int ReplyLimit = 1024 * 1024;

    /// <summary>Takes a reply's body into memory, where it can be read any number of times: up to the limit, and whether that is all of it.</summary>
    /// <exception cref="IOException">The body broke off.</exception>
    /// <exception cref="HttpRequestException">The body broke off.</exception>
    /// <exception cref="InvalidDataException">The body is not in the encoding its head names.</exception>
    public static async ValueTask<(byte[] Bytes, bool IsWhole)> TakeAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength <= limit)
        {
            await response.Content.LoadIntoBufferAsync(limit, cancellationToken).ConfigureAwait(false);
#pragma warning disable RS0030 // Nothing is read any more: the bytes are in memory, and no more of them than the limit.
            return (await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), true);
#pragma warning restore RS0030
        }

        var (bytes, isWhole) = await ReadAsync(response.Content, limit, cancellationToken).ConfigureAwait(false);
        Replace(response, bytes);
        return (bytes, isWhole);
    }

    /// <summary>Takes what arrives of a reply's body into memory: up to the limit, whether that is all of it, and what ended it too early.</summary>
    public static async ValueTask<(byte[] Bytes, bool IsWhole, Exception? Break)> TakePartAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken)
    {
        var taken = await ReadPartAsync(response.Content, limit, cancellationToken).ConfigureAwait(false);
        Replace(response, taken.Bytes);
        return taken;
    }

    /// <summary>A body up to the limit, and whether that is all of it. It cannot be read again.</summary>
    /// <exception cref="IOException">The body broke off.</exception>
    /// <exception cref="InvalidDataException">The body is not in the encoding its head names.</exception>
    public static async ValueTask<(byte[] Bytes, bool IsWhole)> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        var (bytes, isWhole, broken) = await ReadPartAsync(content, limit, cancellationToken).ConfigureAwait(false);
        if (broken is not null)
        {
            ExceptionDispatchInfo.Throw(broken);
        }

        return (bytes, isWhole);
    }

    private static async ValueTask<(byte[] Bytes, bool IsWhole, Exception? Break)> ReadPartAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(limit, 4096));
            var length = 0;
            try
            {
                while (true)
                {
                    if (length == buffer.Length)
                    {
                        buffer = Grow(buffer, limit);
                    }

                    var room = Math.Min(buffer.Length, limit) - length;
                    if (room == 0)
                    {
                        return (buffer.AsSpan(0, length).ToArray(), false, null);
                    }

                    var read = await stream.ReadAsync(buffer.AsMemory(length, room), cancellationToken).ConfigureAwait(false);
                    if (read == 0)
                    {
                        return (buffer.AsSpan(0, length).ToArray(), true, null);
                    }

                    length += read;
                }
            }
            catch (InvalidOperationException garbled) when (garbled is not ObjectDisposedException)
            {
                // What Brotli throws where gzip and deflate throw InvalidDataException.
                return (buffer.AsSpan(0, length).ToArray(), false, new InvalidDataException("The reply's body is not in the encoding that its head names.", garbled));
            }
            catch (Exception broken) when (broken is not OutOfMemoryException)
            {
                return (buffer.AsSpan(0, length).ToArray(), false, broken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static void Replace(HttpResponseMessage response, byte[] bytes)
    {
        var content = ContentCopy.Of(response.Content, bytes);
        response.Content.Dispose();
        response.Content = content;
    }

    private static byte[] Grow(byte[] buffer, int limit)
    {
        if (buffer.Length >= limit)
        {
            return buffer;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(limit, buffer.Length * 4));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
