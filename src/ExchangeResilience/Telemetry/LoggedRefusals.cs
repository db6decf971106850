namespace ExchangeResilience;

/// <summary>The refusals of one client that are in the log at Information. A strategy without margin has every order refused: one line a minute says so, and the next one how many there were between.</summary>
internal sealed class LoggedRefusals(TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _sync = new();
    private readonly Dictionary<(int Code, string Name), Row> _rows = [];

    /// <summary>Whether this is the first with its code for a minute.</summary>
    public bool IsNews(ExchangeError error, out MoreAlike more)
    {
        // Codes that no table lists are as many as an exchange cares to send, and have one name.
        var about = (error.Name == ReplyErrors.UnlistedCode ? 0 : error.Code, error.Name);
        lock (_sync)
        {
            if (_rows.TryGetValue(about, out var row) && time.GetElapsedTime(row.LoggedAt) < Quiet)
            {
                _rows[about] = row with { Count = row.Count + 1 };
                more = default;
                return false;
            }

            more = new MoreAlike(row.Count, row.Since);
            _rows[about] = new Row(time.GetTimestamp(), time.GetUtcNow(), 0);
            return true;
        }
    }

    /// <summary>When the code was last logged at Information, and how many refusals have come since.</summary>
    private readonly record struct Row(long LoggedAt, DateTimeOffset Since, int Count);
}
