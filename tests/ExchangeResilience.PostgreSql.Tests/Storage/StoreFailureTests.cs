using Npgsql;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>What is wrong with a store that answers.</summary>
public sealed class StoreFailureTests(PostgreSqlServer server)
{
    [Theory]
    [InlineData("Password=wrong", "refuses the user")]
    [InlineData("Database=none", "does not exist")]
    [InlineData("Options=-c default_transaction_read_only=on", "is read-only")]
    public async Task What_is_wrong_is_worded(string change, string words)
    {
        await using var member = new PostgreSqlJournal(
            new() { ConnectionString = server.ConnectionString + ";" + change, Schema = "failing" }, null, TimeProvider.System, new RandomSource(new Random()), listens: false);

        var failure = await Should.ThrowAsync<JournalException>(async () => await member.OpenAsync(TestContext.Current.CancellationToken));

        failure.Message.ShouldStartWith($"The shared store {words}");
        failure.ToString().ShouldNotContain(new NpgsqlConnectionStringBuilder(server.ConnectionString).Password!);
    }
}
