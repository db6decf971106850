using ExchangeResilience.Journal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.Sqlite.Tests.Registration;

public sealed class RegistrationTests : IDisposable
{
    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_path_is_all_it_takes()
    {
        await using (var provider = new ServiceCollection().AddSqliteOrderJournal(_folder.File).BuildServiceProvider())
        {
            File.Exists(_folder.File).ShouldBeFalse();
            (await provider.GetRequiredService<IOrderJournal>().RecordAsync(Order(1), default)).ShouldBeNull();
        }

        _folder.Ask("SELECT count(*) FROM entries").ShouldBe(1L);
    }

    [Fact]
    public void The_defaults_are_as_documented()
    {
        using var provider = new ServiceCollection().AddSqliteOrderJournal(_folder.File).BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<SqliteOrderJournalOptions>>().Value;

        (options.Path, options.Retention, options.BusyTimeout).ShouldBe((_folder.File, TimeSpan.FromDays(7), TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void All_clients_share_one_journal_however_often_it_is_asked_for()
    {
        var services = new ServiceCollection();
        services.AddSqliteOrderJournal(options => options.Path = _folder.File).ShouldBeSameAs(services);
        services.AddSqliteOrderJournal(Path.Combine(_folder.Folder, ".", "orders.db"));
        services.AddSqliteOrderJournal(_folder.File).ShouldBeSameAs(services);
        using var provider = services.BuildServiceProvider();

        provider.GetServices<IOrderJournal>().ShouldHaveSingleItem();
    }

    [Fact]
    public void Two_paths_are_refused()
    {
        var services = new ServiceCollection().AddSqliteOrderJournal("a.db");

        Should.Throw<InvalidOperationException>(() => services.AddSqliteOrderJournal("b.db")).Message.ShouldBe(
            "AddSqliteOrderJournal() was called with two paths, 'a.db' and 'b.db'. One journal serves all clients of a service provider; keep one of the paths.");
    }

    [Fact]
    public void Two_paths_set_in_code_are_refused_at_the_start()
    {
        using var provider = new ServiceCollection().AddSqliteOrderJournal("a.db").AddSqliteOrderJournal(options => options.Path = "b.db").BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IOrderJournal>()).Message.ShouldContain("two paths, 'a.db' and 'b.db'");
    }

    [Fact]
    public void Another_kind_of_journal_is_refused()
    {
        var services = new ServiceCollection().AddSingleton<IOrderJournal>(_folder.Journal());

        Should.Throw<InvalidOperationException>(() => services.AddSqliteOrderJournal(_folder.File)).Message.ShouldContain("another order journal is registered");
    }

    [Theory]
    [InlineData(null, "Path: is missing; name a file on a disk of this machine, such as orders.db")]
    [InlineData(" ", "Path: ' ' is blank; name a file on a disk of this machine, such as orders.db")]
    [InlineData(":memory:", "Path: ':memory:' is no file; name a file on a disk of this machine, such as orders.db")]
    [InlineData("file:orders.db", "Path: 'file:orders.db' is a URI; name a file on a disk of this machine, such as orders.db")]
    [InlineData("data/", "Path: 'data/' is a folder; name a file on a disk of this machine, such as orders.db")]
    public async Task A_path_that_is_none_stops_the_program_at_its_start(string? path, string fault)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSqliteOrderJournal(options => options.Path = path);
        using var host = builder.Build();

        (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync())).Failures.ShouldBe([fault]);
    }

    [Fact]
    public void Every_fault_is_named_with_its_key_value_and_remedy()
    {
        using var provider = new ServiceCollection().AddSqliteOrderJournal(options => (options.Retention, options.BusyTimeout) = (TimeSpan.FromHours(23), TimeSpan.FromSeconds(61))).BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IOrderJournal>()).Failures.ShouldBe(
        [
            "Path: is missing; name a file on a disk of this machine, such as orders.db",
            "Retention: '23h' is out of range; choose 24h to 8760h",
            "BusyTimeout: '61s' is out of range; choose 0s to 1m",
        ]);
    }

    [Theory]
    [InlineData("1.00:00:00", "0s")]
    [InlineData("8760h", "1m")]
    public void Configuration_sets_it(string retention, string busyTimeout)
    {
        using var provider = Configured(("Path", "orders.db"), ("Retention", retention), ("BusyTimeout", busyTimeout)).BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<SqliteOrderJournalOptions>>().Value;

        options.Path.ShouldBe("orders.db");
        (DurationText.Format(options.Retention), DurationText.Format(options.BusyTimeout)).ShouldBe((retention == "8760h" ? "8760h" : "24h", busyTimeout));
    }

    [Fact]
    public void Configuration_that_cannot_be_read_is_refused()
    {
        using var provider = Configured(("Path", "orders.db"), ("Retentoin", "7"), ("BusyTimeout", "5")).BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IOrderJournal>()).Failures.ShouldBe(
        [
            "OrderJournal:BusyTimeout: '5' is not a duration; add its unit: 5ms, 5s, 5m or 5h",
            "OrderJournal:Retentoin: unknown key; did you mean 'Retention'?",
        ]);
    }

    [Fact]
    public void A_missing_section_is_refused()
    {
        using var provider = Configured().BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IOrderJournal>()).Failures.ShouldBe(
            ["OrderJournal: the section is empty or missing; write Path there"]);
    }

    private static ServiceCollection Configured(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"OrderJournal:{setting.Key}", (string?)setting.Value))).Build();
        var services = new ServiceCollection();
        services.AddSqliteOrderJournal(configuration.GetSection("OrderJournal"));
        return services;
    }
}
