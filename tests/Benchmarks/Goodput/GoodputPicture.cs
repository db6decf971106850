using System.Globalization;
using System.Text;
using ExchangeResilience.Goodput;

namespace Benchmarks.Goodput;

/// <summary>
/// One row per client, all on the same scales. Above the line what was served, summed up from the start of each minute as the exchange counts it, against the limit;
/// below it what was turned away, second by second.
/// </summary>
internal static class GoodputPicture
{
    private const int Width = 960;
    private const int Left = 84;
    private const int Right = 24;
    private const int Top = 92;
    private const int RowHeight = 176;
    private const int Heading = 26;
    private const int ServedHeight = 84;
    private const int TurnedAwayHeight = 44;
    private const int Foot = 44;

    // Each request of the callers weighs 1 or is an order, so the two limits add up to so many requests.
    private const int Limit = 2400 + 1200;
    private const int ServedScale = 4000;
    private const int TurnedAwayScale = 500;

    public static string Draw(IReadOnlyList<Course> courses, string revision)
    {
        var height = Top + (RowHeight * courses.Count) + Foot;
        var seconds = courses[0].Tally.Served.Length;
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title\">");
        Line(svg, $"<title id=\"title\">Requests served and turned away over {seconds / 60} minutes, for each client</title>");
        svg.Append(Style);
        Line(svg, $"<rect class=\"page\" width=\"{Width}\" height=\"{height}\"/>");
        Line(svg, $"<text class=\"title\" x=\"{Left}\" y=\"32\">What becomes of callers who want three times what the exchange allows</text>");
        Legend(svg);
        for (var i = 0; i < courses.Count; i++)
        {
            Row(svg, courses[i], Top + (i * RowHeight), seconds);
        }

        MinuteMarks(svg, Top + (courses.Count * RowHeight), seconds);
        Line(svg, $"<text class=\"note end\" x=\"{Width - Right}\" y=\"{height - 10}\">{revision}</text>");
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Legend(StringBuilder svg)
    {
        ReadOnlySpan<(string Class, string Text, int X)> marks =
        [
            ("served", "served, since the minute began", Left),
            ("refused", "refused (429), per second", Left + 238),
            ("banned", "refused during a ban (418), per second", Left + 440),
        ];
        foreach (var (mark, text, x) in marks)
        {
            Line(svg, $"<rect class=\"{mark}\" x=\"{x}\" y=\"54\" width=\"12\" height=\"12\" rx=\"2\"/>");
            Line(svg, $"<text x=\"{x + 18}\" y=\"64\">{text}</text>");
        }

        Line(svg, $"<path class=\"limit\" d=\"M{Left + 722} 60h24\"/>");
        Line(svg, $"<text x=\"{Left + 752}\" y=\"64\">limit per minute</text>");
    }

    private static void Row(StringBuilder svg, Course course, int top, int seconds)
    {
        var tally = course.Tally;
        var zero = top + Heading + ServedHeight;
        var limit = zero - Scaled(Limit, ServedScale, ServedHeight);
        var bottom = zero + TurnedAwayHeight;
        Line(svg, $"<text class=\"name\" x=\"{Left}\" y=\"{top + 14}\">{course.Contender.Name}</text>");
        Line(svg, $"<text class=\"end\" x=\"{Width - Right}\" y=\"{top + 14}\">{Summary(tally)}</text>");
        foreach (var ban in tally.Bans)
        {
            var (from, until) = (X(ban.From.TotalSeconds, seconds), X(ban.Until.TotalSeconds, seconds));
            Line(svg, $"<rect class=\"ban\" x=\"{from:0.0}\" y=\"{top + Heading}\" width=\"{until - from:0.0}\" height=\"{bottom - top - Heading}\"/>");
            Line(svg, $"<text class=\"banlabel\" x=\"{(from + until) / 2:0.0}\" y=\"{zero - 34}\">banned</text>");
        }

        for (var minute = 1; minute < seconds / 60; minute++)
        {
            Line(svg, $"<path class=\"grid\" d=\"M{X(minute * 60, seconds):0.0} {top + Heading}V{bottom}\"/>");
        }

        Line(svg, $"<path class=\"served\" d=\"{Area(Tally.SinceTheMinuteBegan(tally.Served), zero, -ServedHeight, ServedScale)}\"/>");

        // The refused lie on top of the banned, so each second's column is both of them from the line down.
        int[] turnedAway = [.. tally.Refused.Zip(tally.Banned, static (refused, banned) => refused + banned)];
        Line(svg, $"<path class=\"banned\" d=\"{Area(turnedAway, zero, TurnedAwayHeight, TurnedAwayScale)}\"/>");
        Line(svg, $"<path class=\"refused\" d=\"{Area(tally.Refused, zero, TurnedAwayHeight, TurnedAwayScale)}\"/>");
        Line(svg, $"<path class=\"limit\" d=\"M{Left} {limit:0.0}H{Width - Right}\"/>");
        Line(svg, $"<path class=\"axis\" d=\"M{Left} {zero}H{Width - Right}\"/>");
        Line(svg, $"<text class=\"end\" x=\"{Left - 8}\" y=\"{limit + 4:0.0}\">{Limit:#,0}</text>");
        Line(svg, $"<text class=\"end\" x=\"{Left - 8}\" y=\"{zero + 4}\">0</text>");
        Line(svg, $"<text class=\"end\" x=\"{Left - 8}\" y=\"{bottom + 4}\">{TurnedAwayScale}/s</text>");
        Line(svg, $"<text class=\"label\" transform=\"translate(20 {zero - (ServedHeight / 2)}) rotate(-90)\">requests</text>");
    }

