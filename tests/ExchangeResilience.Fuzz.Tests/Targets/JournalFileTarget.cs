using ExchangeResilience.Journal;
using ExchangeResilience.Sqlite;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>A journal's file of which bytes were changed, opened and written to. Only a <see cref="JournalException"/> may come of it.</summary>
internal sealed class JournalFileTarget : FuzzTarget<JournalFileTarget.Outcome>
{
    private readonly ManualTimeProvider _time = new();

    public override string Name => "journal-file";

    public override int Inputs => 300;

    public override IReadOnlyList<byte[]> Seeds { get; } = [MakeAsync().GetAwaiter().GetResult()];

    public override IReadOnlyList<string> Words => ["SQLite format 3\0", "CREATE TABLE", "entries", "document", "Executed", "Ip", "Nowhere"];

    public override IReadOnlyList<string> Milestones => ["opened", "refused"];

    // The work is done on the journal's own thread.
    public override (long Base, long PerByte) Allocation => (long.MaxValue, 0);

    protected override Outcome Act(byte[] input) => ActAsync(input).GetAwaiter().GetResult();

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        Reach(outcome.Refusal is null ? "opened" : "refused");
        return outcome.Refusal is { Message.Length: 0 } ? "a refusal without a word"
            : outcome.Contents?.Entries.Any(entry => entry is null || entry.IsFinished) == true ? "an entry among the unfinished that is none"
            : null;
    }

    private async Task<Outcome> ActAsync(byte[] input)
    {
        var folder = Directory.CreateTempSubdirectory("journal-fuzz-");
        try
        {
            var path = Path.Combine(folder.FullName, "orders.db");
            await File.WriteAllBytesAsync(path, input);
            await using var journal = new SqliteOrderJournal(new() { Path = path, BusyTimeout = TimeSpan.Zero }, _time);
            try
            {
                var contents = await journal.OpenAsync(default);
                await journal.RecordAsync(JournalEntries.Order(1), default);
                await journal.SettleAsync(JournalEntries.Order(2).Settled(JournalState.Executed), default);
                await journal.HoldAsync(new JournalHold("live", TrafficLane.Ip, "default", -1003, 1_767_225_660_000, _time.GetUtcNow()), default);
                return new(contents, null);
            }
            catch (JournalException refusal)
            {
                return new(null, refusal);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<byte[]> MakeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("journal-fuzz-");
        try
        {
            var path = Path.Combine(folder.FullName, "orders.db");
            var time = new ManualTimeProvider();
            await using (var journal = new SqliteOrderJournal(new() { Path = path }, time))
            {
                await journal.OpenAsync(default);
                foreach (var entry in JournalTarget.Entries())
                {
                    await journal.RecordAsync(entry with { State = JournalState.Open }, default);
                }

                await journal.HoldAsync(new JournalHold("live", TrafficLane.Ip, "default", -1003, 1_767_225_660_000, time.GetUtcNow()), default);
            }

            return await File.ReadAllBytesAsync(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    internal sealed record Outcome(JournalContents? Contents, JournalException? Refusal);
}
