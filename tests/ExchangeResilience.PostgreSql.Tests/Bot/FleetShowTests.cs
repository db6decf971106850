using System.Text.Json;

namespace ExchangeResilience.PostgreSql.Tests.Bot;

/// <summary>The sample bot's show of a fleet, from the server it starts to the processes it leaves: none.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class FleetShowTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_fleet_executes_each_order_once_though_one_member_is_banned_and_one_is_killed()
    {
        using var show = new ShowProcess("--fleet", "3", "--orders", "60");
        var (exitCode, output, errors) = await show.EndAsync();

        exitCode.ShouldBe(0, output + errors);
        errors.ShouldBeEmpty();
        output.ShouldNotContain('\u001b');
        output.ShouldContain("is told by the exchange: Ip lane of ");
        output.ShouldContain("is killed with SIGKILL");
        output.ShouldContain("takes over: ");
        output.ShouldContain("is started again as fleet-");
        output.ShouldMatch(@"duplicates +0\n");
        output.ShouldNotContain("Password");
        show.LeftBehind.ShouldBeEmpty();
    }

    [Fact]
    public async Task With_json_it_ends_in_one_line_about_all_and_each_member()
    {
        using var show = new ShowProcess("--fleet", "2", "--orders", "16", "--profile", "none", "--json");
        var (exitCode, output, errors) = await show.EndAsync();

        exitCode.ShouldBe(0, output + errors);
        var result = JsonSerializer.Deserialize<JsonElement>(output);
        (Number(result, "intended"), Number(result, "executed"), Number(result, "unknown")).ShouldBe((16, 16, 0));
        Number(result, "requests").ShouldBeGreaterThan(16);
        var members = result.GetProperty("members").EnumerateArray().ToList();
        members.Select(static member => Number(member, "member")).ShouldBe([1, 2]);
        members.Sum(static member => Number(member, "executed")).ShouldBe(16);
    }

    [Fact]
    public async Task Killed_it_leaves_no_process_and_no_folder()
    {
        using var show = new ShowProcess("--fleet", "2", "--orders", "200");
        await UntilAsync(() => show.Descendants.Count(static process => process.CommandLine.Contains("--report", StringComparison.Ordinal)) == 2);
        var started = show.Descendants;
        started.ShouldContain(static process => process.Name == "postgres");
        started.ShouldAllBe(static process => !process.CommandLine.Contains("Password=", StringComparison.OrdinalIgnoreCase));

        show.Kill();

        await UntilAsync(() => started.All(static process => !process.IsAlive) && show.LeftBehind.Count == 0);
    }

    [Fact]
    public async Task Told_to_stop_it_ends_with_its_count_and_leaves_nothing()
    {
        using var show = new ShowProcess("--fleet", "2", "--orders", "2000", "--json");
        await UntilAsync(() => show.Descendants.Count(static process => process.CommandLine.Contains("--report", StringComparison.Ordinal)) == 2);
        var started = show.Descendants;

        show.Signal("INT");
        var (exitCode, output, errors) = await show.EndAsync();

        exitCode.ShouldBe(130, output + errors);
        var result = JsonSerializer.Deserialize<JsonElement>(output);
        Number(result, "executed").ShouldBeLessThan(2000);
        started.ShouldAllBe(static process => !process.IsAlive);
        show.LeftBehind.ShouldBeEmpty();
    }

    private static int Number(JsonElement result, string name) => result.GetProperty(name).GetInt32();

    private static async Task UntilAsync(Func<bool> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Patience);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
