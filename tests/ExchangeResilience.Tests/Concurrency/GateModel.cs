using System.Collections.Immutable;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>What a thread said to the gate, and was told.</summary>
internal abstract record GateCall
{
    /// <summary>What time it was when the call began.</summary>
    public long At { get; init; }
}

internal sealed record Entered(TrafficClass Class, int Weight, bool Granted, RefusalReason Reason, int Ticket) : GateCall;

/// <summary>The lane was open.</summary>
internal sealed record SawOpen : GateCall;

/// <summary>There was room, and it was taken.</summary>
internal sealed record TookRoom(TrafficClass Class, int Weight) : GateCall;

internal sealed record Left(int Ticket, bool Refused) : GateCall;

internal sealed record Closed(long AtLeast, bool Extended, long Remaining) : GateCall;

internal sealed record TimePassed(long Ticks) : GateCall;

/// <summary>A gate with one lane and one counter for one thread at a time, all within one rate window.</summary>
internal sealed record GateModel(long Start)
{
    public const int WeightLimit = 12;
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(15);

    private const int Unlimited = int.MaxValue;
    private const int RampEnd = 32;

    // The gate reads the time and then does something with it, and time may pass in between.
    private ImmutableArray<long> Times { get; init; } = [Start];

    public int Used { get; private init; }
    public int Capacity { get; private init; } = Unlimited;
    public int Opening { get; private init; }
    public int InFlight { get; private init; }
    public int Returned { get; private init; }
    public long Deadline { get; private init; } = long.MaxValue;
    public long Length { get; private init; }

    /// <summary>
    /// Who passes an open lane looks at the lane and takes room without a lock, and others may come between: the two are steps of their own. Whatever else is answered
    /// is answered at one moment.
    /// </summary>
    public static IEnumerable<Call<GateCall>> StepsOf(Call<GateCall> call) => call.Said is Entered { Granted: true, Ticket: 0 } entered
        ? [call with { Said = new SawOpen() }, call with { Said = new TookRoom(entered.Class, entered.Weight) }]
        : [call];

    public static IEnumerable<GateModel> Answer(GateModel gate, GateCall call) => call switch
    {
        SawOpen => gate.Capacity == Unlimited ? [gate] : [],
        TookRoom took => gate.HasRoom(took.Class, took.Weight) ? [gate with { Used = gate.Used + took.Weight }] : [],
        Entered entered => gate.TimesSince(call).SelectMany(now => gate.Enter(entered, now)),
        Left left => gate.TimesSince(call).Select(now => gate.Leave(left, now)),
        Closed closed => gate.TimesSince(call).SelectMany(now => gate.Close(closed, now)),
        TimePassed passed => [gate with { Times = gate.Times.Add(gate.Times[^1] + passed.Ticks) }],
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };

    private IEnumerable<long> TimesSince(GateCall call) => Times.Where(time => time >= call.At);

    private IEnumerable<GateModel> Enter(Entered call, long now)
    {
        var lane = Advance(now);
        var isStopped = lane.InFlight >= lane.Capacity;
        var isSpent = !lane.HasRoom(call.Class, call.Weight);
        if (isStopped || isSpent)
        {
            return !call.Granted && ((isStopped && call.Reason == RefusalReason.HeldIp) || (isSpent && call.Reason == RefusalReason.WeightSpent)) ? [lane] : [];
        }

        if (!call.Granted || lane.Capacity == Unlimited || call.Ticket != lane.Opening)
        {
            return [];
        }

        var back = now + ProbeTimeout.Ticks;
        return [lane with { Used = lane.Used + call.Weight, InFlight = lane.InFlight + 1, Deadline = lane.InFlight == 0 ? back : Math.Max(lane.Deadline, back) }];
    }

    private bool HasRoom(TrafficClass trafficClass, int weight) => weight == 0 || Used + weight <= WeightLimit * TrafficRule.Of(trafficClass).WeightPercent / 100;

    private GateModel Leave(Left call, long now)
    {
        if (call.Ticket == 0 || call.Ticket != Opening || Capacity is 0 or Unlimited)
        {
            return this;
        }

        if (call.Refused)
        {
            return Shut(now + Length);
        }

        var left = this with { InFlight = InFlight - 1, Returned = Returned + 1, Deadline = InFlight == 1 ? long.MaxValue : Deadline };
        return left.Returned >= Capacity ? left.Widen() : left;
    }

    // How much longer than told a hold lasts is drawn at random; the model takes the gate's word for that, but not for a shorter one.
    private IEnumerable<GateModel> Close(Closed call, long now)
    {
        var lane = Advance(now);
        var end = now + call.Remaining;
        if (call.Remaining < call.AtLeast)
        {
            return [];
        }

        if (!call.Extended)
        {
            return lane.Capacity == 0 && end == lane.Deadline ? [lane] : [];
        }

        return lane.Capacity == 0 && end <= lane.Deadline ? [] : [(lane with { Length = call.Remaining }).Shut(end)];
    }

    private GateModel Advance(long now) => (Capacity, now >= Deadline) switch
    {
        (Unlimited, _) or (_, false) => this,
        (0, true) => this with { Capacity = 1, Deadline = long.MaxValue },
        _ => (this with { Opening = Opening + 1, InFlight = 0, Deadline = long.MaxValue }).Widen(),
    };

    private GateModel Widen() => Capacity * 2 < RampEnd
        ? this with { Returned = 0, Capacity = Capacity * 2 }
        : this with { Returned = 0, Capacity = Unlimited, InFlight = 0, Deadline = long.MaxValue };

    private GateModel Shut(long deadline) => this with { Opening = Opening + 1, InFlight = 0, Returned = 0, Capacity = 0, Deadline = deadline };
}
