namespace ExchangeResilience;

/// <summary>The policy matrix in force, for printing and for people on call.</summary>
public interface IExchangePolicies
{
    /// <summary>The effective rows of a client as a Markdown table, the user's overrides marked.</summary>
    /// <param name="clientName">The name of the HttpClient; for a typed client the name of its type.</param>
    /// <exception cref="ArgumentException">No client of that name has exchange error handling; the message names those that have.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The client's settings are faulty.</exception>
    string ToMarkdown(string clientName);
}
