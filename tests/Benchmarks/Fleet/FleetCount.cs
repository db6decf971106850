namespace Benchmarks.Fleet;

/// <summary>What a server was asked.</summary>
/// <param name="RoundTrips">Exchanges of messages: one transaction each.</param>
/// <param name="Statements">Statements in them.</param>
/// <param name="ServerMs">How long those took, waits for locks included.</param>
internal readonly record struct FleetCount(double RoundTrips, double Statements, double ServerMs)
{
    public static FleetCount operator -(FleetCount one, FleetCount other) => new(one.RoundTrips - other.RoundTrips, one.Statements - other.Statements, one.ServerMs - other.ServerMs);
}
