namespace ExchangeResilience;

/// <summary>
/// A signer of the program's own, which may be slow, hang or throw: it is called on a thread of the pool, and waited for no longer than the attempt may take to leave.
/// </summary>
internal sealed class PatientSigner(IExchangeSigner signer) : IExchangeSigner
{
    // Each signature that does not return holds a thread.
    private const int MostOverdue = 16;

    private int _overdue;

    public string Sign(ReadOnlySpan<byte> payload) => signer.Sign(payload);

    /// <exception cref="NotSignedException">Too many signatures have not returned.</exception>
    /// <exception cref="StampRefusedException">There was none in time.</exception>
    public async Task<string> SignAsync(byte[] payload, TimeSpan within, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _overdue) >= MostOverdue)
        {
            throw new NotSignedException($"The signer has not returned from {MostOverdue} signatures; until it does it is not called.");
        }

        var signing = Begin(payload);
        try
        {
            return await signing.WaitAsync(within, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!signing.IsCompleted)
        {
            throw new StampRefusedException("The signer did not sign in the time in which the attempt could leave.");
        }
        finally
        {
            if (!signing.IsCompleted)
            {
                Interlocked.Increment(ref _overdue);
                _ = NoteReturnAsync(signing);
            }
        }
    }

    // The request's context stays behind: a signature may outlast the request.
    private Task<string> Begin(byte[] payload)
    {
        var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        using (flow)
        {
            return Task.Run(() => signer.Sign(payload), CancellationToken.None);
        }
    }

    private async Task NoteReturnAsync(Task signing)
    {
        await signing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _overdue);
    }
}
