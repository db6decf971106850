using System.Collections.Concurrent;
using System.Globalization;
using ExchangeResilience;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace TradingBot;

/// <summary>A bot is killed in the middle of its orders and started again.</summary>
/// <param name="journal">The journal's file; null for one that is removed afterwards.</param>
internal sealed class CrashAct(string? journal) : IAct
{
    private const int Orders = 24;
    private const string Run = "crash";

    // Neither is ever answered, so both are in doubt at the kill for certain.
    private const int ExecutedUnheard = 9;
    private const int LostUnheard = 10;

    public string Title => "The bot is killed and started again";

    public string Promise => "Orders are written down before they leave. The next run asks what became of those in doubt, and sends again only what provably did nothing.";

    /// <summary>What came of it.</summary>
    public IReadOnlyList<Score> Scores { get; private set; } = [];

    /// <summary>The JSON line of the bot that finished.</summary>
    public string Result { get; private set; } = "";

    public async Task PlayAsync(Scene scene, CancellationToken cancellationToken)
    {
        var folder = journal is null ? Directory.CreateTempSubdirectory("TradingBot-") : null;
        try
        {
            await PlayAsync(scene, journal ?? Path.Combine(folder!.FullName, "orders.db"), cancellationToken);
        }
        finally
        {
            folder?.Delete(recursive: true);
        }
    }

    private async Task PlayAsync(Scene scene, string file, CancellationToken cancellationToken)
    {
        string[] command = ["--exchange", scene.Address.ToString(), "--journal", file, "--run", Run, "--orders", Orders.ToString(CultureInfo.InvariantCulture), "--parallel", "8"];
        scene.Exchange.Options.Latency = TimeSpan.FromMilliseconds(40);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var unanswered = 2;
        scene.Exchange.Faults.Plan = FaultPlan.Custom(request =>
        {
            var fault = FaultOf(request);
            if ((fault == Fault.Silence || fault == Fault.SilenceBeforeExecute) && --unanswered == 0)
            {
                arrived.TrySetResult();
            }

            return fault;
        });

        scene.Bot($"starts a bot: --journal orders.db --run {Run} --orders {Orders} --parallel 8");
        using (var first = new BotProcess(command))
        {
            await arrived.Task.WaitAsync(cancellationToken);
            await first.KillAsync();
        }

        scene.Bot($"killed it with SIGKILL after {scene.Seen("POST", "/fapi/v1/order")} orders had left");
        var doubts = await ReadDoubtsAsync(file, cancellationToken);
        scene.Bot($"the journal has {doubts.Count} in doubt: {string.Join(", ", doubts)}");
        var executed = doubts.Where(id => scene.Exchange.ExecutionsOf(id).Count > 0).ToHashSet(StringComparer.Ordinal);
        scene.Script($"has executed {executed.Count} of them, which no bot was told");

        scene.Bot("starts the bot again");
        var told = new ConcurrentDictionary<string, ExecutionStatus>(StringComparer.Ordinal);
        using var second = new BotProcess(command, line =>
        {
            if (EarlierRun.Read(line) is { } settled)
            {
                told[settled.ClientOrderId] = settled.Execution;
                scene.Bot(settled.Line);
            }
        });
        (var exitCode, Result, _) = await second.EndAsync(cancellationToken);

        var ids = Enumerable.Range(1, Orders).Select(static number => string.Create(CultureInfo.InvariantCulture, $"{Run}-{number}")).ToList();
        var lost = ids.Count(id => scene.Exchange.ExecutionsOf(id).Count == 0);
        var board = scene.Exchange.Scoreboard;
        scene.Check("every doubt was settled as the exchange's book has it", doubts.All(id => told.GetValueOrDefault(id) == (executed.Contains(id) ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted)));
        scene.Check($"{Orders} orders intended, {board.Executions} in the book: duplicates {board.ExtraIntents}, lost {lost}", exitCode == 0 && board.Executions == Orders && board.ExtraIntents == 0 && lost == 0);
        Scores =
        [
            new("intended", Orders),
            new("executions in the exchange's book", board.Executions, board.Executions == Orders),
            new("in doubt at the kill", doubts.Count, doubts.Count >= 2),
            new("of these found executed", told.Values.Count(static execution => execution == ExecutionStatus.Executed)),
            new("of these proven not executed", told.Values.Count(static execution => execution == ExecutionStatus.NotExecuted)),
            new("duplicates", board.ExtraIntents, board.ExtraIntents == 0),
            new("lost", lost, lost == 0),
        ];
    }

    private static async Task<IReadOnlyList<string>> ReadDoubtsAsync(string file, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddSqliteOrderJournal(file).BuildServiceProvider();
        var contents = await services.GetRequiredService<IOrderJournal>().OpenAsync(cancellationToken);
        return [.. contents.Entries.Where(static entry => entry.State == JournalState.Open).Select(static entry => entry.Key.Id)];
    }

    // Each order's quantity is its number in thousandths.
    private static Fault? FaultOf(FaultContext request) => !request.IsPlace || request.Attempt > 1
        ? null
        : (int)(decimal.Parse(request.Parameters["quantity"], CultureInfo.InvariantCulture) * 1000) switch
        {
            ExecutedUnheard => Fault.Silence,
            LostUnheard => Fault.SilenceBeforeExecute,
            var number => (number % 8) switch
            {
                3 => Fault.ExecutedTimeout503,
                5 => Fault.ExecuteThenDrop,
                _ => null,
            },
        };
}
