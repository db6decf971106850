namespace TradingBot;

/// <summary>Event ids of the library's log that the acts wait for.</summary>
internal static class LibraryEvents
{
    public const int SettingsInForce = 1000;
    public const int SettingsRefused = 1001;
    public const int LaneClosed = 1102;
    public const int InDoubt = 1120;
    public const int Settled = 1121;
}
