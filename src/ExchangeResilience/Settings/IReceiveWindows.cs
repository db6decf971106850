namespace ExchangeResilience;

/// <summary>How late the orders of a client may reach the exchange, which its other settings have to fit.</summary>
internal interface IReceiveWindows
{
    /// <summary>Null for a client that does not sign, and so does not look orders up, and for one whose signing settings are faulty, which their own validator reports.</summary>
    TimeSpan? Of(string client);
}