    private static string Summary(Tally tally) => string.Create(
        CultureInfo.InvariantCulture,
        $"served {tally.WeightShare * 100:0.0} % of the weight and {tally.OrderShare * 100:0.0} % of the orders allowed · {tally.Bans.Count} bans");

    private static void MinuteMarks(StringBuilder svg, int y, int seconds)
    {
        for (var minute = 0; minute <= seconds / 60; minute++)
        {
            Line(svg, $"<text class=\"label\" x=\"{X(minute * 60, seconds):0.0}\" y=\"{y + 4}\">{minute}</text>");
        }

        Line(svg, $"<text class=\"label\" x=\"{(Left + Width - Right) / 2}\" y=\"{y + 24}\">simulated minutes</text>");
    }

    /// <summary>Columns side by side, one a second, as one outline.</summary>
    private static string Area(int[] values, int zero, int height, int scale)
    {
        var path = new StringBuilder();
        var y = (double)zero;
        path.Append(CultureInfo.InvariantCulture, $"M{Left} {zero}");
        for (var second = 0; second < values.Length; second++)
        {
            var next = zero + Scaled(values[second], scale, height);
            if (Math.Abs(next - y) > 0.04)
            {
                path.Append(CultureInfo.InvariantCulture, $"H{X(second, values.Length):0.0}V{next:0.0}");
                y = next;
            }
        }

        return path.Append(CultureInfo.InvariantCulture, $"H{Width - Right}V{zero}Z").ToString();
    }

    private static double Scaled(int value, int scale, int height) => (double)Math.Min(value, scale) / scale * height;

    private static double X(double second, int seconds) => Left + (second / seconds * (Width - Left - Right));

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private const string Style =
        """
        <style>
        text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #4a4f57 }
        .title { font-size: 18px; font-weight: 600; fill: #15181c }
        .name { font-size: 14px; font-weight: 600; fill: #15181c }
        .end { text-anchor: end }
        .label { text-anchor: middle }
        .note { font-size: 11px; fill: #6b7280 }
        .page { fill: #ffffff }
        .grid { stroke: #e3e6ea; fill: none }
        .axis { stroke: #6b7280; fill: none }
        .limit { stroke: #15181c; stroke-width: 1.5; stroke-dasharray: 6 4; fill: none }
        .served { fill: #2f7fd1 }
        .refused { fill: #f0a202 }
        .banned { fill: #cf3b3b }
        .ban { fill: #cf3b3b; fill-opacity: 0.09 }
        .banlabel { text-anchor: middle; fill: #b02a2a }
        @media (prefers-color-scheme: dark) {
        text { fill: #b6bcc6 }
        .title, .name { fill: #f0f3f6 }
        .note { fill: #8b949e }
        .page { fill: #0d1117 }
        .grid { stroke: #262c36 }
        .axis { stroke: #8b949e }
        .limit { stroke: #f0f3f6 }
        .served { fill: #4a9bef }
        .refused { fill: #f2b134 }
        .banned { fill: #ec6a5e }
        .ban { fill: #ec6a5e; fill-opacity: 0.14 }
        .banlabel { fill: #ff9b91 }
        }
        </style>

        """;
}
