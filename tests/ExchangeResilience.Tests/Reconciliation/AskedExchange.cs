using System.Collections.Concurrent;
using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>A question as the exchange is asked it, and when.</summary>
internal sealed record Question(string ClientName, string Method, Uri Uri, TimeSpan At)
{
    public override string ToString() => $"{Method} {Uri.PathAndQuery}";
}

/// <summary>Answers the questions of reconciliation by rule; what no rule answers is lost on the way.</summary>
internal sealed class AskedExchange(ManualTimeProvider time) : IInternalRequestSender
{
    private readonly ConcurrentQueue<Question> _asked = new();

    public Func<Question, string?> Answers { get; set; } = static _ => null;

    public IReadOnlyList<Question> Asked => [.. _asked];

    public IEnumerable<Question> AskedAt(string path) => Asked.Where(question => question.Uri.AbsolutePath == path);

    public bool Knows(string clientName, Uri uri) => true;

    public Uri? HostOf(string clientName) => SimulatedExchange.Address;

    /// <summary>A body that is an error under 400 where it bears a negative code; null for a lost connection.</summary>
    public Task<QueryResult> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken, SigningCredentials? signedWith = null)
    {
        var question = new Question(clientName, method.Method, uri, time.Elapsed);
        _asked.Enqueue(question);
        if (Answers(question) is not { } text)
        {
            return Task.FromResult(new QueryResult(LocalErrors.ConnectionLost(), default));
        }

        var body = Encoding.UTF8.GetBytes(text);
        var venue = ExchangeVenue.BinanceUsdFutures;
        var reading = ErrorReader.Read(body, venue.Errors.Vocabulary);
        var error = reading.ErrorCode is null
            ? null
            : ReplyClassifier.ToError(ReplyClassifier.Classify(400, body, venue.Endpoints.Find(method, uri.AbsolutePath), venue.Errors), body, 400, null, null);
        return Task.FromResult(new QueryResult(error, body));
    }
}
