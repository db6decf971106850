namespace TradingBot;

/// <summary>What the command line asks for. What is null was not given.</summary>
internal sealed record Options
{
    public Uri? Exchange { get; init; }

    public int? Orders { get; init; }

    public int? First { get; init; }

    public int? Parallel { get; init; }

    public int Seed { get; init; } = 1;

    public string Profile { get; init; } = Profiles.Default;

    public string? Journal { get; init; }

    public int? Fleet { get; init; }

    public string? State { get; init; }

    public bool Report { get; init; }

    public string? Run { get; init; }

    public bool ChaosKill { get; init; }

    public bool Json { get; init; }

    public bool Help { get; init; }
}

/// <summary>Something the user can put right: what is wrong, and the remedy.</summary>
internal sealed class UsageException(string message) : Exception(message);
