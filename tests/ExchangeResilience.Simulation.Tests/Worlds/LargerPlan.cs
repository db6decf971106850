using ExchangeResilience.Simulation.Tests.Actors;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>Makes a run of the larger world: fewer scripts, and actors beside them.</summary>
internal static class LargerPlan
{
    /// <summary>The client without a key, for requests that bring their own.</summary>
    public const string Gateway = nameof(Gateway);

    /// <summary>A client that keeps its own verdicts for no longer than a second.</summary>
    public const string Other = nameof(Other);

    private const int LastStart = 60_000;

    // Over a slow network nothing arrives in it, nor in the second that a reload may give an attempt.
    private static readonly TimeSpan ShortWindow = TimeSpan.FromSeconds(2);

    private const int MostActors = 9;

    public static WorldPlan Make(int seed, PlanKind kind, WorldSettings settings, IEnumerable<Script> scripts, IEnumerable<WorldEvent> events)
    {
        var dice = Dice.For(seed, "larger");
        var clients = MakeClients(dice);
        var configuration = new Dictionary<string, string>(settings.Configuration);
        if (dice.Chance(0.15))
        {
            configuration["Reconciliation:MaxInDoubt"] = "3";
        }

        if (dice.Chance(0.3))
        {
            (configuration["TotalTimeout"], configuration["AttemptTimeout"], configuration["SendBefore"]) = ("3s", "2s", "2s");
        }

        IReadOnlyList<WorldEvent> all = [.. events.Concat(MakeEvents(Dice.For(seed, "larger events"), clients)).Concat(MakeBadStart(Dice.For(seed, "bad start"))).OrderBy(static happening => happening.At)];

        // A crash forgets what such a journal does not hold yet, as is said of it.
        if (!all.Any(static happening => happening is Death or JournalFailure) && Dice.For(seed, "journal").Chance(0.3))
        {
            configuration["Reconciliation:Journal"] = nameof(JournalMode.OnUnknown);
        }

        var arrives = settings.RecvWindow > ShortWindow && !all.OfType<Reload>().Any(static reload => reload.Key == "AttemptTimeout");
        return new WorldPlan
        {
            Seed = seed,
            Kind = kind,
            Settings = settings with
            {
                Configuration = configuration,
                Latency = arrives && Dice.For(seed, "latency").Chance(0.15) ? Dice.For(seed, "long latency").Milliseconds(400, 800) * 2 : settings.Latency,
                Clients = clients,
                HasStream = dice.Chance(0.5),
                Flaky = dice.Chance(0.25) ? dice.Pick(PlugIn.Logger, PlugIn.Signer, PlugIn.EventHandler) : null,
            },
            Scripts = [.. scripts.Take(dice.Int(2, 5))],
            Actors =
            [
                .. Enumerable.Range(1, dice.Int(6, MostActors)).Select(number => MakeActor(Dice.For(seed, $"which actor {number}"), number)),
                .. MakeCrowd(Dice.For(seed, "crowd")),
                .. MakeMore(Dice.For(seed, "more actors")),
                .. MakeStandby(Dice.For(seed, "standby"), configuration),
            ],
            Events = all,
        };
    }

    private static Actor MakeActor(Dice dice, int number)
    {
        var startAt = dice.Milliseconds(0, LastStart);
        return dice.Int(1, 16) switch
        {
            1 or 2 => new TwoCallers(number, startAt),
            3 or 15 => new RestlessCaller(number, startAt),
            4 => new AmendSequence(number, startAt),
            5 => new StopBesideEntry(number, startAt),
            6 => new HurriedStop(number, startAt),
            7 => new Tenants(number, startAt),
            8 => new MarginAdder(number, startAt),
            9 => new CancelsAll(number, startAt),
            10 => new CancelsMany(number, startAt),
            11 => new Closer(number, startAt),
            12 or 13 => new GridTrader(number, startAt),
            _ => new SteadyTrader(number, startAt),
        };
    }

    private static IEnumerable<Actor> MakeCrowd(Dice dice) => dice.Chance(0.04) ? [new Crowd(MostActors + 1, dice.Milliseconds(0, LastStart))] : [];

