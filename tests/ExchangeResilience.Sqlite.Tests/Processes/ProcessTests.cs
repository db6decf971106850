using System.Globalization;
using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.Sqlite.Tests.Processes;

public sealed class ProcessTests : IDisposable
{
    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Whatever_may_leave_is_there_after_a_kill()
    {
        const int Seed = 20260101;
        var random = new Random(Seed);
        var told = new List<string>();
        foreach (var round in Enumerable.Range(0, 20))
        {
            using var process = new JournalProcess("record", _folder.File, "run1", Text((round * 100_000) + 1), "99999", "8");
            (await process.LineAsync()).ShouldBe("ready");
            var first = random.Next(1, 60);
            for (var i = 0; i < first; i++)
            {
                told.Add((await process.LineAsync()).ShouldNotBeNull());
            }

            process.Kill();
            told.AddRange(await process.RestAsync());
            await process.EndedAsync();

            await using var journal = _folder.Journal();
            var open = (await journal.OpenAsync(default)).Entries.Select(entry => entry.Id).ToHashSet(StringComparer.Ordinal);
            var written = _folder.List("SELECT id FROM entries").ToHashSet(StringComparer.Ordinal);
            foreach (var number in told.Where(line => line != "done").Select(line => int.Parse(line, CultureInfo.InvariantCulture)))
            {
                written.ShouldContain(Order(number).Id, $"round {round}, seed {Seed}");
                if (number % 2 != 0)
                {
                    open.ShouldContain(Order(number).Id, $"round {round}, seed {Seed}");
                }
            }
        }

        told.Count.ShouldBeGreaterThan(20);
        _folder.Ask("PRAGMA integrity_check").ShouldBe("ok");
    }

    [Fact]
    public async Task Of_several_processes_on_a_new_file_each_order_is_given_to_one()
    {
        const int Orders = 400;
        var processes = Enumerable.Range(1, 3).Select(run => JournalProcess.RunAsync("record", _folder.File, $"run{run}", "1", Text(Orders), "8"));

        var given = (await Task.WhenAll(processes)).SelectMany(lines => lines.Where(line => line is not ("ready" or "done"))).ToList();

        given.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(1, Orders).Select(Text).Order(StringComparer.Ordinal));
        _folder.Ask("SELECT count(*) FROM entries").ShouldBe((long)Orders);
        _folder.Ask("PRAGMA integrity_check").ShouldBe("ok");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
