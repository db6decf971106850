using System.Security.Cryptography;
using System.Text;
using ExchangeResilience.Simulation.Tests.Worlds;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>The program's own parts, one of which fails now and then.</summary>
internal sealed class FlakyPlugIns(World world)
{
    private const double Share = 0.04;

    // Few of the signatures are those of a look-up on behalf of a cancel or an addition, where a fault of the signer could reach the caller.
    private const double ShareOfSignatures = 0.15;

    private readonly Dictionary<PlugIn, int> _uses = [];

    public bool AreInUse { get; set; }

    public void Use(PlugIn what)
    {
        if (AreInUse && world.Plan.Settings.Flaky == what)
        {
            var count = _uses[what] = _uses.GetValueOrDefault(what) + 1;
            if (world.Weather.Strikes($"{what} fails #{count}", what == PlugIn.Signer ? ShareOfSignatures : Share))
            {
                world.Log.Add($"the program's {what} fails");
                throw new PlugInException(what);
            }
        }
    }

    public IExchangeSigner Signer(string secret) => new FlakySigner(this, Encoding.UTF8.GetBytes(secret));

    public ILoggerProvider Logger() => new FlakyLogger(this);

    private sealed class FlakySigner(FlakyPlugIns plugIns, byte[] secret) : IExchangeSigner
    {
        public string Sign(ReadOnlySpan<byte> payload)
        {
            plugIns.Use(PlugIn.Signer);
            return Convert.ToHexStringLower(HMACSHA256.HashData(secret, payload));
        }
    }

    /// <summary>Of the middleware's own lines alone: the factory logs too, outside of it.</summary>
    private sealed class FlakyLogger(FlakyPlugIns plugIns) : ILoggerProvider, ILogger
    {
        private bool _isOurs;

        public ILogger CreateLogger(string categoryName) => new FlakyLogger(plugIns) { _isOurs = categoryName.StartsWith("ExchangeResilience", StringComparison.Ordinal) };

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => _isOurs;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => plugIns.Use(PlugIn.Logger);

        public void Dispose()
        {
        }
    }
}

/// <summary>What a part of the program throws.</summary>
internal sealed class PlugInException(PlugIn what) : Exception($"The program's {what} does not work.");
