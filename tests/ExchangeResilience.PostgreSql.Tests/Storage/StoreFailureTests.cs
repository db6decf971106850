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

    [Fact]
    public async Task A_given_database_whose_statement_timeout_ends_the_opening_is_refused_with_the_remedy()
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Options = "-c statement_timeout=1" });
        await using var member = new PostgreSqlJournal(new() { Schema = "failing" }, source, TimeProvider.System, new RandomSource(new Random()), listens: false);

        var failure = await Should.ThrowAsync<JournalException>(async () => await member.OpenAsync(TestContext.Current.CancellationToken));

        failure.Message.ShouldContain("ALTER ROLE ... SET statement_timeout = '1s'");
    }

    [Fact]
    public async Task A_database_that_cannot_hold_every_order_is_refused_with_the_remedy()
    {
        var token = TestContext.Current.CancellationToken;
        await using (var administrator = NpgsqlDataSource.Create(server.ConnectionString))
        {
            await using var command = administrator.CreateCommand("CREATE DATABASE latin WITH ENCODING 'LATIN1' TEMPLATE template0");
            await command.ExecuteNonQueryAsync(token);
        }

        await using var member = new PostgreSqlJournal(
            new() { ConnectionString = server.ConnectionString + ";Database=latin", Schema = "failing" }, null, TimeProvider.System, new RandomSource(new Random()), listens: false);

        var failure = await Should.ThrowAsync<JournalException>(async () => await member.OpenAsync(token));

        failure.Message.ShouldContain("has the encoding LATIN1");
        failure.Message.ShouldContain("WITH ENCODING 'UTF8'");
    }
}
