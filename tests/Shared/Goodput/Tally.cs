using ExchangeResilience.Testing;

namespace ExchangeResilience.Goodput;

/// <summary>A ban, on the clock that began with the run.</summary>
internal readonly record struct Ban(TimeSpan From, TimeSpan Until);

/// <summary>What the exchange saw of one client, second by second.</summary>
internal sealed class Tally
{
    private const int SecondsPerMinute = 60;

    private Tally(int seconds) => (Served, Refused, Banned) = (new int[seconds], new int[seconds], new int[seconds]);

    /// <summary>Requests served.</summary>
    public int[] Served { get; }

    /// <summary>Requests refused with 429.</summary>
    public int[] Refused { get; }

    /// <summary>Requests refused with 418.</summary>
    public int[] Banned { get; }

    /// <summary>The times the address was banned, cut at the end of the run.</summary>
    public IReadOnlyList<Ban> Bans { get; private set; } = [];

    /// <summary>Requests that were answered otherwise: neither served nor over a limit.</summary>
    public int Other { get; private set; }

    /// <summary>The weight served, of what the limit allows.</summary>
    public double WeightShare { get; private set; }

    /// <summary>The orders placed, of what the limits allow.</summary>
    public double OrderShare { get; private set; }

    public int Sent => Served.Sum() + Refused.Sum() + Banned.Sum() + Other;

    public TimeSpan TimeBanned => TimeSpan.FromTicks(Bans.Sum(static ban => (ban.Until - ban.From).Ticks));

    /// <summary>Adds up the whole minutes of a run that began with the exchange.</summary>
    public static Tally Of(SimulatedExchange exchange, TimeSpan length)
    {
        var options = exchange.Options;
        var tally = new Tally((int)length.TotalSeconds);
        var (weight, orders) = (0, 0);
        var bans = new List<Ban>();
        foreach (var request in exchange.Requests.Where(request => request.Elapsed < length))
        {
            var second = (int)request.Elapsed.TotalSeconds;
            switch (request.Status)
            {
                case 200:
                    tally.Served[second]++;

                    // Placing an order weighs nothing; all else that the callers and the middleware ask for weighs 1.
                    if (request.Method == "POST")
                    {
                        orders++;
                    }
                    else
                    {
                        weight++;
                    }

                    break;
                case 429:
                    tally.Refused[second]++;
                    break;
                case 418:
                    tally.Banned[second]++;
                    if (bans is [] || request.Elapsed >= bans[^1].Until)
                    {
                        bans.Add(new Ban(request.Elapsed, request.Elapsed + (options.FirstBan * Math.Pow(2, bans.Count))));
                    }

                    break;
                default:
                    tally.Other++;
                    break;
            }
        }

        var minutes = length.TotalMinutes;
        tally.WeightShare = weight / (options.WeightPerMinute * minutes);
        tally.OrderShare = orders / (options.OrdersPerMinute * minutes);
        tally.Bans = [.. bans.Select(ban => ban with { Until = ban.Until < length ? ban.Until : length })];
        return tally;
    }

    /// <summary>A count summed up from the start of each minute, as the exchange sums up what it limits.</summary>
    public static int[] SinceTheMinuteBegan(int[] perSecond)
    {
        var sums = new int[perSecond.Length];
        for (var second = 0; second < sums.Length; second++)
        {
            sums[second] = perSecond[second] + (second % SecondsPerMinute == 0 ? 0 : sums[second - 1]);
        }

        return sums;
    }
}
