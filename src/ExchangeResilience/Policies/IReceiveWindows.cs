namespace ExchangeResilience;

/// <summary>How late the orders of a client may reach the exchange, which its other settings have to fit.</summary>
internal interface IReceiveWindows
{
    /// <summary>Null for a client that does not sign, and so does not ask what became of an order, or whose keys are faulty, of which the program is told elsewhere.</summary>
    TimeSpan? Of(string client);
}
