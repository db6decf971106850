using System.Runtime.Versioning;
using ExchangeResilience.Journal;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using static ExchangeResilience.Journal.JournalEntries;
using static ExchangeResilience.Sqlite.Tests.Refusals;

namespace ExchangeResilience.Sqlite.Tests.Storage;

/// <summary>Another file at the journal's path knows nothing of what is in doubt, and another process may be writing there.</summary>
[SupportedOSPlatform("linux")]
public sealed class ReplacedFileTests : IDisposable
{
    private readonly JournalFolder _folder = new();
    private readonly LogLines _log = new();

    public static TheoryData<Replacement> Replacements => [.. Enum.GetValues<Replacement>()];

    public enum Replacement
    {
        LinkSwitched,
        LinkOfFolderSwitched,
        CopyAfterMove,
        CopyRenamedOver,
        FolderRenamedAndCopied,
        MovedAndCreated,
    }

    private string Data => _folder.PathOf("data");

    private string Path => System.IO.Path.Combine(Data, "orders.db");

    private string Other => System.IO.Path.Combine(_folder.Folder, "other");

    private string Kept => System.IO.Path.Combine(_folder.Folder, "kept");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Replacements))]
    public async Task Another_file_at_the_path_takes_no_order_of_a_running_process(Replacement replacement)
    {
        await PrepareAsync(replacement);
        await using var journal = Journal();
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();

        Replace(replacement);
        (await RefusalAsync(journal, Order(2))).ShouldBe(
            $"The order journal {Path} is not the file that this process has opened: that was replaced, or a link in its path was switched. Put the first one back; a restart takes the file that is there, which may not know what is in doubt.");
        if (replacement != Replacement.MovedAndCreated)
        {
            await using var next = _folder.Journal(path: Path);
            (await RefusalAsync(next, Order(2))).ShouldBeNull();
            (await RefusalAsync(journal, Order(2))).ShouldNotBeNull("of two processes one may have it");
        }

        (await Should.ThrowAsync<JournalException>(async () => await journal.OpenAsync(default))).Message.ShouldContain("is not the file");
        _log.Troubles.ShouldHaveSingleItem().ShouldStartWith("Error 1400 ");

        Restore(replacement);
        (await journal.OpenAsync(default)).Entries.ShouldHaveSingleItem().Id.ShouldBe(Order(1).Id);
        (await RefusalAsync(journal, Order(3))).ShouldBeNull();
    }

    [Fact]
    public async Task A_deleted_file_that_another_process_makes_anew_is_not_the_first_one()
    {
        await PrepareAsync(Replacement.CopyAfterMove);
        await using var journal = Journal();
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
        foreach (var file in Directory.GetFiles(Data))
        {
            File.Delete(file);
        }

        // The file is closed now, so that the file system may give its number to the next one.
        (await RefusalAsync(journal, Order(2))).ShouldNotBeNull().ShouldContain("was moved or deleted");
        await using var next = _folder.Journal(path: Path);
        (await RefusalAsync(next, Order(2))).ShouldBeNull();

        (await RefusalAsync(journal, Order(3))).ShouldNotBeNull().ShouldContain("is not the file");
        (await RefusalAsync(next, Order(3))).ShouldBeNull();
    }

    [Fact]
    public async Task An_order_does_not_leave_while_another_file_is_there_and_health_says_so()
    {
        await PrepareAsync(Replacement.LinkOfFolderSwitched);
        var exchange = new SimulatedExchange(time: _folder.Time);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(_folder.Time);
        builder.Services.AddHttpClient("futures", http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling(options => options.Account = "main")
            .AddExchangeSigning(keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        builder.Services.AddSqliteOrderJournal(Path);
        builder.Services.AddHealthChecks().AddExchangeResilience();
        using var host = builder.Build();
        await host.StartAsync();
        (await SendAsync(host, "first")).Execution.ShouldBe(ExecutionStatus.Executed);

        Replace(Replacement.LinkOfFolderSwitched);
        var refused = await SendAsync(host, "second");

        refused.Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        exchange.ExecutionsOf("second").ShouldBeEmpty();
        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Entries.Values.ShouldContain(entry => entry.Description!.Contains("is not the file that this process has opened", StringComparison.Ordinal));
        await host.StopAsync();
    }

    private static async Task<ExchangeResult> SendAsync(IHost host, string id)
    {
        using var order = new HttpRequestMessage(HttpMethod.Post, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId={id}");
        return await host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures").SendExchangeAsync(order);
    }

    private static void Link(string path, string target)
    {
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
        }
    }

    /// <summary>With what belongs to it.</summary>
    private static void Move(string from, string to)
    {
        foreach (var end in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(from + end))
            {
                File.Move(from + end, to + end, overwrite: true);
            }
        }
    }

    private static void HardLink(string path, string link)
    {
        using var process = System.Diagnostics.Process.Start("ln", [path, link]);
        process.WaitForExit();
    }

    private SqliteOrderJournal Journal() => new(new() { Path = Path }, _folder.Time, _log);

    /// <summary>The other journal is a sound one, which knows nothing.</summary>
    private async Task PrepareAsync(Replacement replacement)
    {
        foreach (var folder in (string[])[Kept, Other])
        {
            await _folder.Journal(path: System.IO.Path.Combine(folder, "orders.db")).OpenAndCloseAsync();
        }

        if (replacement == Replacement.LinkOfFolderSwitched)
        {
            Link(Data, Kept);
            return;
        }

        Directory.CreateDirectory(Data);
        if (replacement == Replacement.LinkSwitched)
        {
            Link(Path, System.IO.Path.Combine(Kept, "orders.db"));
        }
    }

    private void Replace(Replacement replacement)
    {
        var other = System.IO.Path.Combine(Other, "orders.db");
        switch (replacement)
        {
            case Replacement.LinkSwitched:
                Link(Path, other);
                break;
            case Replacement.LinkOfFolderSwitched:
                Link(Data, Other);
                break;
            case Replacement.CopyAfterMove:
                Move(Path, $"{Path}.aside");
                File.Copy(other, Path);
                break;
            case Replacement.CopyRenamedOver:
                HardLink(Path, $"{Path}.linked");
                File.Move(other, Path, overwrite: true);
                Move($"{Path}-wal", $"{Path}.linked-wal");
                File.Delete($"{Path}-shm");
                break;
            case Replacement.FolderRenamedAndCopied:
                Directory.Move(Data, $"{Data}.aside");
                CopyFolder($"{Data}.aside", Data);
                break;
            default:
                Move(Path, $"{Path}.aside");
                File.Create(Path).Dispose();
                break;
        }
    }

    private void Restore(Replacement replacement)
    {
        switch (replacement)
        {
            case Replacement.LinkSwitched:
                Link(Path, System.IO.Path.Combine(Kept, "orders.db"));
                break;
            case Replacement.LinkOfFolderSwitched:
                Link(Data, Kept);
                break;
            case Replacement.FolderRenamedAndCopied:
                Directory.Delete(Data, recursive: true);
                Directory.Move($"{Data}.aside", Data);
                break;
            case Replacement.CopyRenamedOver:
                Move($"{Path}.linked", Path);
                break;
            default:
                Move($"{Path}.aside", Path);
                break;
        }
    }
}
