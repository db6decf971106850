namespace ExchangeResilience;

/// <summary>What a message was read as when its call began. Most messages come to be sent as they were then, and are not read again.</summary>
/// <param name="Address">Where it goes, with its query.</param>
/// <param name="Form">Its content, where that is a form.</param>
/// <param name="SignsHere">Whether it is stamped and signed by this library.</param>
/// <param name="Operation">What it asks for.</param>
/// <param name="Items">The items of a batch; null where it is none, or its items cannot be read.</param>
internal sealed record ReadMessage(Uri Address, string? Form, bool SignsHere, ExchangeOperation Operation, BatchItems? Items)
{
    public Wish[] Wishes { get; } = Items is null ? [Wish.Of(Operation)] : [.. Items.Items.Select(static item => Wish.Of(item.Operation)).Distinct()];

    /// <summary>Whether a message would be read as this one was.</summary>
    public bool IsOf(HttpRequestMessage request, string? form, bool signsHere, ExchangeEndpoint endpoint) =>
        ReferenceEquals(Address, request.RequestUri) && string.Equals(Form, form, StringComparison.Ordinal) && SignsHere == signsHere && ReferenceEquals(Operation.Endpoint, endpoint);
}
