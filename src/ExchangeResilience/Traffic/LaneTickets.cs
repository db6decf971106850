using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>For each lane of the path: 0, or the number of the reopening this request is a probe of.</summary>
[InlineArray(Length)]
internal struct LaneTickets
{
    public const int Length = 3;
    private int _first;

    public readonly bool Any => (this[0] | this[1] | this[2]) != 0;
}
