using System.Globalization;
using System.Text;
using ExchangeResilience.Tests.Conventions;

namespace ExchangeResilience.Tests.Policies;

/// <summary>What happens by default after every code of the venue's table, written down row by row.</summary>
public sealed class EveryCodeTests
{
    private static readonly PolicyMatrix Matrix = PolicyMatrix.Compile([], ExchangeVenue.BinanceUsdFutures.Errors, ExchangeVenue.BinanceUsdFutures.Policies, []);

    public static TheoryData<int, string, string> Rows
    {
        get
        {
            var rows = new TheoryData<int, string, string>();
            foreach (var line in Expected().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var code = int.Parse(line[..line.IndexOf('\t', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
                rows.Add(code, line.Split('\t')[1], line);
            }

            return rows;
        }
    }

    [Fact]
    public void Every_code_has_its_row_and_no_row_is_left_over()
    {
        var actual = string.Concat(ExchangeVenue.BinanceUsdFutures.Errors.All.Select(row => Describe(row) + "\n"));
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(Path.Combine(SourceFolder(), "default-actions.tsv"), actual);
        }

        actual.ShouldBe(Expected());
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_code_has_category_execution_action_and_advice(int code, string name, string row)
    {
        var definition = ExchangeVenue.BinanceUsdFutures.Errors.Find(code).ShouldNotBeNull();

        definition.Name.ShouldBe(name);
        definition.Advice.ShouldNotBeNullOrWhiteSpace();
        definition.Category.ShouldNotBe(ErrorCategory.Unclassified);
        Describe(definition).ShouldBe(row);
    }

    [Fact]
    public void Every_code_has_a_constant_that_says_what_it_means()
    {
        const string file = "src/ExchangeResilience/Venues/ExchangeErrorCodes.cs";
        var source = ErrorCodesSource.Of(ExchangeVenue.BinanceUsdFutures.Errors);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(Repository.PathOf(file), source);
        }

        Repository.Read(file).ReplaceLineEndings("\n").ShouldBe(source, "UPDATE_SNAPSHOTS=1 writes it anew");
    }

    [Fact]
    public void A_code_is_asked_for_by_its_name_and_told_from_one_that_no_table_lists()
    {
        var errors = ExchangeVenue.BinanceUsdFutures.Errors;

        errors.TryGet(ExchangeErrorCodes.InvalidTimestamp, out var definition).ShouldBeTrue();
        definition!.Name.ShouldBe("INVALID_TIMESTAMP");
        errors.TryGet(-9999, out var none).ShouldBeFalse();
        none.ShouldBeNull();
    }

    private static string Describe(ErrorDefinition definition)
    {
        var row = Matrix.Find(definition, 400);
        return string.Create(CultureInfo.InvariantCulture, $"{definition.Code}\t{definition.Name}\t{definition.Category}\t{definition.Execution}\t{row.Action}\t{row.MaxAttempts}\t{row.Lane}");
    }

    private static string Expected()
    {
        using var stream = typeof(EveryCodeTests).Assembly.GetManifestResourceStream("default-actions.tsv")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
