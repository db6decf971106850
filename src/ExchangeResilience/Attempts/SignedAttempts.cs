using System.Globalization;

namespace ExchangeResilience;

/// <summary>What signed attempts show of their client's key. A key that is about to be changed to is tried out first, and shows nothing of the one in force.</summary>
internal static class SignedAttempts
{
    public static void NoteUnsigned(Call call, NotSignedException unsigned, ExchangeError error)
    {
        if (IsSignedWithKeyInForce(call))
        {
            call.Client.Signed.Fail($"{error.Name} ({unsigned.Message.TrimEnd('.')})", error.Advice);
        }
    }

    public static void Note(Call call, in AttemptOutcome outcome)
    {
        if (outcome.Failure is { Error: { Category: ErrorCategory.Authentication } refusal } && IsSignedWithKeyInForce(call))
        {
            call.Client.Signed.Fail(string.Create(CultureInfo.InvariantCulture, $"{(refusal.Code == 0 ? "" : $"{refusal.Code} ")}{refusal.Name}"), refusal.Advice);
        }
        else if (outcome.Failure is null && call.Client.Signed.AreFailing && IsSignedWithKeyInForce(call))
        {
            call.Client.Signed.Succeed();
        }
    }

    private static bool IsSignedWithKeyInForce(Call call) => SigningCredentials.AheadOf(call.Message) is null;
}
