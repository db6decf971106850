using System.Globalization;

namespace ExchangeResilience;

/// <summary>An error as a log line begins with it: the code, or the name where there is none. Formatted only where it is read.</summary>
internal readonly record struct ErrorLabel(int Code, string Name)
{
    public static ErrorLabel Of(ExchangeError error) => new(error.Code, error.Name);

    public override string ToString() => Code == 0 ? Name : Code.ToString(CultureInfo.InvariantCulture);
}
