namespace ExchangeResilience;

/// <summary>Settings of one request in place of its client's.</summary>
internal sealed record RequestOverrides
{
    /// <summary>Whether any request of the process has had some. Until then none is read: reading a message's options allocates them.</summary>
    public static bool AreUsed { get; set; }

    public TimeSpan? TotalTimeout { get; init; }

    public bool? ThrowOnError { get; init; }

    public IReadOnlyList<KeyValuePair<string, ErrorPolicy>> Policies { get; init; } = [];

    /// <summary>The settings that a request is sent under.</summary>
    /// <exception cref="ArgumentException">A policy of the request is faulty.</exception>
    public static ClientSettings SettingsOf(HttpRequestMessage request, ClientSettings client) =>
        AreUsed && request.Options.TryGetValue(ExchangeRequestExtensions.OverridesKey, out var overrides) ? overrides.Over(client, nameof(request)) : client;

    private ClientSettings Over(ClientSettings client, string parameter)
    {
        var options = client.Options.Copy();
        options.TotalTimeout = TotalTimeout ?? options.TotalTimeout;
        options.ThrowOnError = ThrowOnError ?? options.ThrowOnError;
        if (Policies.Count == 0)
        {
            return client with { Options = options };
        }

        foreach (var (selector, policy) in Policies)
        {
            options.Policies[selector] = policy;
        }

        var faults = new List<string>();
        var matrix = PolicyMatrix.Compile(options.Policies, options.Venue.Errors, options.Venue.Policies, faults);
        return faults.Count == 0
            ? client with { Options = options, Matrix = matrix }
            : throw new ArgumentException($"A policy set on this request by SetPolicy() is faulty: {string.Join(" | ", faults)}", parameter);
    }
}
