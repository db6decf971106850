using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ExchangeResilience;

/// <summary>
/// Keeps the keys of one named client. Whenever its settings or the file of its private key change, new keys are read and checked, and only then take the place of the old; keys that
/// cannot be used leave the last good ones in force. A new key is of the same account: what else its settings say stays as the program began with it.
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
    private bool _accountIsNamed;
    private Action<SigningCredentials>? _rotated;
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
    /// <param name="accountIsNamed">Whether the settings name the account. Where they do not, it is the API key that identifies it.</param>
    /// <param name="rotated">Called when others are in force, with the earlier ones.</param>
    public void Follow(bool accountIsNamed, Action<SigningCredentials> rotated)
    {
        lock (_reading)
        {
            _accountIsNamed = accountIsNamed;
            _rotated = rotated;
            _look = _time.CreateTimer(static source => ((SigningSource)source!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            foreach (var change in _changes)
            {
                _subscriptions.Add(ChangeToken.OnChange(change.GetChangeToken, Reload));
            }
        }

        // A change before this line raised no event.
        Reload();
    }

    /// <inheritdoc/>
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

    private void Reload()
    {
        SigningCredentials? before = null;
        lock (_reading)
        {
            try
            {
                before = Take(_factory.Create(_name));
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
        if (before is not null)
        {
            _rotated?.Invoke(before);
        }
    }

    /// <summary>The keys that these take the place of; null where they are the same.</summary>
    private SigningCredentials? Take(ExchangeSigningOptions options)
    {
        var next = SigningCredentials.From(options, _kinds);
        var faults = FaultsOfChange(options, next).ToList();
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(_name, typeof(ExchangeSigningOptions), faults);
        }

        var before = next is null || next.IsSameAs(_credentials!) ? null : _credentials;
        if (before is not null || _lastReload is { Accepted: false })
        {
            _lastReload = new(_time.GetUtcNow(), Accepted: true, []);
        }

        if (before is not null)
        {
            _credentials = next!.After(before);
            SigningLog.KeysInForce(_logger, _name, next.AccountId);
        }

        return before;
    }

    private IEnumerable<string> FaultsOfChange(ExchangeSigningOptions options, SigningCredentials? next)
    {
        if (next is null != _credentials is null)
        {
            yield return OptionFault.Of(
                nameof(options.ApiKey), next is null ? "is removed, so that orders in doubt could no longer be looked up" : "is new, and the client started without one", "restart the program, or change it back");
        }
        else if (!_accountIsNamed && !string.Equals(options.ApiKey, Options.ApiKey, StringComparison.Ordinal))
        {
            yield return OptionFault.Of(
                nameof(options.ApiKey), "is another, and only the key identifies the account of the orders in doubt", "name the account in Account of the error handling settings, and restart the program; from then on keys of that account may change while it runs");
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
        _lastReload = isNews ? new(_time.GetUtcNow(), Accepted: false, faults) : _lastReload;
        if (isNews)
        {
            SigningLog.KeysRefused(_logger, _name, string.Join(" | ", faults));
        }
    }
}
