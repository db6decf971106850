using System.Globalization;
using System.Text;
using System.Text.Json;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>One request as it left a process.</summary>
internal sealed record Sent(SimulatedProcess Process, string Address, TimeSpan At, TimeSpan AdmittedAt, string Method, string Path, string Query, string Body)
{
    /// <summary>The middleware stamped it, and looked once more whether it may leave; what others have signed may be kept back behind the gate.</summary>
    public bool IsStampedHere { get; init; }
}

/// <summary>What leaves: each attempt signed once, within what the journal holds of it, and none after its sender was told to wait.</summary>
internal sealed class WireChecks(World world)
{
    private readonly Dictionary<decimal, int> _replies = [];
    private readonly List<Sent> _sent = [];
    private readonly HashSet<AttemptStamp> _stamps = [];
    private readonly Dictionary<string, TimeSpan> _journalledAt = [];
    private readonly Dictionary<string, TimeSpan> _mayHaveLeft = [];
    private readonly Dictionary<string, int> _looks = [];

    public IReadOnlyList<Sent> Sent => _sent;

    /// <summary>Which process sent what had this effect; null where that is not known.</summary>
    public SimulatedProcess? SenderOf(SimulatedEffect effect) => _sent.Find(sent =>
        sent.At == world.SentAt(effect) && sent.Method == world.RequestOf(effect).Method && (sent.Query + sent.Body).Contains(effect.ClientOrderId, StringComparison.Ordinal))?.Process;

    /// <summary>Whether anything but a question about this id has left before then, or was answered by a portal, which nobody can tell from an exchange.</summary>
    public bool MayHaveLeft(string id, TimeSpan before) => _mayHaveLeft.TryGetValue(id, out var at) && at <= before;

    /// <summary>Whether the journal has yet to answer what it holds of an order.</summary>
    public bool IsLookedUp(string id) => _looks.GetValueOrDefault(id) > 0;

    /// <summary>The journal is asked for an order, or has answered.</summary>
    public void NoteLook(string id, int change) => _looks[id] = _looks.GetValueOrDefault(id) + change;

    /// <summary>It looks as if this request had left.</summary>
    public void NoteAnswered(HttpRequestMessage request)
    {
        if (request.Method != HttpMethod.Get)
        {
            foreach (var id in NamesIn(new RequestParameters(request.RequestUri!.Query.TrimStart('?'), BodyOf(request))))
            {
                _mayHaveLeft.TryAdd(id, world.Time.Elapsed);
            }
        }
    }

    /// <summary>The gate let this order pass before now: the journal comes behind it.</summary>
    public void NoteJournalled(JournalEntry entry)
    {
        if (entry.Attempts.Count == 0)
        {
            world.Findings.Violate("what is written down has left or is about to", $"{entry.Key.Kind} {entry.Key.Id} has no attempt");
            return;
        }

        world.Log.Add($"journal: {entry.Key.Kind} {entry.Key.Id}, attempt {entry.Attempts.Count}, stamps {entry.Attempts[^1].NotBeforeMs} to {entry.Attempts[^1].NoStampAfterMs}");
        _journalledAt[entry.Key.Id] = world.Time.Elapsed;
    }

    /// <summary>A whole reply has come back to what was sent.</summary>
    public void NoteReply(HttpRequestMessage request)
    {
        if (QuantityOf(new RequestParameters(request.RequestUri!.Query, BodyOf(request))["quantity"]) is { } quantity)
        {
            _replies[quantity] = _replies.GetValueOrDefault(quantity) + 1;
        }
    }

    /// <summary>A quantity however it was written; null where there is none.</summary>
    public static decimal? QuantityOf(string? written) => decimal.TryParse(written, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quantity) ? quantity : null;

    /// <summary>How many whole replies came back to requests for a quantity.</summary>
    public int RepliesTo(decimal quantity) => _replies.GetValueOrDefault(quantity);

    public void NoteSend(SimulatedProcess process, string address, HttpRequestMessage request)
    {
        var body = BodyOf(request);
        var query = request.RequestUri!.Query.TrimStart('?');
        var path = request.RequestUri.AbsolutePath;
        var parameters = new RequestParameters(query, body);
        world.Log.Add($"{process}: sends {request.Method} {path} {query}{(body.Length > 0 ? " | " : "")}{body}");
        var admittedAt = request.Options.TryGetValue(PauseBeforeSigning.AdmittedAt, out var known) ? known : world.Time.Elapsed;
        NoteAnswered(request);
        var isOfTheHouse = request.Headers.TryGetValues("X-MBX-APIKEY", out var keys) && World.TenantKeys.All(tenant => tenant.Key != keys.First());
        if (request.Method != HttpMethod.Get && isOfTheHouse)
        {
            CheckSignature(request, query, body, parameters);
        }

        if (isOfTheHouse && (request.Method == HttpMethod.Post || request.Method == HttpMethod.Put))
        {
            foreach (var id in IdsOf(parameters))
            {
                if (world.Plan.Settings.Configuration.GetValueOrDefault("Reconciliation:Journal") == nameof(JournalMode.OnUnknown))
                {
                    continue;
                }

                admittedAt = CheckJournal(request.Method == HttpMethod.Post ? OperationKind.Place : OperationKind.Amend, id, parameters) is { } journalledAt && journalledAt < admittedAt ? journalledAt : admittedAt;
            }
        }

        _sent.Add(new Sent(process, address, world.Time.Elapsed, admittedAt, request.Method.Method, path, query, body) { IsStampedHere = request.Options.TryGetValue(AttemptStamp.Key, out _) });
    }

