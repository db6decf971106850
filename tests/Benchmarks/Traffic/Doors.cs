using System.Threading.RateLimiting;
using ExchangeResilience;

namespace Benchmarks.Traffic;

/// <summary>The ways to count a limit per minute that are compared. None is ever reached: what is measured is the counting, not the waiting.</summary>
internal static class Doors
{
    public const string Locked = "a counter under a lock";
    public const string Limiter = "FixedWindowRateLimiter";
    public const string Gate = "Gate: Enter and Leave";

    public static IDoor Open(string name) => name switch
    {
        Locked => new LockedDoor(),
        Limiter => new LimiterDoor(),
        _ => new GateDoor(),
    };

    /// <summary>The least that counts. It knows no holds, no waiters and no exchange's time.</summary>
    private sealed class LockedDoor : IDoor
    {
        private readonly Lock _lock = new();
        private long _started = TimeProvider.System.GetTimestamp();
        private int _used;
        private int _inFlight;

        public bool Pass()
        {
            lock (_lock)
            {
                if (TimeProvider.System.GetElapsedTime(_started) >= TimeSpan.FromMinutes(1))
                {
                    _started = TimeProvider.System.GetTimestamp();
                    _used = 0;
                }

                if (_used == int.MaxValue)
                {
                    return false;
                }

                _used++;
                _inFlight++;
            }

            lock (_lock)
            {
                _inFlight--;
            }

            return true;
        }

        public void Dispose()
        {
        }
    }

    private sealed class LimiterDoor : IDoor
    {
        private readonly FixedWindowRateLimiter _limiter = new(new FixedWindowRateLimiterOptions { PermitLimit = int.MaxValue, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 });

        public bool Pass()
        {
            using var lease = _limiter.AttemptAcquire();
            return lease.IsAcquired;
        }

        public void Dispose() => _limiter.Dispose();
    }

    private sealed class GateDoor : IDoor
    {
        private static readonly TrafficRequest Query = new(TrafficClass.Query, Weight: 1, Orders10s: 0, Orders1m: 0, new LimitSettings { WeightPerMinute = int.MaxValue });

        private readonly GateRegistry _traffic = new(TimeProvider.System, new Random(1));
        private readonly Gate _gate;

        public GateDoor() => _gate = _traffic.GateFor(new TrafficScope("live", "default", "fapi.binance.com", "account"));

        public bool Pass()
        {
            if (!_gate.TryEnter(Query, TimeProvider.System.GetTimestamp(), out var admission))
            {
                return false;
            }

            _gate.Leave(admission);
            return true;
        }

        public void Dispose() => _traffic.Dispose();
    }
}
