namespace ExchangeResilience.Testing;

/// <summary>What the accounts held of a contract at some time: what they hold now, without what they have bought and sold since.</summary>
internal static class HeldPositions
{
    public static decimal At(MatchingEngine engine, Instrument instrument, DateTimeOffset time)
    {
        var since = (
            from order in engine.Orders
            where order.Draft.Instrument == instrument
            from execution in order.Executions
            where execution.Time > time
            select (order.Account, Side: order.Draft.PositionSide, Signed: order.Draft.Sign * execution.Quantity)).ToLookup(static fill => (fill.Account, fill.Side), static fill => fill.Signed);
        return engine.Accounts.Sum(account => account.Positions.Where(position => position.Symbol == instrument.Name).Sum(position => Math.Max(0, position.Quantity - since[(account, position.Side)].Sum())));
    }
}
