using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace ExchangeResilience;

/// <summary>A venue's error table. The same number can mean different things on different venues, so each venue has its own.</summary>
public sealed class ErrorCatalog
{
    private readonly FrozenDictionary<int, ErrorDefinition> _byCode;

    internal ErrorCatalog(IEnumerable<ErrorDefinition> rows, ReplyVocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        All = [.. rows.OrderByDescending(row => row.Code)];
        _byCode = All.ToFrozenDictionary(row => row.Code);
    }

    /// <summary>Every row, from the highest code (-1000) down.</summary>
    public IReadOnlyList<ErrorDefinition> All { get; }

    /// <summary>The wording of the venue's replies.</summary>
    internal ReplyVocabulary Vocabulary { get; }

    /// <summary>The row of a code, or null where the venue's documentation does not list it.</summary>
    /// <param name="code">The exchange's code, for example -1021.</param>
    public ErrorDefinition? Find(int code) => _byCode.GetValueOrDefault(code);

    /// <summary>Looks a code up.</summary>
    /// <param name="code">The exchange's code, for example <c>ExchangeErrorCodes.InvalidTimestamp</c> (-1021).</param>
    /// <param name="definition">Its row; null where the venue's documentation does not list it.</param>
    public bool TryGet(int code, [NotNullWhen(true)] out ErrorDefinition? definition) => _byCode.TryGetValue(code, out definition);
}
