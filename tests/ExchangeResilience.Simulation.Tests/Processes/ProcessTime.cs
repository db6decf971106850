using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>The clocks of one machine: its wall clock is its own, and once its process is dead no timer of it fires any more.</summary>
internal sealed class ProcessTime(ManualTimeProvider world, TimeSpan wallOffset) : TimeProvider
{
    private TimeSpan _wallOffset = wallOffset;

    public bool IsDead { get; private set; }

    public TimeSpan WallOffset => _wallOffset;

    public override long TimestampFrequency => world.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public void Die() => IsDead = true;

    public void StepWall(TimeSpan step) => _wallOffset += step;

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow() + _wallOffset;

    public override long GetTimestamp() => world.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => world.CreateTimer(
        given =>
        {
            if (!IsDead)
            {
                callback(given);
            }
        },
        state,
        dueTime,
        period);
}
