using System.Globalization;

namespace ExchangeResilience;

/// <summary>One step of a recovery.</summary>
public readonly struct RecoveryStep
{
    // A string, or the error whose text is made when the step is read.
    private readonly object? _said;
    private readonly int _attempt;

    /// <summary>A step; public so that a program's own tests can make one.</summary>
    /// <param name="at">When, counted from the start of the call.</param>
    /// <param name="kind">What it was.</param>
    /// <param name="text">A sentence about it.</param>
    public RecoveryStep(TimeSpan at, RecoveryStepKind kind, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        At = at;
        Kind = kind;
        _said = text;
    }

    internal RecoveryStep(TimeSpan at, int attempt, ExchangeError error)
    {
        At = at;
        Kind = RecoveryStepKind.Failed;
        _attempt = attempt;
        _said = error;
    }

    /// <summary>When, counted from the start of the call.</summary>
    public TimeSpan At { get; }

    /// <summary>What it was.</summary>
    public RecoveryStepKind Kind { get; }

    /// <summary>A sentence about it, without URL, key or signature.</summary>
    public string Text => _said is null ? "" : _said as string ?? string.Create(CultureInfo.InvariantCulture, $"attempt {_attempt}: {_said}");

    /// <summary>When, and the sentence.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.TotalMilliseconds:0} ms: {Text}");
}
