namespace ExchangeResilience;

/// <summary>The shorter and the longer of two times, as <see cref="Math"/> has them of numbers.</summary>
internal static class TimeSpanExtensions
{
    extension(TimeSpan)
    {
        public static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

        public static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
    }
}