    /// <summary>To be called when all is over.</summary>
    public void Check()
    {
        foreach (var request in world.Exchange.SentIntoHold)
        {
            if (request.Number <= world.RequestsBefore)
            {
                continue;
            }

            var told = request.Elapsed - request.IntoHold!.Value;
            if (SendOf(request) is not { } sent)
            {
                world.Findings.Violate("nothing is sent but by a process", request.ToString());
                continue;
            }

            // A process that died first was never told, nor was the one that took its place. Of one host nobody learns what to do with another.
            var toldBy = world.Exchange.Requests.Single(other => other.Number == request.ToldBy);
            var toldTo = toldBy.Address == request.Address ? SendOf(toldBy)?.Process : null;
            if (toldTo is not null && toldTo == sent.Process && (toldTo.DiedAt is null || toldTo.DiedAt > told) && told < (sent.IsStampedHere ? sent.At : sent.AdmittedAt))
            {
                world.Findings.Violate(
                    "nothing leaves after a hold was registered",
                    string.Create(CultureInfo.InvariantCulture, $"{request} was admitted at {sent.AdmittedAt.TotalSeconds:0.0000}, left at {sent.At.TotalSeconds:0.0000}, and its sender was told to wait at {told.TotalSeconds:0.0000}"));
            }
        }
    }

    /// <summary>When a request passed the gate; it may have been held back below.</summary>
    public TimeSpan AdmittedAt(ReceivedRequest request) => SendOf(request)?.AdmittedAt ?? TimeSpan.MaxValue;

    /// <summary>The request as it left, for one that arrived: a journey takes as long for all.</summary>
    public Sent? SendOf(ReceivedRequest received)
    {
        var at = received.Elapsed - (world.Plan.Settings.Latency / 2);
        return _sent.Find(sent => sent.At == at && sent.Address == received.Address && sent.Method == received.Method && sent.Path == received.Path && sent.Query == received.Query && sent.Body == received.Body);
    }

    private static string BodyOf(HttpRequestMessage request)
    {
        if (request.Content is not { Headers.ContentLength: > 0 } content)
        {
            return "";
        }

        using var bytes = new MemoryStream();
        content.CopyTo(bytes, context: null, CancellationToken.None);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static IReadOnlyList<string> IdsOf(RequestParameters parameters)
    {
        if (parameters["batchOrders"] is not { } batch)
        {
            return (parameters["newClientOrderId"] ?? parameters["orderId"] ?? parameters["origClientOrderId"]) is { } id ? [id] : [];
        }

        using var items = JsonDocument.Parse(batch);
        return [.. items.RootElement.EnumerateArray().Select(static item =>
            item.TryGetProperty("newClientOrderId", out var own) || item.TryGetProperty("origClientOrderId", out own) ? own.GetString()! : "")];
    }

    private static IEnumerable<string> NamesIn(RequestParameters parameters)
    {
        if (parameters["origClientOrderIdList"] is { } list)
        {
            using var ids = JsonDocument.Parse(list);
            return [.. ids.RootElement.EnumerateArray().Select(static id => id.GetString()!)];
        }

        return parameters["clientAlgoId"] is { } stop ? [stop] : parameters["symbol"] is { } symbol && QuantityOf(parameters["amount"]) is { } amount ? [string.Create(CultureInfo.InvariantCulture, $"{symbol} {amount:0.######}")] : IdsOf(parameters);
    }

    private void CheckSignature(HttpRequestMessage request, string query, string body, RequestParameters parameters)
    {
        var last = (body.Length > 0 ? body : query).Split('&')[^1];
        if (parameters.CountOf("timestamp") != 1 || parameters.CountOf("signature") != 1 || !last.StartsWith("signature=", StringComparison.Ordinal))
        {
            world.Findings.Violate("each attempt bears one stamp and one signature, the signature last", $"{request.RequestUri!.AbsolutePath} {query} {body}");
        }
        else if (!request.Options.TryGetValue(AttemptStamp.Key, out var stamp) || !_stamps.Add(stamp))
        {
            world.Findings.Violate("each attempt is signed once", $"{request.RequestUri!.AbsolutePath} {query} {body}");
        }
    }

    /// <summary>When the attempt was written down.</summary>
    private TimeSpan? CheckJournal(OperationKind kind, string id, RequestParameters parameters)
    {
        var stamp = long.Parse(parameters["timestamp"]!, CultureInfo.InvariantCulture);
        var window = long.Parse(parameters["recvWindow"]!, CultureInfo.InvariantCulture);
        var attempts = world.Journal.Entries.Where(entry => entry.Key.Kind == kind && entry.Key.Id == id && entry.State == JournalState.Open).SelectMany(static entry => entry.Attempts).ToList();
        if (!attempts.Exists(attempt => stamp >= attempt.NotBeforeMs && stamp <= attempt.NoStampAfterMs && window == attempt.RecvWindowMs))
        {
            world.Findings.Violate(
                "an attempt leaves within what the journal holds of it",
                string.Create(CultureInfo.InvariantCulture, $"{kind} {id} left stamped {stamp}, recvWindow {window}; the journal holds {string.Join("; ", attempts)}"));
        }

        return _journalledAt.TryGetValue(id, out var at) ? at : null;
    }
}
