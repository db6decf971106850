using System.Globalization;

namespace Benchmarks.Soak;

/// <summary>What a soak is told: <c>--minutes 10 --every 10 --callers 32 --journal memory|sqlite|none</c>.</summary>
internal sealed record SoakOptions(TimeSpan Length, TimeSpan Every, int Callers, string Journal)
{
    public const string Usage = "soak [--minutes 10] [--every SECONDS=10] [--callers 32] [--journal memory|sqlite|none]";

    /// <summary>Null where something in it is not understood.</summary>
    public static SoakOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new SoakOptions(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10), Callers: 32, Journal: "memory");
        for (var i = 0; i < args.Count; i += 2)
        {
            if (i + 1 == args.Count)
            {
                return null;
            }

            var value = args[i + 1];
            var isNumber = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0;
            switch (args[i])
            {
                case "--minutes" when isNumber:
                    options = options with { Length = TimeSpan.FromMinutes(number) };
                    break;
                case "--every" when isNumber:
                    options = options with { Every = TimeSpan.FromSeconds(number) };
                    break;
                case "--callers" when isNumber && number >= 1:
                    options = options with { Callers = (int)number };
                    break;
                case "--journal" when value is "memory" or "sqlite" or "none":
                    options = options with { Journal = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
