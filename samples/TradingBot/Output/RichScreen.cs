using System.Globalization;
using ExchangeResilience;
using Spectre.Console;

namespace TradingBot;

/// <summary>Live tables and a progress bar on a terminal.</summary>
internal sealed class RichScreen(IAnsiConsole console) : IScreen
{
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
