using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ExchangeResilience;

/// <summary>
/// Keeps the keys of one named client. Whenever its settings or the file of its private key change, new keys are read and checked, and only then take the place of the old; keys that
/// cannot be used leave the last good ones in force. A new key is of the same account, which the settings name or the exchange shows: what else its settings say stays as the program began with it.
/// </summary>
internal sealed class SigningSource : IDisposable
{
    // The system's own notices miss what a mounted secret or a folder of the network changes.
    private static readonly TimeSpan UntilNextLook = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly IOptionsFactory<ExchangeSigningOptions> _factory;
    private readonly IOptionsChangeTokenSource<ExchangeSigningOptions>[] _changes;
    private readonly IReadOnlyList<IPrivateKeyKind> _kinds;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _reading = new();
    private readonly List<IDisposable> _subscriptions = [];
    private ITimer? _look;
    private IKeyChanges? _owner;
    private volatile SigningCredentials? _credentials;
    private volatile SettingsReload? _lastReload;

    /// <exception cref="OptionsValidationException">The first keys are faulty; it names every fault, and the client.</exception>
    public SigningSource(
        string name,
        IOptionsFactory<ExchangeSigningOptions> factory,
        IEnumerable<IOptionsChangeTokenSource<ExchangeSigningOptions>> changes,
        IReadOnlyList<IPrivateKeyKind> kinds,
        TimeProvider time,
        ILogger logger)
    {
        _name = name;
        _factory = factory;
        _changes = [.. changes.Where(change => string.Equals(change.Name ?? Microsoft.Extensions.Options.Options.DefaultName, name, StringComparison.Ordinal))];
        _kinds = kinds;
        _time = time;
        _logger = logger;
        try
        {
            Options = factory.Create(name);
            _credentials = SigningCredentials.From(Options, kinds);
        }
        catch (OptionsValidationException faulty)
        {
            throw new OptionsValidationException(name, faulty.OptionsType, faulty.Failures.Select(fault => $"Client '{name}': {fault}"));
        }
    }

    /// <summary>The settings that the program began with.</summary>
    public ExchangeSigningOptions Options { get; }

    /// <summary>The keys in force; null where the client has none.</summary>
    public SigningCredentials? Credentials => _credentials;

    /// <summary>How the latest change of the keys went; null before the first.</summary>
    public SettingsReload? LastReload => _lastReload;

