using Benchmarks.Measuring;
using ExchangeResilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Logging;
using Spectre.Console;

namespace Benchmarks.Calls;

/// <summary>Where the bytes of a successful query go: each handler of the client's chain by itself, and what is called within. Bytes need no statistics, so it takes seconds.</summary>
internal static class Stages
{
    private const int Calls = 20_000;
    private const int Rounds = 5;

    private static readonly (string Name, bool Signed, Type? Handler)[] Handlers =
    [
        ("no handler", false, null),
        ("empty DelegatingHandler", false, typeof(EmptyHandler)),
        ("the client factory's LoggingScopeHttpMessageHandler", false, typeof(LoggingScopeHttpMessageHandler)),
        ("the client factory's LoggingHttpMessageHandler", false, typeof(LoggingHttpMessageHandler)),
        ("OuterHandler", false, typeof(OuterHandler)),
        ("ExchangeErrorHandler", false, typeof(ExchangeErrorHandler)),
        ("ExchangeErrorHandler where requests are signed", true, typeof(ExchangeErrorHandler)),
        ("ExchangeSigningHandler", true, typeof(ExchangeSigningHandler)),
    ];

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        var table = Report.NewTable("", "B at once", "+B", "B suspended", "+B");
        (double AtOnce, double Suspended)? none = null;
        foreach (var (name, signed, handler) in Handlers)
        {
            var (atOnce, suspended) = (await MeasureAsync(handler, signed, suspends: false), await MeasureAsync(handler, signed, suspends: true));
            table.AddRow(
                name,
                Comparison.Text(atOnce, "#,0"),
                none is null ? "" : Comparison.Text(atOnce - none.Value.AtOnce, "+#,0;-#,0;0"),
                Comparison.Text(suspended, "#,0"),
                none is null ? "" : Comparison.Text(suspended - none.Value.Suspended, "+#,0;-#,0;0"));
            none ??= (atOnce, suspended);
        }

        report.Add("stages of a success: bytes of each handler by itself", table);
    }

    private static async Task<double> MeasureAsync(Type? type, bool signed, bool suspends)
    {
        using var exchange = new InMemoryExchange(fails: false, suspends);
        using var stack = Stacks.Protected(exchange, Work.Query, signed);
        using var invoker = new HttpMessageInvoker(type is null ? exchange : Alone(type, stack.Services, exchange), disposeHandler: false);
        return await MeasureAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{FuturesClient.Host}{FuturesClient.OrderPath}?{FuturesClient.OrderQuery}");
            using var response = await invoker.SendAsync(request, CancellationToken.None);
        });
    }

    private static async Task<double> MeasureAsync(Func<Task> call)
    {
        var least = long.MaxValue;
        for (var round = 0; round <= Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Calls; i++)
            {
                await call();
            }

            // The first round warms up.
            least = round == 0 ? least : Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return (double)least / Calls;
    }

    /// <summary>The handler as the client factory made it, taken out of its chain.</summary>
    private static DelegatingHandler Alone(Type type, IServiceProvider services, HttpMessageHandler inner)
    {
        if (type == typeof(EmptyHandler))
        {
            return new EmptyHandler { InnerHandler = inner };
        }

        var handler = services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(nameof(FuturesClient));
        while (handler is DelegatingHandler outer)
        {
            if (outer.GetType() == type)
            {
                outer.InnerHandler = inner;
                return outer;
            }

            handler = outer.InnerHandler;
        }

        throw new InvalidOperationException($"The chain holds no {type.Name}.");
    }
}
