using System.Text.Json.Serialization;
using ExchangeResilience.Testing;

namespace TradingDesk;

/// <summary>What the visitor's sliders say. Shares are percent of the orders placed.</summary>
internal sealed record Trouble
{
    /// <summary>Orders and queries the bot begins each second.</summary>
    public double Rate { get; init; } = 4;

    /// <summary>Executed, and the reply says that nobody knows (503 with -1007).</summary>
    public double Unknown { get; init; } = 4;

    /// <summary>Executed, and the connection is reset.</summary>
    public double Lost { get; init; } = 4;

    /// <summary>Lost on the way, not executed.</summary>
    public double NeverArrived { get; init; } = 1;

    /// <summary>Refused, the exchange sheds load (503 with -1008).</summary>
    public double Overloaded { get; init; } = 5;

    /// <summary>Refused, too many requests (429 with -1003).</summary>
    public double TooMany { get; init; }

    /// <summary>Refused for a wrong symbol (400 with -1121).</summary>
    public double Rejected { get; init; } = 2;

    /// <summary>Seconds until the exchange shows an order to queries.</summary>
    public double QueryLag { get; init; } = 1;

    public Trouble Bounded() => this with
    {
        Rate = Math.Clamp(Rate, 0, 50),
        Unknown = Share(Unknown),
        Lost = Share(Lost),
        NeverArrived = Share(NeverArrived),
        Overloaded = Share(Overloaded),
        TooMany = Share(TooMany),
        Rejected = Share(Rejected),
        QueryLag = Math.Clamp(QueryLag, 0, 9),
    };

    // Six of them at their most are still fewer than all orders.
    private static double Share(double percent) => Math.Clamp(percent, 0, 16);
}

/// <summary>What the bot has seen so far.</summary>
internal sealed record Tally(long Begun, long Done, long NotExecuted, long Unknown);

/// <summary>Lets the exchange fail as the sliders say.</summary>
internal sealed class Troublemaker
{
    private readonly SimulatedExchange _exchange;
    private readonly int _seed;
    private Trouble _trouble = new();

    public Troublemaker(SimulatedExchange exchange, int seed)
    {
        _exchange = exchange;
        _seed = seed;
        exchange.Faults.Plan = FaultPlan.Custom(Choose);
        Set(_trouble);
    }

    public Trouble Current => Volatile.Read(ref _trouble);

    public void Set(Trouble trouble)
    {
        var bounded = trouble.Bounded();
        Volatile.Write(ref _trouble, bounded);
        _exchange.Options.QueryLag = TimeSpan.FromSeconds(bounded.QueryLag);
    }

    public bool Cause(string accident)
    {
        switch (accident)
        {
            case "ban":
                _exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Ban(TimeSpan.FromSeconds(20)));
                return true;
            case "lose":
                _exchange.Faults.Next(static request => request.IsPlace && !request.Parameters.ContainsKey("reduceOnly"), Fault.DropBeforeExecute);
                return true;
            case "clock":
                _exchange.Clock.Step(TimeSpan.FromSeconds(-8));
                return true;
            default:
                return false;
        }
    }

    private Fault? Choose(FaultContext request)
    {
        if (!request.IsPlace)
        {
            return null;
        }

        var trouble = Current;
        var draw = request.Draw(_seed) * 100;
        ReadOnlySpan<(double Share, Fault Fault)> shares =
        [
            (trouble.Unknown, Fault.ExecutedTimeout503),
            (trouble.Lost, Fault.ExecuteThenDrop),
            (trouble.NeverArrived, Fault.DropBeforeExecute),
            (trouble.Overloaded, Fault.Unavailable),
            (trouble.TooMany, Fault.TooManyRequests(TimeSpan.FromSeconds(2))),
            (trouble.Rejected, Fault.RefuseWithCode(400, -1121, "Invalid symbol.")),
        ];
        foreach (var (share, fault) in shares)
        {
            if ((draw -= share) < 0)
            {
                return fault;
            }
        }

        return null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Trouble))]
[JsonSerializable(typeof(Tally))]
internal sealed partial class DeskJson : JsonSerializerContext;
