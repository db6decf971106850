namespace ExchangeResilience;

internal sealed class ExchangePolicies(ClientSettingsRegistry settings) : IExchangePolicies
{
    public string ToMarkdown(string clientName) => settings.For(clientName).Current.Matrix.ToMarkdown();
}
