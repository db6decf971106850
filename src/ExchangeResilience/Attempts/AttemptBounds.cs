namespace ExchangeResilience;

/// <summary>The timestamps that an attempt may have, and the time in which it can take effect.</summary>
internal static class AttemptBounds
{
    /// <summary>Whether an attempt of the call is stamped and signed by this library.</summary>
    public static bool IsSignedHere(Call call) => call.Route.CanSign && call.Operation.Endpoint.Security == EndpointSecurity.Signature;

    /// <summary>The latest timestamp that the attempt can have: it is set only when it is signed.</summary>
    public static JournalAttempt PromiseOf(Call call, long now) => IsSignedHere(call)
        ? new JournalAttempt(call.Route.Clock.ReadAt(now).StampMs, call.NoStampAfterMsAt(now), call.Operation.ForeignRecvWindowMs ?? call.Client.RecvWindowMs)
        : ForeignAttempt(call);

    /// <summary>The time in which an attempt can take effect; null as long as it has no timestamp, or where it never gets one.</summary>
    public static AttemptWindow? WindowOf(Call call, AttemptStamp? stamp) =>
        stamp is not null ? (stamp.Stamped ? new AttemptWindow(stamp.StampMs, stamp.RecvWindowMs) : null)
        : ForeignAttempt(call) is { NoStampAfterMs: not long.MaxValue } foreign ? new AttemptWindow(foreign.NotBeforeMs, foreign.RecvWindowMs)
        : null;

    /// <summary>An attempt that the caller signed: its stamp is known, or nothing bounds it.</summary>
    private static JournalAttempt ForeignAttempt(Call call) => call.Operation.ForeignStampMs is { } foreign
        ? new JournalAttempt(foreign, foreign, call.Operation.ForeignRecvWindowMs ?? call.Options.Venue.DefaultRecvWindowMs)
        : new JournalAttempt(0, long.MaxValue, 0);
}
