namespace ExchangeResilience;

/// <summary>Names the boot that this machine's uptime counts from.</summary>
internal static class MachineBoot
{
    private const string Linux = "/proc/sys/kernel/random/boot_id";

    /// <summary>The same for every process until the machine is restarted; null where the system does not provide it.</summary>
    public static string? Id { get; } = Read();

    private static string? Read()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText(Linux).Trim() is { Length: > 0 } id ? id : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
