using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ExchangeResilience.PostgreSql.Tests.Registration;

public sealed class RegistrationTests(PostgreSqlServer server)
{
    private const string Connection = "Host=127.0.0.1;Database=trading;Username=bot;Password=hunter2";

    [Fact]
    public async Task A_connection_string_is_all_it_takes()
    {
        await using var provider = new ServiceCollection().AddPostgreSqlExchangeState(options => (options.ConnectionString, options.Schema) = (server.ConnectionString, "registration_one")).BuildServiceProvider();
        var journal = provider.GetRequiredService<IOrderJournal>();

        (await journal.OpenAsync(TestContext.Current.CancellationToken)).Entries.ShouldBeEmpty();

        provider.GetRequiredService<ISharedOrderJournal>().ShouldBeSameAs(journal);
        provider.GetServices<IOrderJournal>().ShouldHaveSingleItem();
        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        report.Entries.ShouldHaveSingleItem().Key.ShouldBe("exchange_resilience_store");
        report.Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_data_source_stays_the_programs_own()
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        var services = new ServiceCollection();
        services.AddPostgreSqlExchangeState(source);
        services.AddPostgreSqlExchangeState(source).AddPostgreSqlExchangeState(options => options.Schema = "registration_two");
        await using (var provider = services.BuildServiceProvider())
        {
            await provider.GetRequiredService<IOrderJournal>().OpenAsync(TestContext.Current.CancellationToken);
        }

        await using var command = source.CreateCommand("SELECT count(*) FROM registration_two.members WHERE lease_until = '-infinity'");
        (await command.ExecuteScalarAsync(TestContext.Current.CancellationToken)).ShouldBe(1L);
        Should.Throw<InvalidOperationException>(() => services.AddPostgreSqlExchangeState(NpgsqlDataSource.Create(server.ConnectionString))).Message.ShouldContain("two databases");
    }

    [Fact]
    public void A_provider_can_be_disposed_without_await()
    {
        using var provider = new ServiceCollection().AddPostgreSqlExchangeState(Connection).BuildServiceProvider();

        provider.GetRequiredService<IOrderJournal>().ShouldNotBeNull();
    }

    [Fact]
    public void All_clients_share_one_state_and_two_databases_are_refused()
    {
        var services = new ServiceCollection();
        services.AddPostgreSqlExchangeState(Connection).ShouldBeSameAs(services);
        services.AddPostgreSqlExchangeState(Connection).ShouldBeSameAs(services);
        using (var provider = services.BuildServiceProvider())
        {
            provider.GetRequiredService<IOptions<PostgreSqlExchangeStateOptions>>().Value.ConnectionString.ShouldBe(Connection);
            provider.GetServices<IOrderJournal>().ShouldHaveSingleItem();
        }

        services.AddPostgreSqlExchangeState("Host=another;Password=hunter3");
        using var confused = services.BuildServiceProvider();
        var refused = Should.Throw<OptionsValidationException>(() => confused.GetRequiredService<IOrderJournal>());
        refused.Message.ShouldContain("two databases");
        refused.ToString().ShouldNotContain("hunter");
    }

    [Fact]
    public void Another_journal_is_refused()
    {
        var services = new ServiceCollection().AddSingleton<IOrderJournal>(new ExchangeResilience.Testing.InMemoryOrderJournal());

        Should.Throw<InvalidOperationException>(() => services.AddPostgreSqlExchangeState(Connection)).Message.ShouldContain("another order journal");
    }

    [Fact]
    public void Configuration_is_read_whole()
    {
        using var provider = Configured(("ConnectionString", Connection), ("Schema", "bots"), ("Lease", "30s"), ("MemberName", "bot-7"), ("Retention", "24h"), ("CommandTimeout", "2s"));

        var options = provider.GetRequiredService<IOptions<PostgreSqlExchangeStateOptions>>().Value;

        (options.ConnectionString, options.Schema, options.Lease, options.MemberName, options.Retention, options.CommandTimeout)
            .ShouldBe((Connection, "bots", TimeSpan.FromSeconds(30), "bot-7", TimeSpan.FromDays(1), TimeSpan.FromSeconds(2)));
    }

