using ExchangeResilience.Testing;

namespace ExchangeResilience.Sqlite.Tests;

/// <summary>The rules that users can check a journal of their own by, on a store that is a real one.</summary>
public sealed class OrderJournalRulesTests
{
    public static TheoryData<string> Rules => [.. OrderJournalRules.Names];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task The_file_keeps_the_rule(string rule)
    {
        using var folder = new JournalFolder();

        await OrderJournalRules.CheckAsync(rule, () => folder.Journal(), TestContext.Current.CancellationToken);
    }
}
