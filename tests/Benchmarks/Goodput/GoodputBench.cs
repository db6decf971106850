using System.Globalization;
using Benchmarks.Measuring;
using ExchangeResilience.Goodput;
using ExchangeResilience.Testing;
using Spectre.Console;

namespace Benchmarks.Goodput;

/// <summary>
/// What comes of wanting three times what the exchange allows, for each of several clients in the same weather. All time is simulated, so the figures are the same on every machine.
/// </summary>
internal static class GoodputBench
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(10);

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        var courses = new List<Course>();
        foreach (var contender in Contender.All)
        {
            courses.Add(await RunAsync(contender));
        }

        var table = Report.NewTable("client", "calls", "of them served", "requests sent", "weight served, of the limit", "orders placed, of the limit", "refused (429)", "refused (418)", "bans", "time banned");
        foreach (var (contender, calls, served, tally) in courses)
        {
            table.AddRow(
                contender.Name, Text(calls), Text(served), Text(tally.Sent), Text(tally.WeightShare * 100, "0.0 '%'"), Text(tally.OrderShare * 100, "0.0 '%'"),
                Text(tally.Refused.Sum()), Text(tally.Banned.Sum()), Text(tally.Bans.Count), Text(tally.TimeBanned.TotalSeconds, "0 s"));
        }

        report.Add("Three times the limit is wanted", table);
        report.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Length.TotalMinutes} simulated minutes against 2400 weight a minute, 300 orders in 10 s and 1200 orders a minute. 180 callers want three times that: once a second 60 place an order,
            20 cancel one and 100 ask a price, each once its last answer is there. A reply takes 20 ms. After 20 requests in a row into a wait it told of, the exchange bans: 2 minutes, then 4, then 8.
            The first row waits for the next window (`TotalTimeout` 3 m, `MaxWait` and `SendBefore` 2 m); the second fails at once what its shorter default waits cannot reach, and sends nothing for it.

            ![Requests served and turned away over time](goodput.svg)
            """));
        await File.WriteAllTextAsync(Path.Combine(options.Folder, "goodput.svg"), GoodputPicture.Draw([.. courses.Where(static course => course.Contender.IsDrawn)], options.Revision));
    }

    private static async Task<Course> RunAsync(Contender contender)
    {
        var time = new ManualTimeProvider();
        var exchange = OverloadedExchange.Open(time);
        var (send, resources) = contender.Open(exchange, time);
        using (resources)
        {
            var callers = new Callers(time, send);
            await time.RunAsync(() => callers.RunAsync(Length));
            return new Course(contender, callers.Calls, callers.Served, Tally.Of(exchange, Length));
        }
    }

    private static string Text(double number, string format = "#,0") => number.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>How one client fared.</summary>
/// <param name="Contender">The client.</param>
/// <param name="Calls">What its callers asked for.</param>
/// <param name="Served">What they got.</param>
/// <param name="Tally">What the exchange saw.</param>
internal sealed record Course(Contender Contender, int Calls, int Served, Tally Tally);
