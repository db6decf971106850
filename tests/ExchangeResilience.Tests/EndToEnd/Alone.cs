namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>Tests that count or overhear what the whole process does. They run one after another, and nothing beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
