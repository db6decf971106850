using System.Globalization;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Crash.Tests;

/// <summary>The exchange of a test, on a port, and the files of the program that trades there.</summary>
internal sealed class Market : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crash-");
    private readonly SimulatedExchangeServer _server;

    private Market(SimulatedExchange exchange, SimulatedExchangeServer server, bool hasJournal)
    {
        (Exchange, _server) = (exchange, server);
        Job = new Job(server.Address, hasJournal ? Path.Combine(_folder.FullName, "orders.db") : null, Path.Combine(_folder.FullName, "ledger"), Parallel: 16);
    }

    public SimulatedExchange Exchange { get; }

    public Job Job { get; }

    public static async Task<Market> OpenAsync(bool hasJournal = true)
    {
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions
        {
            // Long enough for a kill to fall between an order and its reply.
            Latency = TimeSpan.FromMilliseconds(30),
            QueryLag = TimeSpan.FromMilliseconds(200),

            // Pacing would only make the runs longer.
            OrdersPer10Seconds = 1_000_000,
            OrdersPerMinute = 1_000_000,
            WeightPerMinute = 1_000_000,

            // Requests that crossed a refusal on their way cannot have known of it.
            HoldGrace = TimeSpan.FromMilliseconds(250),

            // Nor can a run whose predecessor was killed between a refusal and the journal; a ban of minutes for it would only be waited for.
            ViolationsBeforeBan = int.MaxValue,
        });
        return new Market(exchange, await exchange.ListenAsync(), hasJournal);
    }

    /// <summary>A request that has left its program arrives, whatever becomes of the program; after this time all have.</summary>
    public Task AllArrivedAsync() => Task.Delay(Exchange.Options.Latency, TimeProvider.System);

    /// <summary>How the journal and the ledger stand. Only copies are opened: to open the files themselves would do part of the next run's work.</summary>
    public Books Look()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder.FullName, "copy"));
        foreach (var file in (string?[])[Job.Journal, $"{Job.Journal}-wal"])
        {
            if (File.Exists(file))
            {
                File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
            }
        }

        var books = Books.Read(Job.Journal is null ? null : Path.Combine(copy.FullName, Path.GetFileName(Job.Journal)), Job.Ledger);
        copy.Delete(recursive: true);
        return books;
    }

    /// <summary>The exchange's book, the journal and the program's ledger tell the same: each intent was executed, once.</summary>
    public void ShouldAgree(int intents, string story)
    {
        string[] ids = [.. Enumerable.Range(0, intents).Select(static number => string.Create(CultureInfo.InvariantCulture, $"i-{number}")).Order(StringComparer.Ordinal)];
        var books = Look();
        Sorted(Exchange.Orders.Select(static order => order.ClientOrderId)).ShouldBe(ids, story);
        Exchange.DuplicateIntents.ShouldBeEmpty(story);
        Sorted(books.Told(nameof(ExecutionStatus.Executed))).ShouldBe(ids, story);
        books.Told("Contradicted").ShouldBeEmpty(story);
        books.Entries.Where(static entry => entry.State is JournalState.Open or JournalState.Unresolved).ShouldBeEmpty(story);
        Sorted(books.Entries.Where(static entry => entry.State == JournalState.Executed).Select(static entry => entry.Key.Id)).ShouldBe(ids, story);

        static IEnumerable<string> Sorted(IEnumerable<string> values) => values.Order(StringComparer.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
