using System.Globalization;
using System.Reflection;
using System.Text;

namespace ExchangeResilience.Tests.Docs;

/// <summary>The reference of all codes, as the venue's table and the built-in policies have them.</summary>
internal static class CodeReference
{
    private const BindingFlags Statics = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly PolicyMatrix Matrix = PolicyMatrix.Compile([], ExchangeVenue.BinanceUsdFutures.Errors, ExchangeVenue.BinanceUsdFutures.Policies, []);

    /// <summary>The page's part between its markers.</summary>
    public static string Text()
    {
        var text = new StringBuilder("\n");
        foreach (var group in ExchangeVenue.BinanceUsdFutures.Errors.All.GroupBy(static code => code.Code / 100))
        {
            Append(text, string.Create(CultureInfo.InvariantCulture, $"{group.Key}xx"), "Code", group, static code => DefaultOf(code, status: null));
        }

        Append(text, "Replies without a listed code", "Error", Of(typeof(ReplyErrors)).Append(ReplyErrors.Unlisted(0, ExecutionStatus.Unknown)), static error => DefaultOf(error, StatusOf(error)));
        Append(text, "No usable reply", "Error", Of(typeof(TransportErrors)), static error => DefaultOf(error, status: null));
        Append(text, "Raised here, without a word of the exchange", "Error", Of(typeof(LocalErrors)), static _ => "Goes to the caller");
        return text.ToString();
    }

    /// <summary>The anchor of an error: its code, or its name where it has none.</summary>
    public static string AnchorOf(ErrorDefinition error) =>
        error.Code != 0 ? string.Create(CultureInfo.InvariantCulture, $"code{error.Code}") : error.Name.ToLowerInvariant().Replace('_', '-');

    private static void Append(StringBuilder text, string title, string first, IEnumerable<ErrorDefinition> errors, Func<ErrorDefinition, string> byDefault)
    {
        text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n| {first} | {(first == "Code" ? "Name | " : "")}Category | Execution | By default | What to do |\n| --- | {(first == "Code" ? "--- | " : "")}--- | --- | --- | --- |\n");
        foreach (var error in errors)
        {
            var name = error.Code != 0 ? string.Create(CultureInfo.InvariantCulture, $"{error.Code} | `{error.Name}`") : $"`{error.Name}`";
            text.Append(CultureInfo.InvariantCulture, $"| <a id=\"{AnchorOf(error)}\"></a>{name} | {error.Category} | {error.Execution} | {byDefault(error)} | {AdviceOf(error).Replace("|", @"\|", StringComparison.Ordinal)} |\n");
        }

        text.Append('\n');
    }

    private static string AdviceOf(ErrorDefinition error) =>
        error.Elsewhere is { } other ? $"{error.Advice} On `{other.Path}`: {other.Advice}" : error.Advice;

    private static string DefaultOf(ErrorDefinition error, int? status)
    {
        var row = Matrix.Find(error, status);
        var lane = row.Lane == TrafficLane.None ? "" : $" `{row.Lane}`";
        var sends = row.MaxAttempts == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", {row.MaxAttempts} sends");
        return $"`{row.Action}`{lane}{sends}";
    }

    private static int? StatusOf(ErrorDefinition error) =>
        error.Name.Split('_') is ["HTTP", var status, ..] && int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static IEnumerable<ErrorDefinition> Of(Type table) =>
        table.GetFields(Statics).Where(static field => field.FieldType == typeof(ErrorDefinition)).Select(static field => (ErrorDefinition)field.GetValue(null)!);
}
