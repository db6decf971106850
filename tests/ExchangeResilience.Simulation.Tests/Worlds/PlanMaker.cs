using System.Globalization;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>Makes a run from a seed.</summary>
internal static class PlanMaker
{
    /// <summary>The client of another host of the same market.</summary>
    public const string Backup = nameof(Backup);

    private const decimal Step = 0.001m;
    private static readonly TimeSpan LongestActivity = TimeSpan.FromSeconds(75);

    public static WorldPlan Make(int seed, PlanKind kind)
    {
        var settings = MakeSettings(Dice.For(seed, "settings"), kind);
        return kind.IsLarger() ? LargerPlan.Make(seed, kind, settings, MakeScripts(seed, settings), MakeEvents(Dice.For(seed, "events"), kind)) : new WorldPlan
        {
            Seed = seed,
            Kind = kind,
            Settings = settings,
            Scripts = [.. MakeScripts(seed, settings)],
            Events = [.. MakeEvents(Dice.For(seed, "events"), kind).OrderBy(static happening => happening.At)],
        };
    }

    private static WorldSettings MakeSettings(Dice dice, PlanKind kind)
    {
        var margin = TimeSpan.FromSeconds(dice.Pick(6, 8, 10, 10, 10));
        var recvWindow = TimeSpan.FromMilliseconds(dice.Pick(500, 2_000, 5_000, 5_000, 5_000));
        var isRough = dice.Chance(0.7);
        var configuration = new Dictionary<string, string>
        {
            ["Reconciliation:SettleMargin"] = Seconds(margin),
            ["Reconciliation:MinimumAbsences"] = dice.Pick("3", "3", "5"),
            ["TotalTimeout"] = dice.Pick("12s", "20s", "30s", "30s"),
            ["AttemptTimeout"] = dice.Pick("2s", "5s", "8s"),
            ["SendBefore"] = dice.Pick("1s", "5s", "5s", "11s"),
            ["AfterProvenAbsent"] = dice.Pick("Report", "Report", "Resend"),
            ["ThrowOnError"] = dice.Pick("false", "true"),
            ["Limits:PaceBeforeLimit"] = dice.Pick("true", "true", "false"),
        };
        return new WorldSettings
        {
            Callers = dice.Int(2, 6),
            Latency = dice.Milliseconds(1, 60) * 2,
            EngineDelay = dice.Chance(0.3) ? dice.Milliseconds(1, 60) : TimeSpan.Zero,
            ExchangeSkew = dice.Milliseconds(-40_000, 40_000),
            WallOffset = dice.Chance(0.2) ? dice.Milliseconds(-90_000, 90_000) : TimeSpan.Zero,

            // The exchange's own clock may step forward by up to 3 s, which hurries the evidence window as much as a longer lag would.
            LongestQueryLag = !kind.LagsWithinA1() ? TimeSpan.FromSeconds(dice.Int(20, 300)) : dice.Chance(0.8) ? margin - TimeSpan.FromSeconds(3) : TimeSpan.Zero,
            LongestChangeLag = dice.Chance(0.5) ? margin - TimeSpan.FromSeconds(3) : TimeSpan.Zero,
            FaultsPerOrder = isRough ? 0.45 : 0.15,
            FaultsPerQuestion = isRough ? 0.15 : 0.03,
            PausesPerAttempt = dice.Chance(0.5) ? 0.1 : 0,
            RecvWindow = recvWindow,
            JournalDelay = dice.Chance(0.7) ? dice.Milliseconds(1, 30) : TimeSpan.Zero,
            OrdersPer10Seconds = dice.Chance(0.15) ? dice.Int(5, 20) : 300,
            Configuration = configuration,
        };
    }

    private static IEnumerable<Script> MakeScripts(int seed, WorldSettings settings)
    {
        var number = 0;
        var quantities = 0;
        var count = Dice.For(seed, "scripts").Int(24, 40);
        for (var index = 0; index < count; index++)
        {
            var dice = Dice.For(seed, string.Create(CultureInfo.InvariantCulture, $"script {index}"));
            var caller = index % settings.Callers;
            var startAfter = dice.Chance(0.5) ? dice.Milliseconds(0, 300) : dice.Milliseconds(0, 3_000);
            yield return dice.Chance(0.2)
                ? MakeBatch(dice, caller, startAfter, ref number, ref quantities)
                : MakeOrder(dice, caller, startAfter, ++number, ref quantities);
        }
    }

    private static OrderScript MakeOrder(Dice dice, int caller, TimeSpan startAfter, int number, ref int quantities)
    {
        var order = MakeTerms(dice, number, ref quantities);
        var amends = new List<AmendWanted>();
        var cancel = default(CancelWanted);
        if (order is { Type: "LIMIT", Namesake: Namesake.None })
        {
            for (var count = dice.Pick(0, 0, 1, 2); count > 0; count--)
            {
                amends.Add(new AmendWanted(dice.Milliseconds(0, 2_000), PriceOf(order.Side, number + (1000 * count)), ++quantities * Step, MakeManner(dice, mayCancel: true)));
            }

            if (dice.Chance(0.5))
            {
                var early = order.Id is not null && dice.Chance(0.4);
                cancel = new CancelWanted(dice.Milliseconds(0, early ? 6_000 : 2_000), early, MakeManner(dice, mayCancel: false, Road.Plain, Road.Resend, Road.Clone));
            }
        }

        return new OrderScript(caller, startAfter, order, MakeManner(dice, mayCancel: true), amends, cancel);
    }

