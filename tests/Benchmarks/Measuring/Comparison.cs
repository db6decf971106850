using System.Globalization;
using Spectre.Console;

namespace Benchmarks.Measuring;

/// <summary>One measured row.</summary>
/// <param name="Table">Which of a bench's tables it stands in.</param>
/// <param name="Name">What was measured.</param>
/// <param name="Nanoseconds">The median time of one operation.</param>
/// <param name="Bytes">What one operation allocates.</param>
internal sealed record Measured(string Table, string Name, double Nanoseconds, long Bytes);

/// <summary>Turns rows into tables; the first row of each is what the others are compared with.</summary>
internal static class Comparison
{
    public static void Add(Report report, IEnumerable<Measured> rows)
    {
        foreach (var rowsOfTable in rows.GroupBy(row => row.Table))
        {
            var baseline = rowsOfTable.First();
            var table = Report.NewTable("", "ns", "ratio", "+ns", "B/op", "+B/op");
            foreach (var row in rowsOfTable)
            {
                table.AddRow(
                    row.Name,
                    Text(row.Nanoseconds, row.Nanoseconds < 100 ? "0.0" : "#,0"),
                    Text(row.Nanoseconds / baseline.Nanoseconds, "0.00"),
                    row == baseline ? "" : Text(row.Nanoseconds - baseline.Nanoseconds, Math.Abs(row.Nanoseconds - baseline.Nanoseconds) < 100 ? "+0.0;-0.0" : "+#,0;-#,0"),
                    Text(row.Bytes, "#,0"),
                    row == baseline ? "" : Text(row.Bytes - baseline.Bytes, "+#,0;-#,0;0"));
            }

            report.Add(rowsOfTable.Key, table);
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    public static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
