using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>The listeners to each account, by its name. Not thread-safe: the exchange calls it under its lock.</summary>
internal sealed class UserDataStreams
{
    private readonly List<UserDataSubscription> _subscriptions = [];

    public UserDataSubscription Open(string account)
    {
        var subscription = new UserDataSubscription(account);
        _subscriptions.Add(subscription);
        return subscription;
    }

    public void Close(UserDataSubscription subscription) => _subscriptions.Remove(subscription);

    /// <summary>Sends an event to an account's listeners; where there are none, the event is not even written.</summary>
    public void Publish(string account, Moment moment, Func<JsonObject> write)
    {
        if (Of(account) is { Count: > 0 } listeners)
        {
            var message = new UserDataMessage(moment.Elapsed, Replies.Write(write()));
            listeners.ForEach(listener => listener.Add(message));
        }
    }

    /// <summary>The account's listen key is no more.</summary>
    public void End(string account)
    {
        foreach (var subscription in Of(account))
        {
            subscription.End();
            Close(subscription);
        }
    }

    /// <summary>Something is due that listeners did not know of as they began to wait.</summary>
    public void Wake() => _subscriptions.ForEach(static subscription => subscription.Wake());

    private List<UserDataSubscription> Of(string account) => _subscriptions.FindAll(subscription => string.Equals(subscription.Account, account, StringComparison.Ordinal));
}
