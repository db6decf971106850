namespace ExchangeResilience;

/// <summary>What a call of the application wants: a name, and the terms under which it is meant. Two of equal name and terms are the same wish.</summary>
internal readonly record struct Wish(OrderName Name, string Terms)
{
    public override int GetHashCode() => Name.GetHashCode();

    public static Wish Of(ExchangeOperation operation) => new(OrderName.Of(operation), operation.Fingerprint);
}
