using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;

namespace ExchangeResilience;

/// <summary>One call whose caller wants a result: sends it, reads the reply, and puts what was thrown into the result.</summary>
internal sealed class ResultCall<T>(HttpClient client, HttpRequestMessage request, JsonTypeInfo<T>? typeInfo)
{
    // What AddExchangeErrorHandling() lets a reply grow to; a client without it would keep 2 GiB.
    private const int LongestBody = 64 * 1024 * 1024;

    private readonly SendMark _mark = SendMark.PutOn(request);

    public async Task<ExchangeResult<T>> SendAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            var (body, failure) = await ReadAsync(response, TimeProvider.System.GetElapsedTime(began), cancellationToken).ConfigureAwait(false);
            return Replied(response, body, failure);
        }
        catch (Exception thrown) when (ExchangeErrorException.Find(thrown) is not null || IsOfTheWire(thrown, cancellationToken) || (_mark.MayHaveTakenEffect && thrown is not OperationCanceledException))
        {
            return new ExchangeResult<T>(Thrown(thrown));
        }
        catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested && ExchangeOperationCanceledException.Find(cancelled) is { } own && own != cancelled)
        {
            ExceptionDispatchInfo.Throw(own);
            throw;
        }
    }

    // HttpClient has made the address absolute by now, unless it refused the message.
    private ExchangeError HandlerMissing => LocalErrors.ToError(
        LocalErrors.HandlerMissing, message: request.RequestUri is { IsAbsoluteUri: true } address ? $"{request.Method} {RequestTarget.Of(address).Path}" : request.Method.Method);

    // A pipeline above may end a call with an exception of its own.
    private static bool IsOfTheWire(Exception thrown, CancellationToken cancellationToken) =>
        thrown is OperationCanceledException ? !cancellationToken.IsCancellationRequested : thrown is HttpRequestException or IOException or InvalidDataException or TimeoutException or ExecutionRejectedException;

    // The reply to a mutation is in memory already. A query's is still arriving, which HttpClient.Timeout no longer bounds.
    private async Task<(byte[] Body, Exception? Failure)> ReadAsync(HttpResponseMessage response, TimeSpan elapsed, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (client.Timeout != Timeout.InfiniteTimeSpan)
        {
            timeout.CancelAfter(TimeSpan.Max(client.Timeout - elapsed, TimeSpan.Zero));
        }

        try
        {
            var (body, isWhole) = await BoundedBody.TakeAsync(response, (int)Math.Min(client.MaxResponseContentBufferSize, LongestBody), timeout.Token).ConfigureAwait(false);
            return (body, isWhole ? null : new InvalidDataException("The body is longer than HttpClient.MaxResponseContentBufferSize allows."));
        }
        catch (Exception broken) when (broken is OperationCanceledException ? !cancellationToken.IsCancellationRequested : broken is not OutOfMemoryException)
        {
            // Whatever content a handler of the program's has put there, the reply has come.
            return ([], broken);
        }
    }

    private ExchangeResult<T> Replied(HttpResponseMessage response, byte[] body, Exception? failure)
    {
        var known = ResponseAnnotations.Find(response);
        var items = known?.Items is { } errors ? ItemsOf(errors, body) : [];
        var worst = items.Find(static item => item.Execution == ExecutionStatus.Unknown) ?? items.Find(static item => item.Execution == ExecutionStatus.NotExecuted);
        var error = known is not null ? known.Error
            : !_mark.IsTaken ? HandlerMissing
            : response.IsSuccessStatusCode ? null
            : LocalErrors.ToError(LocalErrors.AnsweredAbove) with { StatusCode = response.StatusCode, Execution = request.Method == HttpMethod.Get ? ExecutionStatus.NotExecuted : ExecutionStatus.Unknown };
        var execution = error?.Execution ?? worst switch
        {
            null => known?.Report?.Execution ?? ExecutionStatus.Executed,
            { Execution: ExecutionStatus.NotExecuted } when items.Exists(static item => item.Execution == ExecutionStatus.Executed) => ExecutionStatus.Executed,
            _ => worst.Execution,
        };

        var hasValue = false;
        T? value = default;
        if (error is null)
        {
            failure ??= TryRead(body, out value);
            hasValue = failure is null && typeInfo is not null;
            error = worst?.Error ?? (failure is null ? null : LocalErrors.ToError(LocalErrors.BodyUnreadable));
        }

        var outcome = new ExchangeResult(execution)
        {
            Error = error,
            Report = known?.Report,
            StatusCode = response.StatusCode,
            Body = Encoding.UTF8.GetString(body),
            Items = items,
            Exception = failure,
        };
        return hasValue ? new ExchangeResult<T>(outcome, value!) : new ExchangeResult<T>(outcome);
    }

    /// <summary>Why the body is not what it was to be read as; null where it is. A converter may throw anything, and the request has taken effect all the same.</summary>
    private Exception? TryRead(byte[] body, out T? value)
    {
        value = default;
        if (typeInfo is null)
        {
            return null;
        }

        try
        {
            value = JsonSerializer.Deserialize(body, typeInfo);
            return value is null ? new JsonException("The body is null.") : null;
        }
        catch (Exception unreadable) when (unreadable is not OutOfMemoryException)
        {
            return unreadable;
        }
    }

    private static List<ExchangeResultItem> ItemsOf(IReadOnlyList<ExchangeError?> errors, byte[] body)
    {
        var parts = new ReplyItems(body, ReplyVocabulary.None);
        List<ExchangeResultItem> items = [];
        foreach (var error in errors)
        {
            items.Add(new ExchangeResultItem(error?.Execution ?? ExecutionStatus.Executed) { Error = error, Body = parts.MoveNext() ? Encoding.UTF8.GetString(body[parts.Bytes]) : "" });
        }

        return items;
    }

    private ExchangeResult Thrown(Exception thrown)
    {
        var failed = ExchangeErrorException.Find(thrown);
        var execution = ExchangeOperationCanceledException.Find(thrown)?.Execution ?? failed?.Error.Execution ?? ExecutionStatus.Unknown;
        var error = failed?.Error ?? (_mark.IsTaken ? LocalErrors.EndedEarly(execution) : HandlerMissing);
        return new ExchangeResult(execution) { Error = error with { Execution = execution }, Report = failed?.Report, StatusCode = error.StatusCode, Body = failed?.Body is { } body ? Encoding.UTF8.GetString(body) : "", Exception = thrown };
    }
}
