namespace ExchangeResilience;

/// <summary>Writes an attempt into the journal before it leaves.</summary>
internal sealed class AttemptRecorder(ExchangeServices services)
{
    /// <summary>Writes the attempt down for each of the call's claims, in the time in which it may leave. Null where that is done.</summary>
    /// <exception cref="JournalConflictException">The journal holds one of the orders already.</exception>
    public async Task<AttemptFailure?> RecordAsync(Call call, JournalAttempt promise)
    {
        var writing = Task.WhenAll(call.Claims.Select(claim => services.Journal.RecordAsync(claim, promise, call.CancellationToken).AsTask()).ToArray());
        try
        {
            var standing = await writing.WaitAsync(call.SendLeft, services.Time, call.CancellationToken).ConfigureAwait(false);
            JournalConflictException.ThrowIfAny(call.Claims, standing);
        }
        catch (JournalException error)
        {
            return AttemptFailures.NotSent(call, LocalErrors.NotJournalled, error);
        }
        catch (TimeoutException)
        {
            return AttemptFailures.NotSent(call, LocalErrors.NotJournalled, services.Journal.NoteSilence());
        }
        finally
        {
            if (!writing.IsCompleted)
            {
                _ = EndLateAsync(call.Claims, writing);
            }
        }

        return null;
    }

    /// <summary>An entry that is written after its claim has ended is followed by that end, which may have come to the journal before it.</summary>
    private async Task EndLateAsync(IReadOnlyList<Claim> ended, Task writing)
    {
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var claim in ended)
        {
            services.Journal.Ended(claim);
        }
    }
}
