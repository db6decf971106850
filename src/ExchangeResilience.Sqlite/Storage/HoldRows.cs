using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Sqlite;

/// <summary>Holds as they are in the file. A row that cannot be understood hides no other: a process that did not know the others would send into a ban.</summary>
internal static class HoldRows
{
    public const string Select = "SELECT environment, lane, scope, code, until_exchange_ms, until_ms, until_uptime_ms, boot FROM holds ORDER BY environment, lane, scope";

    /// <summary>Of a file that was made before the uptime was kept.</summary>
    public const string SelectWithoutUptimes = "SELECT environment, lane, scope, code, until_exchange_ms, until_ms, NULL, NULL FROM holds ORDER BY environment, lane, scope";

    private static readonly string UsualEgress = new ExchangeErrorHandlingOptions().EgressName;
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
    private static readonly long Longest = (long)TimeSpan.MaxValue.TotalMilliseconds / 2;

    /// <param name="rows">What one of the queries found.</param>
    /// <param name="logger">Gets a line for each hold that is not understood; null where another reader of the file logs that.</param>
    public static List<JournalHold> Read(SqliteDataReader rows, ILogger? logger = null)
    {
        var holds = new List<JournalHold>();
        while (rows.Read())
        {
            var hold = new JournalHold(
                rows.GetString(0), TrafficLane.Ip, rows.GetString(2), (int)Math.Clamp(rows.GetInt64(3), int.MinValue, int.MaxValue),
                rows.GetInt64(4), DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(rows.GetInt64(5), 0, Latest)))
            {
                UntilUptime = rows.IsDBNull(6) ? null : TimeSpan.FromMilliseconds(Math.Clamp(rows.GetInt64(6), 0, Longest)),
                Boot = rows.IsDBNull(7) ? null : rows.GetString(7),
            };
            var lane = rows.GetString(1);
            if (LaneOf(lane) is { } known)
            {
                holds.Add(hold with { Lane = known });
                continue;
            }

            // This version does not know which requests the lane stops; the address lane stops all of them.
            holds.Add(hold);
            if (hold.Scope != UsualEgress)
            {
                holds.Add(hold with { Scope = UsualEgress });
            }

            if (logger is not null)
            {
                JournalLog.UnknownLane(logger, lane, hold.Scope, hold.Until);
            }
        }

        return holds;
    }

    // By its name: a number is a name that this library does not know.
    private static TrafficLane? LaneOf(string name) => name switch
    {
        nameof(TrafficLane.Ip) => TrafficLane.Ip,
        nameof(TrafficLane.Orders) => TrafficLane.Orders,
        nameof(TrafficLane.Host) => TrafficLane.Host,
        _ => null,
    };
}
