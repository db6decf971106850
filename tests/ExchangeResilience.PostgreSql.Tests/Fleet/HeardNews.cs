namespace ExchangeResilience.PostgreSql.Tests;

/// <summary>What a member has been told, in the order it came.</summary>
internal sealed class HeardNews : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly CancellationTokenSource _stop = new();
    private readonly IAsyncEnumerator<FleetEvent> _news;

    public HeardNews(PostgreSqlJournal member) => _news = member.ListenAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);

    public async Task<T> NextAsync<T>()
        where T : FleetEvent
    {
        (await _news.MoveNextAsync().AsTask().WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken)).ShouldBeTrue();
        return _news.Current.ShouldBeAssignableTo<T>()!;
    }

    /// <summary>What the heartbeats bring, without which it would not come.</summary>
    public async Task<T> NextByHeartbeatAsync<T>(TestStore store)
        where T : FleetEvent
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var next = _news.MoveNextAsync().AsTask();
        while (!next.IsCompleted)
        {
            // One that is under way does not hear the clock.
            patience.Token.ThrowIfCancellationRequested();
            store.Time.Advance(store.Lease / 3);
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token));
        }

        (await next).ShouldBeTrue();
        return _news.Current.ShouldBeAssignableTo<T>()!;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }
}
