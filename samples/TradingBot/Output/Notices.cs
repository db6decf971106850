namespace TradingBot;

/// <summary>Passes on what the library says while orders are traded; what is said again and again is told once.</summary>
internal sealed class Notices
{
    private volatile ITradeLog? _log;
    private string? _last;

    /// <summary>From now on there is somebody to hear them.</summary>
    public void TellTo(ITradeLog log) => _log = log;

    public void Tell(string text)
    {
        if (Interlocked.Exchange(ref _last, text) != text)
        {
            _log?.Notice(text);
        }
    }
}
