using System.Globalization;
using ExchangeResilience;
using Spectre.Console;

namespace TradingBot;

/// <summary>Live tables and a progress bar on a terminal.</summary>
internal sealed class RichScreen(IAnsiConsole console) : IScreen
{
    private const int NewsShown = 14;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    public void Open(string title, string about)
    {
        console.WriteLine();
        console.Write(new Rule($"[bold]{Markup.Escape(title)}[/]") { Justification = Justify.Left, Style = Style.Parse("grey") });
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{about}[/]");
    }

    public async Task<ActResult> ShowActAsync(int number, int count, string title, string promise, Func<Action<Step>, Task<ActResult>> play)
    {
        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold aqua]{number}/{count}[/] [bold]{title}[/]");
        var table = new Table().NoBorder().HideHeaders();
        table.AddColumn(new TableColumn("").RightAligned().NoWrap().Width(9));
        table.AddColumn(new TableColumn("").NoWrap().Width(8));
        table.AddColumn(new TableColumn(""));
        var gate = new Lock();
        var stage = new Rows(new Padder(new Text(promise, Style.Parse("grey")), new Padding(5, 0, 0, 0)), table);
        return await console.Live(stage).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Top).StartAsync(async live =>
        {
            var result = await play(step => Add(step.At, Look(step.Voice), step.Text));
            Add(result.Elapsed, result.Passed ? ("[bold green]PASS[/]", "bold green") : ("[bold red]FAIL[/]", "bold red"), "");
            return result;

            void Add(TimeSpan at, (string Name, string Style) look, string text)
            {
                lock (gate)
                {
                    table.AddRow(
                        new Markup(string.Create(CultureInfo.InvariantCulture, $"[grey]{at.TotalSeconds:0.000}[/]")),
                        new Markup(look.Name),
                        new Text(text, Style.Parse(look.Style)));
                    live.Refresh();
                }
            }
        });
    }

    public async Task ShowTradingAsync(string title, int orders, Func<ITradeLog, Task> trade)
    {
        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{title}[/]");
        await console.Progress()
            .AutoRefresh(true)
            .HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 40 },
                new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(progress => trade(new TradeBar(console, progress.AddTask("0 executed", maxValue: orders))));
    }

    public async Task ShowFleetAsync(string title, Func<IReadOnlyList<FleetRow>> look, Func<Action<string>, Task> play)
    {
        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{title}[/]");
        var began = TimeProvider.System.GetTimestamp();
        var gate = new Lock();
        var news = new Queue<string>();
        await console.Live(FleetTable(look())).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Top).StartAsync(async live =>
        {
            var playing = play(text =>
            {
                lock (gate)
                {
                    news.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,8:0.000}  {text}"));
                    if (news.Count > NewsShown)
                    {
                        news.Dequeue();
                    }
                }
            });
            do
            {
                await Task.WhenAny(playing, Task.Delay(BetweenLooks, TimeProvider.System));
                lock (gate)
                {
                    live.UpdateTarget(new Rows([FleetTable(look()), .. news.Select(static line => new Text(line, Style.Parse("grey")))]));
                }
            }
            while (!playing.IsCompleted);
            await playing;
        });
    }

    public void ShowActs(IReadOnlyList<ActResult> acts)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).AddColumns("Act", "Time", "Verdict");
        table.Columns[1].RightAligned();
        foreach (var act in acts)
        {
            table.AddRow(
                new Text(act.Title),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{act.Elapsed.TotalSeconds:0.0} s")),
                new Markup(act.Passed ? "[bold green]PASS[/]" : "[bold red]FAIL[/]"));
        }

        console.WriteLine();
        console.Write(table);
    }

    public void ShowScores(string title, IReadOnlyList<Score> scores)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).Title($"[bold]{Markup.Escape(title)}[/]").HideHeaders();
        table.AddColumn("").AddColumn(new TableColumn("").RightAligned());
        foreach (var score in scores)
        {
            var style = score.IsGood switch { true => "bold green", false => "bold red", _ => "default" };
            table.AddRow(new Text(score.Name), new Text(score.Count.ToString(CultureInfo.InvariantCulture), Style.Parse(style)));
        }

        console.Write(table);
    }

    private static Table FleetTable(IReadOnlyList<FleetRow> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey)
            .AddColumns("Member", "Process", "Executed", "Under way", "In doubt", "Rejected", "Requests", "Lease", "Address", "Doing");
        foreach (var column in table.Columns.Take(8))
        {
            column.RightAligned();
        }

        foreach (var row in rows)
        {
            var isHeld = row.Address.StartsWith("held", StringComparison.Ordinal);
            table.AddRow(
                Number(row.Member),
                new Text(row.ProcessId?.ToString(CultureInfo.InvariantCulture) ?? "-", Style.Parse(row.ProcessId is null ? "red" : "default")),
                Number(row.Executed, "green"),
                Number(row.UnderWay),
                Number(row.InDoubt, row.InDoubt > 0 ? "yellow" : "grey"),
                Number(row.Rejected, row.Rejected > 0 ? "red" : "grey"),
                Number(row.Requests),
                new Text(row.Lease),
                new Text(row.Address, Style.Parse(isHeld ? "yellow" : "grey")),
                new Text(row.Doing));
        }

        return table;

        static Text Number(long value, string style = "default") => new(value.ToString(CultureInfo.InvariantCulture), Style.Parse(style));
    }

    private static (string Name, string Style) Look(Voice voice) => voice switch
    {
        Voice.Bot => ("[bold]bot[/]", "default"),
        Voice.Exchange => ("[yellow]exchange[/]", "yellow"),
        Voice.Library => ("[aqua]library[/]", "aqua"),
        Voice.Pass => ("[green]ok[/]", "green"),
        _ => ("[bold red]WRONG[/]", "red"),
    };

    private sealed class TradeBar(IAnsiConsole console, ProgressTask bar) : ITradeLog
    {
        private readonly Lock _gate = new();
        private readonly int[] _fates = new int[Enum.GetValues<Fate>().Length];
        private int _sentAgain;

        public void Settled(int number, Fate fate, int tries, string? why)
        {
            lock (_gate)
            {
                _fates[(int)fate]++;
                bar.Increment(1);
                Describe();
            }
        }

        public void SentAgain(int number, ExchangeError why, TimeSpan wait)
        {
            lock (_gate)
            {
                _sentAgain++;
                Describe();
            }
        }

        public void StillUnknown(int number, ExchangeError why) => Notice($"order {number} is still unknown");

        // Lines written meanwhile scroll away above the bar; filled up, they leave nothing of it standing.
        public void Notice(string text) => console.Write(new Padder(new Text(text, Style.Parse("grey")), new Padding(0)) { Expand = true });

        private void Describe()
        {
            bar.Description = string.Create(
                CultureInfo.InvariantCulture,
                $"[green]{_fates[(int)Fate.Executed]} executed[/]  [yellow]{_sentAgain} sent again[/]  [red]{_fates[(int)Fate.Rejected]} rejected[/]");
        }
    }
}
