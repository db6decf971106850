namespace ExchangeResilience.Tests.Conventions;

/// <summary>What is read at once fits on a few screens. Text between triple quotes, such as SQL, and the codes that are made from the table of errors are data and do not count.</summary>
public sealed class SizeTests
{
    private const int MostLinesOfAFile = 400;
    private const int MostLinesOfAMethod = 60;

    private static readonly SourceFile[] Sources = [.. from path in Repository.Files("src", ".cs") where !path.EndsWith($"/{nameof(ExchangeErrorCodes)}.cs", StringComparison.Ordinal) select new SourceFile(path, room: "")];

    [Fact]
    public void No_file_is_too_long() =>
        Sources.Where(static source => source.LinesWithoutText > MostLinesOfAFile).Select(static source => $"{source.Path}: {source.LinesWithoutText}").ShouldBeEmpty();

    [Fact]
    public void No_method_is_too_long()
    {
        var methods = (from source in Sources from method in source.Methods() select (source.Path, method.Name, method.Lines)).ToArray();

        // The measure sees what there is: thousands of methods, and none that ends where it begins on several lines.
        methods.Length.ShouldBeGreaterThan(2000);
        methods.Max(static method => method.Lines).ShouldBeGreaterThan(MostLinesOfAMethod / 2);
        methods.Where(static method => method.Lines > MostLinesOfAMethod).Select(static method => $"{method.Path}: {method.Name}, {method.Lines} lines").ShouldBeEmpty();
    }
}