    [Theory]
    [InlineData("Lease", "2s", "Lease: '2s' is out of range; choose 3s to 5m")]
    [InlineData("Retention", "1m", "Retention: '1m' is out of range; choose 24h to 8760h")]
    [InlineData("CommandTimeout", "2m", "CommandTimeout: '2m' is out of range; choose 1s to 1m")]
    [InlineData("Schema", "a\"; DROP SCHEMA public", "Schema: ")]
    [InlineData("Schema", "pg_bots", "Schema: ")]
    [InlineData("Schema", "Host=db;Password=hunter2", "Schema: is no name for a schema; use small letters")]
    [InlineData("MemberName", " ", "MemberName: ")]
    [InlineData("MemberName", "Host=db;Password=hunter2", "MemberName: may be a key, a secret or a connection string")]
    [InlineData("MemberName", "postgres://bot:hunter2@db/trading", "MemberName: may be a key")]
    [InlineData("MemberName", "hunter2hunter2hunter2hunter2hunter2hunter2", "MemberName: may be a key")]
    [InlineData("ConnectionString", "Host=db:hunter2;Username=bot", "ConnectionString: cannot be read; write it as Npgsql reads it")]
    [InlineData("ConnectionString", "Host=db;Username=bot;Encoding=hunter2", "ConnectionString: names an encoding that is not UTF8")]
    [InlineData("ConnectionString", "Hots=x;Password=hunter2", "ConnectionString: cannot be read")]
    [InlineData("ConnectionString", "Database=x;Password=hunter2", "ConnectionString: names no Host")]
    [InlineData("ConnectionString", "", "ConnectionString: is blank")]
    [InlineData("ConectionString", "x", "State:ConectionString: unknown key")]
    [InlineData("hunter2", "x", "State: holds an unknown key, which is not repeated")]
    [InlineData("Lease", "15", "State:Lease: is a bare number; add its unit")]
    public async Task What_cannot_work_stops_the_start_and_says_no_secret(string key, string value, string fault)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("State:ConnectionString", Connection)]).AddInMemoryCollection([new("State:" + key, value)]);
        builder.Services.AddPostgreSqlExchangeState(builder.Configuration.GetSection("State"));
        using var host = builder.Build();

        var refused = await Should.ThrowAsync<OptionsValidationException>(async () => await host.StartAsync(TestContext.Current.CancellationToken));

        refused.Message.ShouldContain(fault);
        refused.ToString().ShouldNotContain("hunter");
    }

    [Theory]
    [InlineData("Multiplexing=true", "asks for Multiplexing")]
    [InlineData("Maximum Pool Size=1", "allows 1 connections of the 5 that are needed")]
    [InlineData("No Reset On Close=true", "asks for No Reset On Close")]
    [InlineData("Encoding=none", "names an encoding that is not UTF8")]
    [InlineData("Client Encoding=LATIN1", "names an encoding that is not UTF8")]
    public void A_database_that_cannot_be_used_so_is_refused_with_the_remedy_given_or_not(string change, string fault)
    {
        using var source = NpgsqlDataSource.Create($"{Connection};{change}");
        using var given = new ServiceCollection().AddPostgreSqlExchangeState(source).BuildServiceProvider();
        using var written = new ServiceCollection().AddPostgreSqlExchangeState($"{Connection};{change}").BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => given.GetRequiredService<IOrderJournal>()).Message.ShouldContain(fault);
        Should.Throw<OptionsValidationException>(() => written.GetRequiredService<IOrderJournal>()).Message.ShouldContain(fault);
    }

    [Fact]
    public void An_empty_section_and_a_missing_connection_string_are_faults()
    {
        using var empty = Configured();
        using var missing = Configured(("Lease", "30s"));

        Should.Throw<OptionsValidationException>(() => empty.GetRequiredService<IOrderJournal>()).Message.ShouldContain("State: the section is empty or missing");
        Should.Throw<OptionsValidationException>(() => missing.GetRequiredService<IOrderJournal>()).Message.ShouldContain("ConnectionString: is missing");
    }

    [Fact]
    public void A_script_is_made_for_a_name_that_is_one()
    {
        PostgreSqlExchangeStateSchema.Script().ShouldContain("CREATE TABLE \"exchange_resilience\".entries");
        Should.Throw<ArgumentException>(() => PostgreSqlExchangeStateSchema.Script("a\"; DROP SCHEMA public"));
    }

    private static ServiceProvider Configured(params (string Key, string Value)[] settings) => new ServiceCollection()
        .AddPostgreSqlExchangeState(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("State:" + setting.Key, (string?)setting.Value))).Build().GetSection("State"))
        .BuildServiceProvider();
}
