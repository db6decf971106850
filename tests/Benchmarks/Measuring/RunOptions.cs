using System.Globalization;

namespace Benchmarks.Measuring;

/// <summary>What the command line says of a run.</summary>
/// <param name="Folder">Where figures and logs go; for the journal, the disk that is measured.</param>
/// <param name="Commit">What is measured.</param>
/// <param name="Quick">Shows that everything works; the figures mean little.</param>
internal sealed record RunOptions(string Folder, string Commit, bool Quick)
{
    /// <summary>What figures are dated by.</summary>
    public string Revision { get; } = string.Create(CultureInfo.InvariantCulture, $"{Commit}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}");
}
