using System.Collections.Concurrent;
using System.Globalization;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>Members that share out orders among themselves. Whoever ends before its share is done is started again, as an operator's supervisor does.</summary>
internal sealed class Fleet(Market market, string state, int members, int orders, int parallel) : IAsyncDisposable
{
    private static readonly TimeSpan PauseBeforeRestart = TimeSpan.FromMilliseconds(200);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fleet-");
    private readonly ConcurrentQueue<string> _contradicted = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Member?[] _members = new Member?[members];
    private Task[] _kept = [];

    public int Kills { get; private set; }

    public IEnumerable<string> Contradicted => _contradicted;

    public void Start() => _kept = [.. Enumerable.Range(0, members).Select(KeepAsync)];

    public Task OneHasStartedAsync() => _started.Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Kills a member that is at work: the next one from the slot on whose share is not done.</summary>
    public async Task KillAsync(int slot)
    {
        for (var tries = 0; ; tries++)
        {
            if (_members[(slot + tries) % members] is { } member && await member.KillAsync())
            {
                Kills++;
                return;
            }

            if (tries % members == members - 1)
            {
                await Task.Delay(PauseBeforeRestart, TimeProvider.System);
            }

            (tries < 20 * members).ShouldBeTrue("no member is at work");
        }
    }

    public async Task FinishAsync(TimeSpan patience)
    {
        try
        {
            await Task.WhenAll(_kept).WaitAsync(patience);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"Still at work after {patience.TotalSeconds:0} s: {string.Join(", ", _members.OfType<Member>())}", late);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_kept).WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task KeepAsync(int slot)
    {
        string[] task = ["trade", Path.Combine(_folder.FullName, Text(slot)), Text(slot), Text(members), Text(orders), Text(parallel)];
        while (true)
        {
            await using var member = new Member(market.Address, state, Market.KeyOf(slot), Hear, task);
            _members[slot] = member;
            var (exitCode, errors) = await member.EndAsync(_stop.Token);
            _members[slot] = null;
            switch (exitCode)
            {
                case 0:
                    return;

                // Killed, or started while the store was away.
                case 137 or 3:
                    await Task.Delay(PauseBeforeRestart, TimeProvider.System, _stop.Token);
                    break;

                default:
                    throw new InvalidOperationException($"Member {slot} ended with {exitCode}: {errors}");
            }
        }
    }

    private void Hear(string line)
    {
        if (line == "started")
        {
            _started.TrySetResult();
        }
        else if (line.StartsWith("contradicted", StringComparison.Ordinal))
        {
            _contradicted.Enqueue(line);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
