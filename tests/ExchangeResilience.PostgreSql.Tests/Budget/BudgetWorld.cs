using System.Globalization;
using System.Net.Http.Headers;
using System.Threading.Channels;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExchangeResilience.PostgreSql.Tests.Budget;

/// <summary>
/// Members behind one address, on manual time and one thread, that share the weight of a minute by a real server, and an exchange that counts what arrives. Time stands still while
/// the server works, and moves on by what an answer takes.
/// </summary>
internal sealed class BudgetWorld : IDisposable
{
    public const int Limit = 2400;
    private const int QueryLimit = Limit * 98 / 100;
    private const int CallersPerMember = 64;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly LimitSettings Limits = new() { WeightPerMinute = Limit };

    // How many times the limit all want together, window by window. What flows over the turn from the third to the first is met by members that want all of the next window.
    private static readonly double[] Wanted = [5, 5, 0.6];

    private readonly ManualTimeProvider _time = new();
    private readonly Random _random;
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Number)> _events = new();
    private readonly Channel<Action> _answers = Channel.CreateUnbounded<Action>();
    private readonly List<(Caller Caller, Task<Admission> Admission)> _waiting = [];
    private readonly Dictionary<long, int[]> _served = [];
    private readonly List<GateRegistry> _members = [];
    private long _numbers;
    private int _unanswered;

    public BudgetWorld(IReadOnlyList<ISharedBudget> stores, int seed)
    {
        _random = new Random(seed);
        foreach (var store in stores)
        {
            _members.Add(new GateRegistry(_time, new Random(_random.Next()), new FleetBudget(new Store(this, store), _time, NullLogger.Instance)));
        }
    }

    /// <summary>What arrived at the exchange.</summary>
    public int Requests { get; private set; }

    /// <summary>Of it, what was one too many in its window.</summary>
    public int Refused { get; private set; }

    /// <summary>Of it, what left more than a second before its window began.</summary>
    public int Late { get; private set; }

    /// <summary>How often a member asked the store.</summary>
    public int Asks { get; private set; }

    /// <summary>What each member was served in each window in which all wanted five times the limit for the second time, so that the store knew who would ask.</summary>
    public IReadOnlyList<int[]> Contested => [.. _served.Where(window => window.Key % Wanted.Length == 1 && window.Key < WindowOf(_time.GetUtcNow())).Select(static window => window.Value)];

    /// <summary>The most that was served in a window.</summary>
    public int Most => _served.Values.Max(static window => window.Sum());

    public async Task RunAsync(int requests)
    {
        foreach (var member in Enumerable.Range(0, _members.Count * CallersPerMember).Select(number => number % _members.Count))
        {
            Think(new Caller(member, GateOf(_members[member])));
        }

        while (Requests < requests)
        {
            while (_unanswered > 0)
            {
                (await _answers.Reader.ReadAsync(TestContext.Current.CancellationToken))();
            }

            var next = _time.NextDue ?? Window;
            if (_events.TryPeek(out _, out var due) && due.At - _time.GetUtcNow() < next)
            {
                next = due.At - _time.GetUtcNow();
            }

            _time.Advance(next);
            while (_events.TryPeek(out var happens, out due) && due.At <= _time.GetUtcNow())
            {
                _events.Dequeue();
                happens();
            }

            foreach (var (caller, admission) in _waiting.FindAll(static asked => asked.Admission.IsCompleted))
            {
                _waiting.Remove((caller, admission));
                Send(caller, admission.GetAwaiter().GetResult());
            }
        }
    }

    public void Dispose() => _members.ForEach(static member => member.Dispose());

    private static long WindowOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / (long)Window.TotalMilliseconds;

    private static Gate GateOf(GateRegistry member) => member.GateFor(new TrafficScope("live", "default", "fapi", "a"));

    private void After(TimeSpan pause, Action happens) => _events.Enqueue(happens, (_time.GetUtcNow() + pause, _numbers++));

    // As long as it takes to want what the window's factor says.
    private void Think(Caller caller)
    {
        var cycle = _members.Count * CallersPerMember / (Wanted[WindowOf(_time.GetUtcNow()) % Wanted.Length] * Limit / Window.TotalSeconds);
        After(TimeSpan.FromSeconds(Math.Max(0, cycle - 0.1) * 2 * _random.NextDouble()), () => Ask(caller));
    }

    private void Ask(Caller caller)
    {
        var request = new TrafficRequest(_random.Next(50) == 0 ? TrafficClass.Cancel : TrafficClass.Query, 1, 0, 0, Limits);
        if (caller.Gate.TryEnter(request, _time.GetTimestamp(), out var admission))
        {
            Send(caller, admission);
        }
        else
        {
            _waiting.Add((caller, caller.Gate.WaitAsync(request, long.MaxValue, CancellationToken.None).AsTask()));
        }
    }

    private void Send(Caller caller, Admission admission)
    {
        admission.Granted.ShouldBeTrue();
        var left = _time.GetUtcNow();
        After(OneWay(left), () => Arrive(caller, admission, left));
    }

    // Now and then a road of seconds; before every other turn that is met by much traffic, for all.
    private TimeSpan OneWay(DateTimeOffset now)
    {
        var isSlow = _random.Next(50) == 0 || (WindowOf(now) % (2 * Wanted.Length) == Wanted.Length - 1 && now.Second >= 50);
        return TimeSpan.FromMilliseconds(isSlow ? 1200 + _random.Next(7000) : 10 + _random.Next(80));
    }

    private void Arrive(Caller caller, Admission admission, DateTimeOffset left)
    {
        var there = _time.GetUtcNow();
        if (!_served.TryGetValue(WindowOf(there), out var served))
        {
            _served.Add(WindowOf(there), served = new int[_members.Count]);
        }

        served[caller.Member]++;
        Requests++;
        Refused += served.Sum() > Limit ? 1 : 0;
        Late += WindowOf(left.AddSeconds(1)) < WindowOf(there) ? 1 : 0;
        var used = served.Sum();
        After(TimeSpan.FromMilliseconds(10 + _random.Next(80)), () =>
        {
            caller.Gate.Observe(admission, Headers(there, used));
            caller.Gate.Leave(admission);
            Think(caller);
        });
    }

    private static HttpResponseHeaders Headers(DateTimeOffset date, int used)
    {
        var headers = new HttpResponseMessage().Headers;
        headers.TryAddWithoutValidation("Date", date.ToString("r", CultureInfo.InvariantCulture));
        headers.TryAddWithoutValidation("X-MBX-USED-WEIGHT-1M", used.ToString(CultureInfo.InvariantCulture));
        return headers;
    }

    private sealed record Caller(int Member, Gate Gate);

    /// <summary>The way to the server, whose answers come on the world's thread.</summary>
    private sealed class Store(BudgetWorld world, ISharedBudget server) : ISharedBudget
    {
        public ValueTask<BudgetGrant> AskAsync(BudgetAsk ask, CancellationToken cancellationToken)
        {
            world.Asks++;
            world._unanswered++;
            var answer = new TaskCompletionSource<BudgetGrant>();
            _ = ForwardAsync(ask, answer);
            return new(answer.Task);
        }

        private async Task ForwardAsync(BudgetAsk ask, TaskCompletionSource<BudgetGrant> answer)
        {
            Action told;
            try
            {
                var grant = await server.AskAsync(ask, TestContext.Current.CancellationToken).ConfigureAwait(false);
                told = () => answer.SetResult(grant);
            }
            catch (JournalException failure)
            {
                told = () => answer.SetException(failure);
            }

            world._answers.Writer.TryWrite(() =>
            {
                world._unanswered--;
                world.After(TimeSpan.FromMilliseconds(1 + world._random.Next(10)), told);
            });
        }
    }
}
