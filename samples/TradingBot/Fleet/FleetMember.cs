using System.Globalization;
using System.Text.Json;

namespace TradingBot;

/// <summary>One bot of the fleet, as whoever started it sees it: the process, what it reports, and its share of the orders.</summary>
/// <param name="number">Its number, from 1.</param>
/// <param name="run">What the ids of its orders start with.</param>
/// <param name="first">The number of its first order.</param>
/// <param name="orders">How many it trades.</param>
/// <param name="happened">Hears what happens to it.</param>
internal sealed class FleetMember(int number, string run, int first, int orders, Action<FleetMember, MemberEvent> happened) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<MemberEvent> _events = [];
    private BotProcess? _process;
    private MemberReport? _report;
    private long _requestsBefore;
    private Task _ending = Task.CompletedTask;
    private End? _end;

    public int Number => number;

    public string Run => run;

    public int Orders => orders;

    /// <summary>Null while it has no process.</summary>
    public int? ProcessId { get; private set; }

    /// <summary>When its process was started, by the clock that processes of this machine share.</summary>
    public long StartedAt { get; private set; }

    /// <summary>How it stood last; null before it has told.</summary>
    public MemberReport? Report => Volatile.Read(ref _report);

    public bool IsDone => ProcessId is not null && Report is { Activity: MemberActivity.Done };

    /// <summary>Sent by all processes it has had, as far as is known.</summary>
    public long Requests => Interlocked.Read(ref _requestsBefore) + (Report?.Requests ?? 0);

    /// <summary>What it ended with; null before it has.</summary>
    public TradeResult? Result { get; private set; }

    /// <summary>The client order ids of its share.</summary>
    public IEnumerable<string> Ids => Enumerable.Range(first, orders).Select(IdOf);

    /// <summary>The id of an order by its place in the share.</summary>
    /// <param name="part">From 0, the first, to below 1.</param>
    /// <param name="then">How many further.</param>
    public string IdAt(double part, int then = 0) => IdOf(first + (int)(orders * part) + then);

    public bool Owns(string clientOrderId) => clientOrderId.StartsWith(run + "-", StringComparison.Ordinal);

    /// <summary>What happened to it so far, oldest first.</summary>
    public IReadOnlyList<MemberEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>Starts it, again under the same name where it was killed.</summary>
    /// <param name="exchange">Where it trades.</param>
    /// <param name="state">The database. It goes by the environment, because everybody can see arguments.</param>
    /// <param name="options">What of the command line concerns it.</param>
    /// <param name="parallel">How many orders at a time.</param>
    public void Start(Uri exchange, string state, Options options, int parallel)
    {
        string[] arguments =
        [
            "--exchange", exchange.ToString(), "--run", run, "--first", Text(first), "--orders", Text(orders),
            "--parallel", Text(parallel), "--seed", Text(unchecked(options.Seed + number)), "--report", "--json",
        ];
        _process?.Dispose();
        StartedAt = TimeProvider.System.GetTimestamp();
        _process = new BotProcess(arguments, hearOutput: Hear, environment: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["EXCHANGE_STATE"] = state,

            // Nobody wants to watch a dead member's lease for a quarter of a minute either.
            ["ExchangeState__Lease"] = "6s",

            // What is never answered is waited for until the kill, whatever hold comes between.
            ["ExchangeErrorHandling__AttemptTimeout"] = "20s",

            // Many processes share few processors here.
            ["ExchangeErrorHandling__SendBefore"] = "3s",
            ["ExchangeSigning__RecvWindow"] = "2s",
        });
        ProcessId = _process.Id;
        _ending = WatchAsync(_process);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        ProcessId = null;
        await _ending;
        _end = null;
        Interlocked.Add(ref _requestsBefore, Report?.Requests ?? 0);
        Volatile.Write(ref _report, null);
    }

    /// <summary>Lets it trade.</summary>
    public Task LetBeginAsync() => _process?.SayAsync(Leash.Begin) ?? Task.CompletedTask;

    /// <summary>Lets it end as Ctrl-C would.</summary>
    public Task LetEndAsync() => _process?.SayAsync(Leash.End) ?? Task.CompletedTask;

    /// <summary>Waits for its end.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ProcessId is not null)
        {
            await _ending.WaitAsync(cancellationToken);
            ProcessId = null;
            Result = ReadResult(_end!.Output);
        }
    }

    /// <summary>With what it ended although nobody let it; null where it did not.</summary>
    public (int ExitCode, string Errors)? Lost => ProcessId is not null && Volatile.Read(ref _end) is { } end ? (end.ExitCode, end.Errors) : null;

    public void Dispose() => _process?.Dispose();

    private string IdOf(int order) => string.Create(CultureInfo.InvariantCulture, $"{run}-{order}");

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private async Task WatchAsync(BotProcess process)
    {
        var (exitCode, output, errors) = await process.EndAsync(CancellationToken.None);
        Volatile.Write(ref _end, new End(exitCode, output, errors));
    }

    private void Hear(string line)
    {
        if (MemberReport.Read(line) is not { } report)
        {
            return;
        }

        Volatile.Write(ref _report, report);
        if (report.Event is { } news)
        {
            lock (_gate)
            {
                _events.Add(news);
            }

            happened(this, news);
        }
    }

    private static TradeResult? ReadResult(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, TradeResultJson.Default.TradeResult);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record End(int ExitCode, string Output, string Errors);
}
