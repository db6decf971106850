using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Docs;

/// <summary>Everything a program could print or keep after a bad day, searched for what must not stand there.</summary>
public sealed class SecrecyTests
{
    [Fact]
    public async Task No_key_signature_listenKey_or_query_stands_in_any_log_line_exception_or_report()
    {
        using var log = new Recorder();
        using var world = new SimulatedFixture(
            options => options.TotalTimeout = options.AttemptTimeout = TimeSpan.FromSeconds(8),
            outer: client => client.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log)));
        var faults = world.Exchange.Faults;
        faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop, Fault.SilenceBeforeExecute, Fault.RefuseWithCode(400, -1022, "Signature for this request is not valid."), Fault.Ban(TimeSpan.FromMinutes(2)));
        faults.Next("POST /fapi/v1/listenKey", Fault.HtmlReply(502));
        var texts = new List<string>();
        string[] requests = [SimulatedFixture.Market("a1"), SimulatedFixture.Market("a2"), SimulatedFixture.Market("a3"), "/fapi/v1/listenKey?listenKey=stream-name", SimulatedFixture.Market("a4"), SimulatedFixture.Market("a5")];
        foreach (var request in requests)
        {
            texts.Add(await world.Time.RunAsync(() => TellAsync(world.Http, request)));
        }

        var told = string.Join('\n', texts.Concat(log.Lines));

        told.ShouldContain("EventId 1120", customMessage: "nothing was logged");
        var signatures = world.Exchange.Requests.Select(request => request.Parameters.GetValueOrDefault("signature")).OfType<string>().ToList();
        signatures.Count.ShouldBeGreaterThan(3);
        string[] secrets = [SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret, "stream-name", "quantity=", "timestamp=", .. signatures];
        secrets.Where(secret => told.Contains(secret, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
    }

    private static async Task<string> TellAsync(HttpClient http, string request)
    {
        try
        {
            using var response = await http.PostAsync(request, content: null);
            return $"{response.GetExchangeError()} {response.GetRecoveryReport()}";
        }
        catch (ExchangeErrorException failure)
        {
            return $"{failure} {failure.Error} {failure.Error.Advice} {failure.Report}";
        }
    }

    private sealed class Recorder : ILoggerProvider, ILogger
    {
        private readonly Lock _lock = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get { lock (_lock) { return [.. _lines]; } }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Add($"scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Add($"EventId {eventId.Id} {formatter(state, exception)} {exception}");
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
            {
                Add(string.Join(' ', values.Select(value => $"{value.Key}: {value.Value}")));
            }
        }

        public void Dispose()
        {
        }

        private void Add(string line)
        {
            lock (_lock)
            {
                _lines.Add(line);
            }
        }
    }
}
