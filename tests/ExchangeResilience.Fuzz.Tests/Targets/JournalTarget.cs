using ExchangeResilience.Journal;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Entries of a journal that somebody or something has changed. A <see cref="JournalException"/> says what to do about them.</summary>
internal sealed class JournalTarget : FuzzTarget<JournalTarget.Outcome>
{
    public override string Name => "journal";

    public override int Inputs => 60_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Entries().Select(entry => entry.ToJson())];

    public override IReadOnlyList<string> Words => ["\"state\":\"Executed\",", "\"state\":77,", "\"key\":{},", "\"attempts\":null,", "\"host\":\"\",", "\"reply\":\"AAAA\",", "\"reply\":\"A\",", "\"trail\":[null],", "\"id\":null,", "\"kind\":\"Cancel\","];

    public override IReadOnlyList<string> Milestones => ["an entry"];

    public override (long Base, long PerByte) Allocation => (64 * 1024, 128);

    protected override Outcome Act(byte[] input)
    {
        var entry = JournalEntry.FromJson(input);
        return new(entry, entry.ToJson());
    }

    protected override bool Allows(Exception error) => error is JournalException;

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        Reach("an entry");
        var entry = outcome.Entry;
        if (entry.Id is null || entry.Run is null || entry.ClientName is null || entry.Host is null || entry.Venue is null || entry.Method is null || entry.Path is null || entry.Fingerprint is null || entry.Attempts is null || entry.Trail is null
            || entry.Key is null || entry.Key.Environment is null || entry.Key.Account is null || entry.Key.Symbol is null || entry.Key.Id is null || entry.Trail.Any(line => line is null))
        {
            return "an entry that lacks what every entry has";
        }

        if (!Enum.IsDefined(entry.State) || !Enum.IsDefined(entry.Key.Kind))
        {
            return "an entry in a state, or of a kind, that does not exist";
        }

        if (!entry.Host.IsAbsoluteUri)
        {
            return "an entry that was sent to no host";
        }

        return JournalEntry.FromJson(outcome.Json).ToJson().AsSpan().SequenceEqual(outcome.Json) ? null : "an entry that changes when it is written and read again";
    }

    internal static IEnumerable<JournalEntry> Entries() =>
    [
        JournalEntries.Order(1),
        JournalEntries.Order(2) with { Attempts = [JournalEntries.Attempt(0), new(0, long.MaxValue, 0)], CancelWanted = true, Trail = ["asked", "absent"], IdIsTaken = true },
        JournalEntries.Order(3).Settled(JournalState.Executed) with { ReplyStatus = 200, Reply = Bytes("{\"orderId\":1}"), ReplyMediaType = "application/json", Supersedes = "x" },
        JournalEntries.Order(4).Settled(JournalState.NotExecuted, rechecksLeft: 2),
    ];

    internal sealed record Outcome(JournalEntry Entry, byte[] Json);
}