    /// <summary>Begins to look for changes. To be called once.</summary>
    public void Follow(IKeyChanges owner)
    {
        lock (_reading)
        {
            _owner = owner;
            _look = _time.CreateTimer(static source => ((SigningSource)source!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            foreach (var change in _changes)
            {
                _subscriptions.Add(ChangeToken.OnChange(change.GetChangeToken, () => Reload()));
            }
        }

        // A change before this line raised no event.
        Reload();
    }

    public void Dispose()
    {
        _subscriptions.ForEach(static subscription => subscription.Dispose());
        _look?.Dispose();
    }

    private void Look()
    {
        // An encrypted key takes long to open, so that it is opened only where the file is another.
        if (_lastReload is { Accepted: false } || _credentials is not { } inForce || inForce.HasOtherText())
        {
            Reload();
        }
        else
        {
            LookAgain();
        }
    }

    private void LookAgain()
    {
        if (_lastReload is { Accepted: false } || _credentials is { IsFromFile: true })
        {
            _look?.Change(UntilNextLook, Timeout.InfiniteTimeSpan);
        }
    }

    /// <param name="compared">A key that the exchange was queried for, and what it showed; null where it is to be queried.</param>
    private void Reload((string ApiKey, SameAccount Account)? compared = null)
    {
        var isOther = false;
        lock (_reading)
        {
            try
            {
                isOther = Take(_factory.Create(_name), compared);
            }
            catch (OptionsValidationException exception)
            {
                Refuse([.. exception.Failures]);
            }
#pragma warning disable CA1031 // The user's own configuration code may throw anything, and must not take down the thread that watches files.
            catch (Exception exception)
            {
                // Its message may repeat what it was given.
                Refuse([$"{exception.GetType().Name} as the keys were read"]);
            }
#pragma warning restore CA1031
        }

        LookAgain();
        if (isOther)
        {
            _owner!.Replaced();
        }
    }

    /// <summary>Whether others are in force now.</summary>
    private bool Take(ExchangeSigningOptions options, (string ApiKey, SameAccount Account)? compared)
    {
        var next = SigningCredentials.From(options, _kinds);
        var faults = FaultsOfChange(options, next).ToList();
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(_name, typeof(ExchangeSigningOptions), faults);
        }

        var before = next is null || next.IsSameAs(_credentials!) ? null : _credentials;
        if (before is not null && !MayReplace(before, next!, compared))
        {
            return false;
        }

        if (before is not null || _lastReload is { Accepted: false })
        {
            _lastReload = new(_time.GetUtcNow(), Accepted: true, []);
        }

        if (before is not null)
        {
            _owner!.Replacing(before, next!);
            _credentials = next!.After(before);
            SigningLog.KeysInForce(_logger, _name, next.AccountId);
        }

        return before is not null;
    }

    /// <summary>Whether a key is of the account of the one in force. False while the exchange is queried for that, which ends in another reload.</summary>
    /// <exception cref="OptionsValidationException">It is not, or nothing shows that it is.</exception>
    private bool MayReplace(SigningCredentials before, SigningCredentials next, (string ApiKey, SameAccount Account)? compared)
    {
        if (_owner!.AccountIsNamed || string.Equals(next.ApiKey, before.ApiKey, StringComparison.Ordinal))
        {
            return true;
        }

        if (compared is not { } told || !string.Equals(told.ApiKey, next.ApiKey, StringComparison.Ordinal))
        {
            // Not on this thread: it may be the one that makes the client, and the query needs that.
            _ = Task.Run(async () => Reload((next.ApiKey, await _owner.CompareAsync(before, next).ConfigureAwait(false))));
            return false;
        }

        return told.Account == SameAccount.Yes ? true : throw new OptionsValidationException(_name, typeof(ExchangeSigningOptions), [FaultOf(told.Account)]);
    }

    private static string FaultOf(SameAccount account) => account == SameAccount.No
        ? OptionFault.Of(nameof(ExchangeSigningOptions.ApiKey), "is of another account than the one before", "give that account a client of its own, or restart the program")
        : OptionFault.Of(
            nameof(ExchangeSigningOptions.ApiKey),
            "is another, and the exchange does not show that it is of the same account",
            "let both keys read the balance, or name the account in Account of the error handling settings, settle orders in doubt through IInDoubtOrders, and restart the program");

    private IEnumerable<string> FaultsOfChange(ExchangeSigningOptions options, SigningCredentials? next)
    {
        if (next is null != _credentials is null)
        {
            yield return OptionFault.Of(
                nameof(options.ApiKey), next is null ? "is removed, so that orders in doubt could no longer be looked up" : "is new, and the client started without one", "restart the program, or change it back");
        }

        if (options.RecvWindow != Options.RecvWindow)
        {
            yield return OptionFault.Of(nameof(options.RecvWindow), "cannot change while the program runs, since proofs of absence rest on it", "restart the program, or change it back");
        }

        if (!options.Hosts.SequenceEqual(Options.Hosts, StringComparer.Ordinal))
        {
            yield return OptionFault.Of(nameof(options.Hosts), "cannot change while the program runs", "restart the program, or change it back");
        }
    }

    private void Refuse(IReadOnlyList<string> faults)
    {
        // The same refusal comes with every look at the file; it is logged once.
        var isNews = _lastReload is not { Accepted: false } last || !last.Faults.SequenceEqual(faults, StringComparer.Ordinal);
        _lastReload = isNews ? SettingsReload.Refused(_time.GetUtcNow(), faults, _lastReload) : _lastReload;
        if (isNews)
        {
            SigningLog.KeysRefused(_logger, _name, string.Join(" | ", faults));
        }
    }
}
