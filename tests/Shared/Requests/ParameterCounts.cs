namespace ExchangeResilience;

/// <summary>How often a request has a parameter; the exchange refuses more than one of a name (-1101).</summary>
internal static class ParameterCounts
{
    /// <summary>In query and body together.</summary>
    public static int CountOf(this RequestParameters parameters, string name)
    {
        var count = 0;
        foreach (var parameter in parameters)
        {
            count += parameter.IsNamed(name) ? 1 : 0;
        }

        return count;
    }
}
