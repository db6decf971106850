namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Every target, by name. Each thread makes its own.</summary>
internal static class FuzzTargets
{
    private static readonly Func<FuzzTarget>[] Makers =
    [
        () => new RepliesTarget(),
        () => new BatchRepliesTarget(),
        () => new HoldsTarget(),
        () => new OrdersTarget(),
        () => new AmendmentsTarget(),
        () => new HistoryTarget(),
        () => new EventsTarget(),
        () => new TimesTarget(),
        () => new LimitsTarget(),
        () => new RequestsTarget(),
        () => new BatchesTarget(),
        () => new SettingsTarget(),
        () => new SigningTarget(),
        () => new WordsTarget(),
        () => new JournalTarget(),
        () => new JournalFileTarget(),
        () => new ClientTarget(),
    ];

    private static readonly Dictionary<string, Func<FuzzTarget>> ByName = Makers.ToDictionary(make => make().Name, StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => ByName.Keys;

    public static FuzzTarget Make(string name) => ByName.TryGetValue(name, out var make)
        ? make()
        : throw new ArgumentException($"There is no target '{name}'. There are: {string.Join(", ", Names)}.", nameof(name));
}
