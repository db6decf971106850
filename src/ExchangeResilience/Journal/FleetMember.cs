namespace ExchangeResilience;

/// <summary>One process of the fleet.</summary>
/// <param name="Id">Under which it holds entries.</param>
/// <param name="Name">Its name for people: by default the machine's and the process's number.</param>
/// <param name="Uptime">How long it has been a member.</param>
/// <param name="LeaseLeft">What is left of its lease; not positive once others may take over what it holds.</param>
/// <param name="Unfinished">How many entries it holds.</param>
internal sealed record FleetMember(string Id, string Name, TimeSpan Uptime, TimeSpan LeaseLeft, int Unfinished);
