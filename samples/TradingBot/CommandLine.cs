using System.Globalization;
using Npgsql;

namespace TradingBot;

/// <summary>Reads the command line. One row per option; help and errors are made from the same rows.</summary>
internal static class CommandLine
{
    private const int MostOrders = 100_000;
    private const int MostParallel = 256;
    private const int MostMembers = 32;

    private const string Example = "Write, for example, \"Host=127.0.0.1;Database=trading;Username=bot;Password=...\".";

    // With a number behind it, still a client order id.
    private const int LongestName = 24;

    private static readonly Option[] All =
    [
        new("--exchange", "URL", static (options, value) => options with { Exchange = Address(value) },
            "Trade on this exchange, on the product's defaults, instead of showing the built-in one.",
            "The keys are taken from EXCHANGE_API_KEY and EXCHANGE_API_SECRET."),
        new("--orders", "N", static (options, value) => options with { Orders = Number("--orders", value, 1, MostOrders) },
            "How many orders to trade: order n is a MARKET BUY of n x 0.001 BTCUSDT.",
            "Default: 20 with --exchange, 240 with --fleet, else 200."),
        new("--first", "N", static (options, value) => options with { First = Number("--first", value, 1, MostOrders) },
            "The number of the first of them, for bots that share the work. Default: 1."),
        new("--parallel", "P", static (options, value) => options with { Parallel = Number("--parallel", value, 1, MostParallel) },
            "How many of them at a time.",
            "Default: 4 with --exchange and for each member of a fleet, else 16."),
        new("--seed", "S", static (options, value) => options with { Seed = Number("--seed", value, int.MinValue, int.MaxValue) },
            "Deals the faults of the built-in exchange and the bot's own pauses: the same seed, the same luck.",
            "Default: 1."),
        new("--profile", "NAME", static (options, value) => options with { Profile = Profiles.Find(value) },
            "What goes wrong at the built-in exchange while orders are traded: " + Profiles.Names + ".",
            $"Default: {Profiles.Default}. No effect with --exchange."),
        new("--journal", "FILE", static (options, value) => options with { Journal = File(value) },
            "Write every order down in this file before it leaves, so that its outcome survives a crash.",
            "What an earlier run left in doubt is settled first. Without --exchange: the orders of the last act."),
        new("--fleet", "N", static (options, value) => options with { Fleet = Number("--fleet", value, 2, MostMembers) },
            "Show a fleet: that many bots, each a process, at one exchange and with one database.",
            "One of them is told of a ban, and one is killed in the middle of its orders."),
        new("--state", "CONNECTION", static (options, value) => options with { State = Connection("--state", value) },
            "Share orders, verdicts and holds with other bots through this PostgreSQL database.",
            "Default: the variable EXCHANGE_STATE, which unlike an argument is not seen by other users.",
            "Without both, --fleet starts a server of its own for as long as it runs."),
        new("--report", null, static (options, _) => options with { Report = true },
            "Write how the run stands as a JSON line twice a second; trade when the line 'begin' comes on stdin, and stay",
            "a member of the fleet until the line 'end' does. Only with --exchange and --state."),
        new("--run", "NAME", static (options, value) => options with { Run = Name(value) },
            "What the ids of the orders start with. Started again with the same name and journal or database,",
            "within an hour, an interrupted run is taken up: what was executed is not sent again.",
            "Default: a fresh name. Only with --exchange and either --journal or --state."),
        new("--chaos-kill", null, static (options, _) => options with { ChaosKill = true },
            "Show a crash alone: a bot with a journal is killed in the middle of its orders and started again."),
        new("--json", null, static (options, _) => options with { Json = true },
            "Print nothing but the JSON line."),
        new("--help", null, static (options, _) => options with { Help = true },
            "Print this text."),
    ];

    public static string Help { get; } =
        $"""
        TradingBot trades through a typed HttpClient with ExchangeResilience.

        Usage: dotnet run --project samples/TradingBot -- [options]

        Without --exchange it starts a simulated exchange on a loopback port, shows one act per kind of trouble,
        then trades under faults and checks every act against the exchange's own book.
        With --fleet it shows bots that share a database.
        With --exchange it trades there; progress goes to stderr and one JSON line to stdout.

        {string.Join("\n", All.Select(static option => option.Describe()))}

        Exit codes
          0   everything intended was executed or clearly rejected, nothing is unknown, and every act passed
          1   something was not executed, is unknown, or an act failed
          2   the command line or the environment is wrong

        Examples
          dotnet run --project samples/TradingBot
          dotnet run --project samples/TradingBot -- --orders 50 --profile hostile --seed 7
          dotnet run --project samples/TradingBot -- --chaos-kill
          dotnet run --project samples/TradingBot -- --fleet 4
          EXCHANGE_API_KEY=... EXCHANGE_API_SECRET=... \
            dotnet run --project samples/TradingBot -- --exchange https://testnet.binancefuture.com --orders 5
        """;

