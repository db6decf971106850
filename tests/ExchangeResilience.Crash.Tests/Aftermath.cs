using System.Globalization;
using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Crash.Tests;

/// <summary>Where a kill has left an intent that the run had begun and not ended, or that was in doubt before it.</summary>
internal enum LeftOver
{
    NotWrittenDown,
    WrittenDownNotSent,
    SentAndExecuted,
    SentNotExecuted,
    OfAnEarlierRun,
    KnownExecutedNotHeard,
    KnownNotExecutedNotResent,
}

/// <summary>What all kills left, for a test to show that they hit work in flight.</summary>
internal sealed class Aftermath
{
    private readonly Dictionary<LeftOver, (int Intents, int Kills)> _left = [];
    private readonly Dictionary<Stage, int> _stages = [];
    private HashSet<string> _openBefore = [];
    private int _toldBefore;

    public int Kills { get; private set; }

    /// <summary>Kills before the run had taken up what earlier ones left, with something to take up.</summary>
    public int WhileRestoring { get; private set; }

    public int KillsThatLeft(params ReadOnlySpan<LeftOver> kinds)
    {
        var kills = 0;
        foreach (var kind in kinds)
        {
            kills += _left.GetValueOrDefault(kind).Kills;
        }

        return kills;
    }

    public void Add(Stage stage, bool wasStarted, Books books, SimulatedExchange exchange)
    {
        Kills++;
        _stages[stage] = _stages.GetValueOrDefault(stage) + 1;
        if (!wasStarted && books.Entries.Any(entry => !entry.IsFinished))
        {
            WhileRestoring++;
        }

        var entries = books.Entries.ToLookup(entry => entry.Key.Id, StringComparer.Ordinal);
        var sent = exchange.Requests.Where(request => request.Method == "POST").CountBy(request => request.Parameters["newClientOrderId"], StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var executed = exchange.Orders.Select(order => order.ClientOrderId).ToHashSet(StringComparer.Ordinal);
        var stillOpen = books.Entries.Where(entry => _openBefore.Contains(entry.Id) && entry.State == JournalState.Open).Select(static entry => entry.Key.Id);
        var begun = (books with { Ledger = [.. books.Ledger.Skip(_toldBefore)] }).Told("Began");
        foreach (var kind in begun.Union(stillOpen, StringComparer.Ordinal).Except(books.Told(nameof(ExecutionStatus.Executed)), StringComparer.Ordinal).CountBy(id => Judge([.. entries[id]], sent.GetValueOrDefault(id), executed.Contains(id))))
        {
            var (intents, kills) = _left.GetValueOrDefault(kind.Key);
            _left[kind.Key] = (intents + kind.Value, kills + 1);
        }

        _toldBefore = books.Ledger.Count;
        _openBefore = [.. books.Entries.Where(static entry => entry.State == JournalState.Open).Select(static entry => entry.Id)];
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Kills} kills: {string.Join(", ", _stages.OrderBy(static stage => stage.Key).Select(static stage => $"{stage.Key} {stage.Value}"))}; {WhileRestoring} with work to restore that was not restored yet");
        foreach (var kind in Enum.GetValues<LeftOver>())
        {
            var (intents, kills) = _left.GetValueOrDefault(kind);
            text.AppendLine(CultureInfo.InvariantCulture, $"  {kind,-26} {intents,5} intents after {kills,4} kills");
        }

        return text.ToString().TrimEnd();
    }

    private LeftOver Judge(JournalEntry[] entries, int sent, bool isExecuted) => entries switch
    {
        [] => LeftOver.NotWrittenDown,
        [.., { State: JournalState.Executed }] => LeftOver.KnownExecutedNotHeard,
        [.., { State: JournalState.NotExecuted }] => LeftOver.KnownNotExecutedNotResent,
        [.., var open] when _openBefore.Contains(open.Id) => LeftOver.OfAnEarlierRun,
        _ when entries.Sum(entry => entry.Attempts.Count) > sent => LeftOver.WrittenDownNotSent,
        _ => isExecuted ? LeftOver.SentAndExecuted : LeftOver.SentNotExecuted,
    };
}
