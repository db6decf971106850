namespace ExchangeResilience.PostgreSql.Tests;

/// <summary>What a member has been told, in the order it came.</summary>
internal sealed class HeardNews : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly CancellationTokenSource _stop = new();
    private readonly IAsyncEnumerator<FleetNews> _news;

    public HeardNews(PostgreSqlJournal member) => _news = member.ListenAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);

    public async Task<T> NextAsync<T>()
        where T : FleetNews
    {
        (await _news.MoveNextAsync().AsTask().WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken)).ShouldBeTrue();
        return _news.Current.ShouldBeOfType<T>();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }
}