    /// <param name="arguments">As they were written.</param>
    /// <param name="state">What EXCHANGE_STATE says; null where it is not set.</param>
    /// <exception cref="UsageException">An option is unknown, or its value is missing or wrong.</exception>
    public static Options Parse(IReadOnlyList<string> arguments, string? state)
    {
        var options = new Options();
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, value) = arguments[index].Split('=', 2) is [var left, var right] ? (left, right) : (arguments[index], null);
            var option = Array.Find(All, option => option.Name == name) ?? throw new UsageException(Unknown(name));
            if (option.Value is null)
            {
                options = value is null ? option.Apply(options, "") : throw new UsageException($"{name} takes no value, but was given '{value}'. Write {name} alone.");
                continue;
            }

            value ??= ++index < arguments.Count ? arguments[index] : throw new UsageException($"{name} lacks its value. Write {name} {option.Value}.");
            options = option.Apply(options, value);
        }

        return options is { State: null, Journal: null } and ({ Exchange: not null } or { Fleet: not null }) && state is { Length: > 0 }
            ? Checked(options with { State = Connection("EXCHANGE_STATE", state) })
            : Checked(options);
    }

    private static Options Checked(Options options) => options switch
    {
        { Fleet: not null, Exchange: not null } => throw new UsageException("--fleet has an exchange of its own. Leave out --exchange."),
        { Fleet: not null, ChaosKill: true } => throw new UsageException("--fleet kills a bot anyway. Leave out --chaos-kill."),
        { Fleet: not null, Journal: not null } => throw new UsageException("--fleet keeps its orders in a database. Write --state instead of --journal, or neither."),
        { Fleet: { } members, Orders: { } orders } when orders < members * FleetPlan.FewestOrders =>
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--orders '{orders}' is fewer than {FleetPlan.FewestOrders} for each member of --fleet {members}. Write, for example, --orders {members * 60}.")),
        { State: not null, Journal: not null } => throw new UsageException("--state keeps the orders in a database, --journal in a file. Leave out one of them."),
        { State: not null, Exchange: null, Fleet: null } => throw new UsageException("--state is what bots at one exchange share. Write --exchange or --fleet too, or leave it out."),
        { ChaosKill: true, Exchange: not null } => throw new UsageException("--chaos-kill has an exchange of its own. Leave out --exchange."),
        { Run: not null, Exchange: null } or { Run: not null, Journal: null, State: null } =>
            throw new UsageException("--run takes up what a journal holds of an exchange's orders. Write --exchange and --journal or --state too, or leave it out."),
        { First: not null, Exchange: null } => throw new UsageException("--first is for bots that share the work at an exchange. Write --exchange too, or leave it out."),
        { Report: true, Exchange: null } or { Report: true, State: null } => throw new UsageException("--report tells how a member of a fleet stands. Write --exchange and --state too, or leave it out."),
        _ => options,
    };

    private static string Unknown(string name)
    {
        var nearest = Array.Find(All, option => option.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase) || name.StartsWith(option.Name, StringComparison.OrdinalIgnoreCase));
        return $"'{name}' is no option. {(nearest is null ? "" : $"Did you mean {nearest.Name}? ")}--help lists all options.";
    }

    private static Uri Address(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" }
            ? address
            : throw new UsageException($"--exchange '{value}' is not the address of an exchange. Write scheme, host and port alone, for example --exchange http://127.0.0.1:8080.");

    private static string File(string value) =>
        value.Length > 0 ? value : throw new UsageException("--journal names no file. Write, for example, --journal orders.db.");

    // Said back, it could show a password.
    private static string Connection(string source, string value)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(value) is { Host.Length: > 0 }
                ? value
                : throw new UsageException($"{source} names no host (it is not shown, as it may hold a password). {Example}");
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw new UsageException($"{source} cannot be read (it is not shown, as it may hold a password). {Example}");
        }
    }

    private static string Name(string value) =>
        value.Length is > 0 and <= LongestName && value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? value
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--run '{value}' is not 1 to {LongestName} letters, digits, '-', '_' or '.'. Write, for example, --run monday."));

    private static int Number(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{name} '{value}' is not a whole number from {least} to {most}. Write, for example, {name} {Math.Max(least, 20)}."));

    private sealed record Option(string Name, string? Value, Func<Options, string, Options> Apply, params string[] About)
    {
        public string Describe() => $"  {Name + (Value is null ? "" : " " + Value),-18}  {string.Join("\n" + new string(' ', 22), About)}";
    }
}
