using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>The exchange's clock gave no usable answer.</summary>
internal sealed class ClockNotMeasuredException(string message) : Exception(message)
{
    /// <summary>The look-up did not leave: what holds it back is logged separately.</summary>
    public bool IsHeldBack { get; init; }
}

/// <summary>A named client: its settings, its key, and the roads its requests take. Lives as long as the service provider.</summary>
internal sealed class ExchangeClient(string name, ClientSettingsSource settings, SigningSource? signing, ExchangeServices services)
{
    // A name that identifies an account is the one the program began with: a reload must not make another account of it.
    private readonly string? _accountName = settings.Current.Options.Account;
    private readonly TradedHosts _hosts = new(signing?.Options.Hosts ?? [], settings.Current.Options.Venue.Knows, () => services.Channel.HostOf(name));
    private RouteBook _routes = new(settings.Current, signing?.Credentials);
    private bool _wasCut;

    // What ends sooner was cancelled by an operator, or lost a race to another call.
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);

    public string Name { get; } = name;
    public ClientSettingsSource Settings { get; } = settings;

    /// <summary>The keys in force; null where requests are not signed here.</summary>
    public SigningCredentials? Credentials => signing?.Credentials;

    /// <summary>How the latest change of settings or keys went: a refused one, if there is one, since its cause is still there.</summary>
    public SettingsReload? LastReload => (Settings.LastReload, signing?.LastReload) switch
    {
        ({ Accepted: false } refused, _) => refused,
        (_, { Accepted: false } refused) => refused,
        ({ } last, { } ofKeys) => last.At >= ofKeys.At ? last : ofKeys,
        var (last, ofKeys) => last ?? ofKeys,
    };

    public ExchangeServices Services { get; } = services;

    /// <summary>Whether what is signed with its key succeeds.</summary>
    public SignedRequests Signed { get; } = new(name, services.Time, services.Logger);

    public LoggedRefusals Refusals { get; } = new(services.Time);

    /// <summary>The receive window that signing adds where a request names none.</summary>
    public long RecvWindowMs { get; } = (long)(signing?.Options.RecvWindow ?? TimeSpan.Zero).TotalMilliseconds;

    /// <summary>
    /// The caller or an outer handler ended a call while its outcome was being determined. That may be intended; a timeout that is shorter than recovery does it again and again, and may have been set
    /// where it could not be seen (by a library, on the finished <see cref="HttpClient"/>). Said once, and not of a program that is told to stop.
    /// </summary>
    public void NoteCut(TimeSpan after)
    {
        var options = Settings.Current.Options;
        if (after >= ShortestTimeout && after < options.TotalTimeout && !Services.IsEnding && Interlocked.Exchange(ref _wasCut, true) is false)
        {
            Log.RecoveryCut(Services.Logger, Name, after.TotalSeconds, DurationText.Format(options.TotalTimeout), DurationText.Format(options.TotalTimeout + options.AttemptTimeout));
        }
    }

    public string Account => AccountUnder(Settings.Current.Options);

    /// <summary>The route of a request, to be given back with <see cref="Route.Leave"/>. A query takes the client's own, whatever key it has, where that makes no difference: it needs no key, or nothing is signed here.</summary>
    public Route RouteOf(HttpRequestMessage request, in RequestTarget target, ExchangeEndpoint endpoint, ClientSettings current)
    {
        var routes = RoutesUnder(current);
        var tellsByKey = endpoint.IsMutation || (Credentials is not null && endpoint.Security != EndpointSecurity.Public);
        return tellsByKey && ForeignKeyOf(request) is { } key
            ? ForKey(routes.Own(this, target.Origin), key)
            : routes.Own(this, target.Origin);
    }

    public ExchangeClock ClockOf(RequestTarget target) => RoutesUnder(Settings.Current).Own(this, target.Origin).Clock;

    /// <summary>Whether a request of this client has gone to an environment.</summary>
    public bool Serves(string environment) => RouteIn(environment) is not null;

    /// <summary>Whether an address is of a host that this client trades on, so that its key and its look-ups may go there.</summary>
    public bool TradesOn(Uri address) => _hosts.Contain(address);

    /// <summary>An <see cref="HttpClient"/> of its name is made.</summary>
    public void Note(HttpClient made) => _hosts.Note(made);

    /// <summary>Whether a request is stamped and signed here, if it needs that at all.</summary>
    public bool Signs(HttpRequestMessage request) => Credentials is not null && ForeignKeyOf(request) is null;

    /// <summary>The environments that requests of this client have gone to; before the first, the one it is set to, if any.</summary>
    public IReadOnlyList<string> Environments => _routes.Environments is { Count: > 0 } gone ? gone : Settings.Current.Options.Environment is { } set ? [set] : [];

    /// <summary>A route this client's requests have taken into an environment; null where there is none.</summary>
    public Route? RouteIn(string environment) => _routes.In(environment);

    /// <summary>Where its look-ups go that are about no request; null where neither its settings nor a request have shown that.</summary>
    public Uri? Host => Services.Channel.HostOf(Name) ?? _routes.Host;

    public AccountIdentity Identity => IdentityOf(foreignKeyHash: null, market: null, isListed: null);

    /// <summary>Whether a client of the program has the key that a route's requests bear, so that they can be looked up.</summary>
    public bool CanLookUp(Route route) => AskerOf(route) is not null;

    /// <summary>The client that looks a request up: this one where the request has its key, else one whose own key that is.</summary>
    public ClaimOrigin OriginOf(Route route)
    {
        var asked = AskerOf(route);
        return new((asked ?? this).Name, Settings.Current.Options.Venue, route.Host, asked is not null) { Environment = route.Environment, Account = route.Identity };
    }

    /// <summary>What is known of the account a request is for, whatever route it takes.</summary>
    public AccountIdentity IdentityOf(HttpRequestMessage request)
    {
        var own = RoutesUnder(Settings.Current).Own(this, RequestTarget.Of(request.RequestUri!).Origin).Identity;
        return ForeignKeyOf(request) is { } key ? IdentityOf(SigningCredentials.AccountOf(key), own.Market, own.IsListed) : own;
    }

    /// <summary>
    /// Measures the exchange's clock with one sample, unless another call has since the given measurement. That is enough to go on with; a call that
    /// took the sample has it refined in the background.
    /// </summary>
    /// <exception cref="ClockNotMeasuredException">The exchange gave no usable time.</exception>
    public async Task SynchroniseAsync(Route route, int observedGeneration, ClockOptions options, CancellationToken cancellationToken)
    {
        var isOurs = false;
        await route.Clock.SynchroniseAsync(
            stop =>
            {
                isOurs = true;
                return SampleAsync(route, stop);
            },
            observedGeneration,
            cancellationToken).ConfigureAwait(false);
        if (isOurs)
        {
            _ = RefineClockAsync(route, options);
        }
    }

    /// <summary>Measures the exchange's clock within the time given; false, and logged, where that fails.</summary>
    public async Task<bool> TrySynchroniseAsync(Route route, int observedGeneration, ClockOptions options, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            await SynchroniseAsync(route, observedGeneration, options, cancellationToken).WaitAsync(within, Services.Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is TimeoutException or ClockNotMeasuredException or ClockSampleRefusedException)
        {
            NoteNotMeasured(route, error);
            return false;
        }
    }

    /// <summary>Sees to it that the next stamp is made by a clock that the refusal of the last one says nothing against: measured since, just confirmed, or measured now. False where that fails.</summary>
    public async Task<bool> TryHealAsync(Route route, DateTimeOffset? refusedAt, int refusedGeneration, ClockOptions options, TimeSpan within, CancellationToken cancellationToken)
    {
        if (route.Clock.IsJustConfirmed(refusedAt))
        {
            return true;
        }

        var isMeasured = await TrySynchroniseAsync(route, refusedGeneration, options, within, cancellationToken).ConfigureAwait(false);
        if (isMeasured)
        {
            route.Clock.Refute(refusedAt);
        }

        return isMeasured;
    }

    /// <summary>Several samples in the background; the shortest round trip wins.</summary>
    public async Task RefineClockAsync(Route route, ClockOptions options)
    {
        if (await route.Clock.StartRefine(stop => SampleAsync(route, stop), options.Samples).ConfigureAwait(false) is { } failure)
        {
            NoteNotMeasured(route, failure);
        }
    }

    private void NoteNotMeasured(Route route, Exception error)
    {
        var isNews = route.Clock.NoteFailure() && error is not ClockNotMeasuredException { IsHeldBack: true };
        Log.ClockNotMeasured(Services.Logger, isNews ? LogLevel.Warning : LogLevel.Debug, route.Environment, error.Message);
    }

    private async Task<ClockSample> SampleAsync(Route route, CancellationToken cancellationToken)
    {
        var venue = Settings.Current.Options.Venue;
        var sent = Services.Time.GetTimestamp();
        var answer = await Services.Channel.AskAsync(Name, HttpMethod.Get, new Uri(route.Host, venue.TimePath), cancellationToken).ConfigureAwait(false);
        var received = Services.Time.GetTimestamp();
        if (answer.Error is { } error)
        {
            throw new ClockNotMeasuredException(error.ToString()) { IsHeldBack = LocalErrors.IsOwn(error) };
        }

        return ServerTime.Read(answer.Body.Span) is { } time
            ? new ClockSample(time, sent, received)
            : throw new ClockNotMeasuredException("the reply holds no serverTime");
    }

    private RouteBook RoutesUnder(ClientSettings current)
    {
        var routes = _routes;
        var credentials = Credentials;
        return ReferenceEquals(routes.Settings, current) && ReferenceEquals(routes.Credentials, credentials) ? routes : _routes = new RouteBook(current, credentials);
    }

    private string? ForeignKeyOf(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues(ExchangeHeaders.ApiKey, out var values)
        && values.ToString() is var key && Credentials?.IsOwn(key) != true
            ? key
            : null;

    private string AccountUnder(ExchangeErrorHandlingOptions options) => options.Account ?? LabelOf(Credentials?.AccountId);

    // A key that took the place of another is called like that one, so that holds, counts and claims stay the account's.
    private string LabelOf(string? keyHash) => keyHash is null ? AccountIdentity.Anonymous : Services.Accounts.Book.FirstOf(keyHash);

    private ExchangeClient? AskerOf(Route route) => route.CanSign ? this : route.Identity.KeyHash is { } key ? Services.ClientOf(key) : null;

    // A program may serve thousands of keys, most of them for one request: nothing of theirs is kept here.
    private Route ForKey(Route own, string key)
    {
        var keyHash = SigningCredentials.AccountOf(key);
        var account = LabelOf(keyHash);
        return own with { Identity = IdentityOf(keyHash, own.Identity.Market, own.Identity.IsListed), Gate = Services.Traffic.OpenGate(own.Gate.Scope with { Account = account }), CanSign = false, IsForOneCall = true };
    }

    private Route Open(string origin, ClientSettings current)
    {
        var options = current.Options;
        var written = new Uri(origin);
        var host = new UriBuilder(written.Scheme, written.Host, written.Port).Uri;
        var environment = options.Environment ?? options.Venue.EnvironmentOf(host);
        var account = AccountUnder(options);
        return new Route(
            this,
            current,
            environment,
            host,
            Services.Traffic.GateFor(new TrafficScope(environment, options.EgressName, host.Authority, account)),
            Services.Clocks.Of(environment),
            Services.LimitsOf(environment, options.Venue))
        {
            Origin = origin,
            Silence = Services.Silences.Of(host.Authority),
            Identity = IdentityOf(foreignKeyHash: null, options.Venue.MarketOf(host), options.Venue.MarketOf(host) is not null),
            CanSign = Credentials is not null,
        };
    }

    private AccountIdentity IdentityOf(string? foreignKeyHash, string? market, bool? isListed)
    {
        var isForeign = foreignKeyHash is not null;
        var key = foreignKeyHash ?? Credentials?.AccountId;
        return new AccountIdentity
        {
            Label = (isForeign ? null : _accountName) ?? LabelOf(key),
            KeyHash = key,
            Name = isForeign ? null : _accountName,
            Market = market,
            IsListed = isListed,
            IsOwnKey = !isForeign || Services.ClientOf(key!) is not null,
            Book = Services.Accounts.Book,
        };
    }

    private sealed class RouteBook(ClientSettings settings, SigningCredentials? credentials)
    {
        private readonly ConcurrentDictionary<string, Route>.AlternateLookup<ReadOnlySpan<char>> _own =
            new ConcurrentDictionary<string, Route>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

        // Nearly every client has one base address.
        private Route? _last;

        public ClientSettings Settings { get; } = settings;

        public SigningCredentials? Credentials { get; } = credentials;

        public IReadOnlyList<string> Environments => [.. _own.Dictionary.Values.Select(static route => route.Environment).Distinct(StringComparer.Ordinal)];

        public Uri? Host => _own.Dictionary.Values.FirstOrDefault()?.Host;

        public Route? In(string environment) =>
            _own.Dictionary.Values.FirstOrDefault(route => string.Equals(route.Environment, environment, StringComparison.Ordinal));

        public Route Own(ExchangeClient client, ReadOnlySpan<char> origin) =>
            _last is { } last && origin.SequenceEqual(last.Origin) ? last
            : _last = _own.TryGetValue(origin, out var route) ? route : Open(client, origin.ToString());

        private Route Open(ExchangeClient client, string origin) =>
            _own.Dictionary.GetOrAdd(origin, static (road, context) => context.client.Open(road, context.Settings), (client, Settings));
    }
}
