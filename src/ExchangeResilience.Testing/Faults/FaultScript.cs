namespace ExchangeResilience.Testing;

/// <summary>The faults an exchange serves: those queued for particular requests first, then those of the plan.</summary>
public sealed class FaultScript
{
    private readonly Lock _gate = new();
    private readonly List<(Func<FaultContext, bool> Matches, Fault Fault)> _queue = [];
    private FaultPlan _plan = FaultPlan.None;

    private readonly IReadOnlyCollection<string> _served;

    /// <param name="served">Method and path of each endpoint.</param>
    internal FaultScript(IReadOnlyCollection<string> served) => _served = served;

    /// <summary>The plan that serves every request for which nothing is queued. Defaults to <see cref="FaultPlan.None"/>.</summary>
    public FaultPlan Plan
    {
        get => Volatile.Read(ref _plan);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref _plan, value);
        }
    }

    /// <summary>How many queued faults have not met their request yet.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Queues faults for the next requests to one endpoint, one each, in this order; <see cref="Fault.None"/> lets one pass.</summary>
    /// <param name="endpoint">Method and path, such as <c>POST /fapi/v1/order</c>. A <c>*</c> at the end matches any rest.</param>
    /// <param name="faults">The faults.</param>
    /// <exception cref="ArgumentException">The exchange serves no such endpoint; the message names those it serves. One of your own is named by a condition instead.</exception>
    public FaultScript Next(string endpoint, params Fault[] faults)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(endpoint);
        ArgumentNullException.ThrowIfNull(faults);

        var isPrefix = endpoint.EndsWith('*');
        var text = isPrefix ? endpoint[..^1] : endpoint;
        if (!_served.Any(IsMeant))
        {
            // A misspelt one would let a test pass that tests nothing.
            throw new ArgumentException(
                $"The simulated exchange does not serve '{endpoint}', and one of your own is named by Next(request => ..., faults); {Names.Suggest(endpoint, _served)}", nameof(endpoint));
        }

        return Next(request => IsMeant($"{request.Method} {request.Path}"), faults);

        bool IsMeant(string actual) => isPrefix ? actual.StartsWith(text, StringComparison.Ordinal) : string.Equals(actual, text, StringComparison.Ordinal);
    }

    /// <summary>Queues faults for the next requests that match, one each, in this order.</summary>
    /// <param name="matches">Which requests. The exchange serves nothing else meanwhile: it must be quick and must not call the exchange.</param>
    /// <param name="faults">The faults.</param>
    public FaultScript Next(Func<FaultContext, bool> matches, params Fault[] faults)
    {
        ArgumentNullException.ThrowIfNull(matches);
        ArgumentNullException.ThrowIfNull(faults);

        lock (_gate)
        {
            _queue.AddRange(faults.Select(fault => (matches, fault)));
        }

        return this;
    }

    /// <summary>Drops what is queued and the plan.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _queue.Clear();
            Plan = FaultPlan.None;
        }
    }

    internal Fault Choose(FaultContext request)
    {
        lock (_gate)
        {
            var index = _queue.FindIndex(entry => entry.Matches(request));
            if (index >= 0)
            {
                var fault = _queue[index].Fault;
                _queue.RemoveAt(index);
                return fault;
            }
        }

        return Plan.Choose(request) ?? Fault.None;
    }
}