    private static BatchScript MakeBatch(Dice dice, int caller, TimeSpan startAfter, ref int number, ref int quantities)
    {
        var orders = new List<OrderTermsWanted>();
        var amendments = new List<AmendWanted>();
        for (var count = dice.Int(2, 5); count > 0; count--)
        {
            var order = MakeTerms(dice, ++number, ref quantities);
            orders.Add(order);
            amendments.Add(new AmendWanted(TimeSpan.Zero, PriceOf(order.Side, number + 1000), ++quantities * Step, MakeManner(dice, mayCancel: false)));
        }

        return new BatchScript(
            caller,
            startAfter,
            orders,
            MakeManner(dice, mayCancel: true, Road.Plain, Road.Plain, Road.Resend, Road.Clone),
            dice.Chance(0.3) ? MakeManner(dice, mayCancel: true, Road.Plain, Road.Resend, Road.Clone) : null,
            dice.Chance(0.4) ? MakeManner(dice, mayCancel: false, Road.Plain, Road.Resend, Road.Clone) : null)
        {
            Amendments = amendments,
        };
    }

    private static OrderTermsWanted MakeTerms(Dice dice, int number, ref int quantities)
    {
        var side = dice.Pick("BUY", "SELL");
        var isMarket = dice.Chance(0.5);
        var id = dice.Chance(0.8) ? string.Create(CultureInfo.InvariantCulture, $"i-{number}") : null;
        var namesake = id is not null && dice.Chance(0.15) ? dice.Pick(Namesake.EqualAndFilled, Namesake.EqualAndFilled, Namesake.Cancelled, Namesake.Other, Namesake.Open) : Namesake.None;
        if (namesake is Namesake.EqualAndFilled)
        {
            isMarket = true;
        }

        return new OrderTermsWanted
        {
            Number = number,
            Symbol = "BTCUSDT",
            Side = side,
            Type = isMarket ? "MARKET" : "LIMIT",
            TimeInForce = isMarket ? null : dice.Pick("GTC", "GTC", "GTC", "GTC", "IOC", "GTX", "FOK"),
            Price = isMarket ? null : PriceOf(side, number),
            Quantity = ++quantities * Step,
            Id = id,
            Namesake = namesake,
        };
    }

    private static decimal PriceOf(string side, int number) => side == "BUY" ? 40_000m + (number * 0.1m) : 60_000m - (number * 0.1m);

    private static Manner MakeManner(Dice dice, bool mayCancel) => MakeManner(dice, mayCancel, Road.Plain, Road.Plain, Road.Resend, Road.Clone, Road.Hedge);

    private static Manner MakeManner(Dice dice, bool mayCancel, params ReadOnlySpan<Road> roads) => new(
        dice.Pick(roads),
        dice.Chance(0.3),
        dice.Pick(1, 3, 6),
        dice.Chance(0.5) ? dice.Milliseconds(10, 500) : dice.Milliseconds(500, 8_000),
        mayCancel && dice.Chance(0.2) ? dice.Milliseconds(0, dice.Pick(200, 8_000)) : null,
        dice.Chance(0.3));

    private static IEnumerable<WorldEvent> MakeEvents(Dice dice, PlanKind kind)
    {
        for (var deaths = dice.Chance(0.45) ? dice.Int(1, 3) : 0; deaths > 0; deaths--)
        {
            yield return new Death(At(dice), dice.Chance(0.5) ? dice.Milliseconds(1, 500) : dice.Milliseconds(500, 40_000), dice.Chance(0.2) ? dice.Milliseconds(-60_000, 60_000) : TimeSpan.Zero);
        }

        for (var steps = dice.Pick(0, 0, 1, 2); steps > 0; steps--)
        {
            yield return new WallStep(At(dice), dice.Chance(0.5) ? dice.Milliseconds(-2_000, 2_000) : dice.Milliseconds(-90_000, 90_000));
        }

        if (dice.Chance(0.3))
        {
            yield return dice.Chance(0.5) ? new ExchangeStep(At(dice), dice.Milliseconds(1, kind.LagsWithinA1() ? 2_900 : 20_000)) : new ExchangeStep(At(dice), -dice.Milliseconds(1, 800));
        }

        for (var reloads = dice.Pick(0, 0, 1, 3); reloads > 0; reloads--)
        {
            var (key, value) = dice.Pick(
                ("TotalTimeout", "15s"), ("TotalTimeout", "banana"), ("SendBefore", "2s"), ("AfterProvenAbsent", "Resend"), ("AfterProvenAbsent", "Report"), ("AttemptTimeout", "1s"),
                ("ThrowOnError", "true"), ("Policies:-1001:Execution", "Unknown"), ("Policies:Transport:MaxAttempts", "1"), ("Reconciliation:FirstPause", "1s"), ("Limits:OrdersPer10Seconds", "40"));
            yield return new Reload(At(dice), key, value);
        }

        for (var moves = dice.Pick(0, 1, 2, 4); moves > 0; moves--)
        {
            yield return new PriceMove(At(dice), "BTCUSDT", 38_000m + dice.Int(0, 24_000));
        }

        for (var fills = dice.Pick(0, 1, 3); fills > 0; fills--)
        {
            yield return new PartFill(At(dice), dice.Next());
        }

        if (dice.Chance(0.25))
        {
            yield return new JournalFailure(At(dice), dice.Int(1, 6));
        }
    }

    private static TimeSpan At(Dice dice) => LongestActivity * (dice.Next() * dice.Next());

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalSeconds}s");
}
