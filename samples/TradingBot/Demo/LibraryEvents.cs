namespace TradingBot;

/// <summary>Event ids of the library's log that the shows go by.</summary>
internal static class LibraryEvents
{
    public const int SettingsInForce = 1000;
    public const int SettingsRefused = 1001;
    public const int LaneClosed = 1102;
    public const int InDoubt = 1120;
    public const int Settled = 1121;
    public const int RecoveryStarted = 1140;
    public const int HoldRestored = 1142;
    public const int HoldTold = 1150;
}
