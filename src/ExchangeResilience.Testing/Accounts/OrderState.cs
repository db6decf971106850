namespace ExchangeResilience.Testing;

/// <summary>What can change of an order.</summary>
internal readonly record struct OrderState(decimal Price, decimal Quantity, decimal Executed, decimal Quote, string Status, DateTimeOffset Updated, int Amendments)
{
    public bool IsOpen => Status is "NEW" or "PARTIALLY_FILLED";

    public decimal AveragePrice => Executed == 0 ? 0 : Quote / Executed;
}
