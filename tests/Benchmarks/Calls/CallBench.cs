using Benchmarks.Measuring;
using Spectre.Console;

namespace Benchmarks.Calls;

/// <summary>What a call costs, and where its bytes go.</summary>
internal static class CallBench
{
    public static async Task RunAsync(Report report, RunOptions options)
    {
        var stages = await Stages.MeasureAsync();
        Comparison.Add(report, Suite.Run<CallBenchmarks>("calls", options));
        var none = stages.First(stage => stage.Name == Stages.None);
        var table = Report.NewTable("", "B at once", "+B", "B suspended", "+B");
        foreach (var stage in stages)
        {
            table.AddRow(
                stage.Name,
                Comparison.Text(stage.AtOnce, "#,0"),
                stage == none ? "" : Comparison.Text(stage.AtOnce - none.AtOnce, "+#,0;-#,0;0"),
                Comparison.Text(stage.Suspended, "#,0"),
                stage == none ? "" : Comparison.Text(stage.Suspended - none.Suspended, "+#,0;-#,0;0"));
        }

        report.Add("stages of a success: bytes of each handler by itself", table);
        report.Note("""
            A call is a fresh GET of one order through a typed client of the client factory, with a relative address, its reply buffered; a failed one ends in the exchange's code in the application's
            hand. All stacks stand over the same in-memory primary handler, whose replies bear Date and X-MBX-USED-WEIGHT-1M; "suspended" means that it yields, as a socket does. ExchangeResilience has
            gate, limits, metrics and logging on. AWSSDK.Core and Azure.Core bring their own clients and do not sign; AWS throws on failure, Azure's exception is made and read, not thrown. Medians; ratios within one run.
            """);
    }
}
