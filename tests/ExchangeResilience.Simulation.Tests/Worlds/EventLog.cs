using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>What happened, a line each, under the manual time it happened at. Costs nothing while it is off.</summary>
internal sealed class EventLog(ManualTimeProvider time, bool isOn)
{
    private readonly StringBuilder _text = new();

    public bool IsOn => isOn;

    public string Text => _text.ToString();

    public void Add([InterpolatedStringHandlerArgument("")] Line line)
    {
        if (isOn)
        {
            _text.Append(line.Text).Append('\n');
        }
    }

    /// <summary>A line that is only put together where somebody wants it.</summary>
    [InterpolatedStringHandler]
    internal ref struct Line
    {
        private DefaultInterpolatedStringHandler _handler;
        private readonly bool _isOn;

        public Line(int literalLength, int formattedCount, EventLog log, out bool isOn)
        {
            isOn = _isOn = log.IsOn;
            if (isOn)
            {
                _handler = new DefaultInterpolatedStringHandler(literalLength + 16, formattedCount + 1, CultureInfo.InvariantCulture);
                _handler.AppendFormatted(log.Elapsed.TotalSeconds, "0000.0000");
                _handler.AppendLiteral("  ");
            }
        }

        public string Text => _isOn ? _handler.ToStringAndClear() : "";

        public void AppendLiteral(string value) => _handler.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _handler.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format) => _handler.AppendFormatted(value, format);
    }

    private TimeSpan Elapsed => time.Elapsed;
}
