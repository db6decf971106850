namespace Benchmarks.Soak;

/// <summary>A straight line through what was measured over time, by least squares.</summary>
/// <param name="PerMinute">How much it rises.</param>
/// <param name="Error">How much that may be chance: its standard error.</param>
/// <param name="Mean">What was measured on average.</param>
internal readonly record struct Trend(double PerMinute, double Error, double Mean)
{
    // A rise that chance explains is none; nor is one by which it would take a day to double.
    private const double Certain = 3;
    private const double MinutesToDouble = 24 * 60;

    /// <summary>Whether it grows: surely, and by so much that it matters.</summary>
    public bool Grows => PerMinute > Certain * Error && PerMinute > Mean / MinutesToDouble;

    public static Trend Of(IReadOnlyList<SoakSample> samples, Func<SoakSample, double> measure)
    {
        var points = samples.Select(sample => (X: sample.At.TotalMinutes, Y: measure(sample))).ToList();
        var (meanX, meanY) = (points.Average(static point => point.X), points.Average(static point => point.Y));
        var spread = points.Sum(point => (point.X - meanX) * (point.X - meanX));
        var slope = points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / spread;
        var rest = points.Sum(point => Math.Pow(point.Y - meanY - (slope * (point.X - meanX)), 2));
        return new Trend(slope, Math.Sqrt(rest / (points.Count - 2) / spread), meanY);
    }
}
