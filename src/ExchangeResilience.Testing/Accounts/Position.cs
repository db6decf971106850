namespace ExchangeResilience.Testing;

/// <summary>What an account holds of one symbol, on one side.</summary>
internal sealed class Position(string symbol, string side)
{
    public string Symbol => symbol;

    public string Side => side;

    /// <summary>Positive when long.</summary>
    public decimal Quantity { get; private set; }

    public decimal EntryPrice { get; private set; }

    public decimal ExtraMargin { get; set; }

    public DateTimeOffset Updated { get; private set; }

    public decimal Margin(int leverage) => (Math.Abs(Quantity) * EntryPrice / leverage) + ExtraMargin;

    /// <summary>Whether an order with this sign and quantity only brings the position nearer to zero.</summary>
    public bool IsReducedBy(decimal signed) => Quantity != 0 && Math.Sign(Quantity) != Math.Sign(signed);

    /// <summary>Adds a fill and gives the profit it realised.</summary>
    public decimal Add(decimal signed, decimal price, DateTimeOffset at)
    {
        Updated = at;
        var closed = IsReducedBy(signed) ? Math.Min(Math.Abs(Quantity), Math.Abs(signed)) : 0;
        var profit = closed * Math.Sign(Quantity) * (price - EntryPrice);
        var left = Quantity + signed;
        if (left == 0)
        {
            EntryPrice = 0;
        }
        else if (closed == 0)
        {
            EntryPrice = ((Quantity * EntryPrice) + (signed * price)) / left;
        }
        else if (Math.Sign(left) != Math.Sign(Quantity))
        {
            EntryPrice = price;
        }

        Quantity = left;
        return profit;
    }
}
