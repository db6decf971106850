namespace ExchangeResilience;

/// <summary>How unknown outcomes are settled.</summary>
public sealed class ReconciliationOptions
{
    /// <summary>
    /// How much longer than its receive window an order must stay absent before that counts as proof: assumption A1, that
    /// the exchange's queries lag by no more than this. Defaults to 10 s.
    /// </summary>
    public TimeSpan SettleMargin { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many answers of absence are needed at least. 3 to 20, defaults to 3.</summary>
    public int MinimumAbsences { get; set; } = 3;

    /// <summary>The first pause between two look-ups of one order; it doubles up to <see cref="MaxPause"/>. Defaults to 250 ms.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause between two look-ups while a caller waits. Defaults to 4 s.</summary>
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>When an absence is looked up again, counted from the verdict. Defaults to 1 and 10 min.</summary>
    public IList<TimeSpan> Rechecks { get; } = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    /// <summary>How long a verdict that no caller has fetched is kept. Defaults to 24 h. What is in doubt is kept without limit.</summary>
    public TimeSpan VerdictRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>When an order is written into the journal, where one is added. Defaults to <see cref="JournalMode.WriteAhead"/>.</summary>
    public JournalMode Journal { get; set; }

    /// <summary>
    /// How long after its verdict an order is still the same order to a later run of the program: sent again with the same id and parameters, it gets that
    /// verdict instead of being placed again. Needs a journal. Defaults to 1 h.
    /// </summary>
    public TimeSpan RepeatsAfterRestart { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many orders may be in doubt at once; further orders are refused before they are sent. Defaults to 10,000.</summary>
    public int MaxInDoubt { get; set; } = 10_000;
}
