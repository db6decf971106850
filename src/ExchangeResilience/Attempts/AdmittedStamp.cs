namespace ExchangeResilience;

/// <summary>The stamp of an attempt that the gate has let out. Signing takes time, and a hold or a stop that came meanwhile is meant for this attempt as well.</summary>
internal sealed class AdmittedStamp(AttemptSender sender, Call call, Admission admission) : AttemptStamp
{
    /// <summary>The attempt was signed too late for what the gate had granted, and has not left.</summary>
    public bool IsOutdated { get; private set; }

    public override bool MayLeave() => !(IsOutdated = !sender.MayStillLeave(call, admission));
}