    private static IEnumerable<Actor> MakeMore(Dice dice)
    {
        if (dice.Chance(0.15))
        {
            yield return new TwoMarkets(MostActors + 2, dice.Milliseconds(0, LastStart));
        }

        if (dice.Chance(0.15))
        {
            yield return new Replacer(MostActors + 3, dice.Milliseconds(0, LastStart));
        }

        if (dice.Chance(0.2))
        {
            yield return new OnCall(MostActors + 5, dice.Milliseconds(0, LastStart));
        }

        if (dice.Chance(0.2))
        {
            yield return new IdReuser(MostActors + 6, dice.Milliseconds(0, LastStart));
        }

        if (dice.Chance(0.3))
        {
            yield return new Repeater(MostActors + 7, dice.Milliseconds(0, LastStart));
        }
    }

    /// <summary>None where an order that is on its way does not stand in the journal yet, and so does not stand in the way of another process.</summary>
    private static IEnumerable<Actor> MakeStandby(Dice dice, Dictionary<string, string> configuration) =>
        dice.Chance(0.2) && !configuration.ContainsKey("Reconciliation:Journal") ? [new Standby(MostActors + 4, dice.Milliseconds(0, LastStart))] : [];

    private static List<ClientWanted> MakeClients(Dice dice)
    {
        var clients = new List<ClientWanted> { new(Road.Plain), new(Gateway, Road.Plain) { Signs = false, Settings = new Dictionary<string, string> { ["Account"] = "of each request" } } };
        ReadOnlySpan<Road> roads = [Road.Resend, Road.Clone, Road.Hedge, Road.Standard, Road.Queue, Road.Failover, Road.Facade];
        foreach (var road in roads)
        {
            if (dice.Chance(road == Road.Standard ? 0.8 : 0.4))
            {
                clients.Add(new ClientWanted(road));
            }
        }

        if (clients.Exists(static client => client.Road == Road.Failover))
        {
            clients.Add(new ClientWanted(PlanMaker.Backup, Road.Plain) { Host = new Uri("https://fapi-backup.simulated.test"), Address = "127.0.0.2" });
        }

        if (dice.Chance(0.5))
        {
            clients.Add(new ClientWanted(Other, Road.Plain) { Settings = new Dictionary<string, string> { ["Reconciliation:VerdictRetention"] = "1s" } });
        }

        return clients;
    }

    private static IEnumerable<WorldEvent> MakeEvents(Dice dice, List<ClientWanted> clients)
    {
        if (dice.Chance(0.25))
        {
            yield return new Death(At(dice), dice.Milliseconds(1, 20_000), dice.Chance(0.3) ? dice.Milliseconds(-60_000, 60_000) : TimeSpan.Zero) { RotatesKey = dice.Chance(0.6), RenamesClients = dice.Chance(0.5) };
        }

        if (dice.Chance(0.3))
        {
            var (key, value) = dice.Pick(
                ("Account", "desk"), ("Account", "house"), ("Environment", "live"), ("ClientOrderIdPrefix", "yy-"), 
                ("Reconciliation:SettleMargin", "12s"), ("Reconciliation:MaxInDoubt", "5"), ("MaxWait", "1s"), ("Clock:ResyncInterval", "1m"), ("Mode", "Banana"));
            yield return new Reload(At(dice), key, value, dice.Chance(0.5) ? null : clients[dice.Int(0, clients.Count - 1)].Name);
        }

        if (dice.Chance(0.2))
        {
            yield return new JournalHang(At(dice), dice.Milliseconds(500, 120_000), dice.Chance(0.5));
        }

        if (dice.Chance(0.3))
        {
            yield return new Outage(
                At(dice),
                dice.Milliseconds(500, 60_000),
                dice.Pick(OutageKind.Refused, OutageKind.NetworkUnreachable, OutageKind.HostUnreachable, OutageKind.NoName, OutageKind.ProxyRefuses, OutageKind.Portal, OutageKind.Portal, OutageKind.Portal));
        }

        if (dice.Chance(0.3))
        {
            yield return new QueryFailure(At(dice), dice.Milliseconds(5_000, 90_000));
        }

        for (var ends = dice.Pick(0, 0, 1, 2); ends > 0; ends--)
        {
            yield return new ExchangeEnds(At(dice), dice.Next(), dice.Pick("EXPIRED", "CANCELED"));
        }
    }

    /// <summary>A process that starts and cannot write to its journal at first.</summary>
    private static IEnumerable<WorldEvent> MakeBadStart(Dice dice)
    {
        if (dice.Chance(0.06))
        {
            var at = At(dice);
            yield return new Death(at, dice.Milliseconds(1, 20_000), TimeSpan.Zero);
            yield return new JournalFailure(at, dice.Int(1, 8));
        }
    }

    private static TimeSpan At(Dice dice) => dice.Milliseconds(0, LastStart + 15_000);
}
