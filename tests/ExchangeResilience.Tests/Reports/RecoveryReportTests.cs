using System.Text.Json;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExchangeResilience.Tests.Reports;

/// <summary>A report as text, as JSON and as the scope of a log.</summary>
public sealed class RecoveryReportTests
{
    [Fact]
    public async Task As_text_it_is_a_headline_and_a_timeline()
    {
        var report = await ReportAsync();

        var lines = report.ToString().Split('\n');

        lines[0].ShouldBe($"POST /fapi/v1/order a1: Executed after 1 attempt in {report.Elapsed.TotalMilliseconds:0} ms");
        lines.Length.ShouldBe(report.Steps.Count + 1);
        lines[1].ShouldEndWith(report.Steps[0].Text);
    }

    [Fact]
    public void An_id_from_outside_begins_no_line_of_its_own()
    {
        var report = new RecoveryReport("POST /fapi/v1/order", ExecutionStatus.Executed) { ClientOrderId = "a\nWarning: forged\u2028b" };

        report.ToString().ShouldBe("POST /fapi/v1/order a Warning: forged b: Executed after 0 attempts in 0 ms");
    }

    [Fact]
    public async Task As_JSON_it_tells_the_same_under_names_that_stay()
    {
        var report = await ReportAsync();

        using var json = JsonDocument.Parse(report.ToJson());

        var root = json.RootElement;
        root.EnumerateObject().Select(static property => property.Name).ShouldBe(["operation", "clientOrderId", "client", "attempts", "elapsedMs", "execution", "evidence", "steps"]);
        root.GetProperty("operation").GetString().ShouldBe("POST /fapi/v1/order");
        root.GetProperty("clientOrderId").GetString().ShouldBe("a1");
        root.GetProperty("attempts").GetInt32().ShouldBe(1);
        root.GetProperty("elapsedMs").GetDouble().ShouldBe(report.Elapsed.TotalMilliseconds);
        root.GetProperty("execution").GetString().ShouldBe("Executed");
        root.GetProperty("evidence").GetString().ShouldBe(report.Evidence);
        var steps = root.GetProperty("steps").EnumerateArray().ToList();
        steps.Select(static step => (step.GetProperty("atMs").GetDouble(), step.GetProperty("kind").GetString(), step.GetProperty("text").GetString()))
            .ShouldBe(report.Steps.Select(static step => (step.At.TotalMilliseconds, (string?)step.Kind.ToString(), (string?)step.Text)));
    }

    [Fact]
    public void What_is_not_known_is_null_and_not_left_out()
    {
        var report = new RecoveryReport("GET /fapi/v3/balance", ExecutionStatus.NotExecuted);

        report.ToJson().ShouldBe("""{"operation":"GET /fapi/v3/balance","clientOrderId":null,"client":"","attempts":0,"elapsedMs":0,"execution":"NotExecuted","evidence":null,"steps":[]}""");
    }

    [Fact]
    public async Task As_a_scope_it_hands_each_thing_to_the_log_under_a_name()
    {
        var report = await ReportAsync();
        var log = new ScopedLog();

        using (report.BeginScope(log))
        {
            log.Scope.ShouldNotBeNull();
        }

        log.Scope.ShouldBeNull();
        log.Text.ShouldBe(report.ToString().Split('\n')[0]);
        log.Values.ShouldBe(new Dictionary<string, object?>
        {
            ["exchange.request"] = "POST /fapi/v1/order",
            ["exchange.client_order_id"] = "a1",
            ["exchange.attempts"] = 1,
            ["exchange.elapsed"] = report.Elapsed.TotalSeconds,
            ["exchange.execution"] = "Executed",
            ["exchange.evidence"] = report.Evidence,
            ["exchange.timeline"] = report.ToString(),
        });
        Should.Throw<ArgumentNullException>(() => report.BeginScope(null!));
        Should.NotThrow(() => report.BeginScope(NullLogger.Instance)?.Dispose());
    }

    private static async Task<RecoveryReport> ReportAsync()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        using var response = await world.Time.RunAsync(() => world.Http.PostAsync(SimulatedFixture.Market("a1"), content: null));
        return response.GetRecoveryReport().ShouldNotBeNull();
    }

    private sealed class ScopedLog : ILogger
    {
        public object? Scope { get; private set; }

        public string? Text { get; private set; }

        public Dictionary<string, object?> Values { get; private set; } = [];

        public IDisposable BeginScope<TState>(TState state)
            where TState : notnull
        {
            Scope = state;
            Text = state.ToString();
            Values = state.ShouldBeAssignableTo<IReadOnlyList<KeyValuePair<string, object?>>>()!.ToDictionary();
            return new End(this);
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }

        private sealed class End(ScopedLog log) : IDisposable
        {
            public void Dispose() => log.Scope = null;
        }
    }
}
