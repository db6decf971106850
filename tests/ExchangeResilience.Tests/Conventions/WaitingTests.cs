using System.Text.RegularExpressions;

namespace ExchangeResilience.Tests.Conventions;

/// <summary>
/// No thread is blocked while a task runs, and no lock is held meanwhile. Within <c>lock</c> the compiler refuses <c>await</c>; what it does not refuse is named here.
/// </summary>
public sealed partial class WaitingTests
{
    // The journal's own thread waits for work, and whoever disposes of a journal, without await where it must be, waits for its end. Whoever turns manual time waits for those who live by it.
    // Loggers and subscribers of the host do not await, and are waited for a moment. The store's session is awaited.
    private static readonly string[] Allowed =
    [
        "src/ExchangeResilience.Testing/Time/ManualTimeProvider.Run.cs: Task.WaitAny(",
        "src/ExchangeResilience/Telemetry/HostThread.cs: .Wait(",
        "src/ExchangeResilience/Telemetry/HostThread.cs: ManualResetEventSlim",
        "src/ExchangeResilience.PostgreSql/Journal/PostgreSqlJournal.cs: .GetAwaiter().GetResult()",
        "src/ExchangeResilience.PostgreSql/Connections/StoreSession.cs: SemaphoreSlim",
        "src/ExchangeResilience.Sqlite/SqliteOrderJournal.cs: AutoResetEvent",
        "src/ExchangeResilience.Sqlite/SqliteOrderJournal.cs: .WaitOne(",
        "src/ExchangeResilience.Sqlite/SqliteOrderJournal.cs: .Join()",
    ];

    private static readonly SourceFile[] Sources = [.. from path in Repository.Files("src", ".cs") select new SourceFile(path, room: "")];

    [Fact]
    public void Nothing_blocks_a_thread_to_wait_for_another() => Found(Blocking()).Distinct().ShouldBe(Allowed, ignoreOrder: true);

    [Fact]
    public void Whatever_is_locked_is_a_lock_of_its_own_and_nobody_elses()
    {
        var locked = Sources.SelectMany(source => Locked().Matches(source.Code).Select(match => (source, Name: match.Groups["name"].Value))).ToArray();

        locked.ShouldNotBeEmpty();
        locked.Where(one => !Regex.IsMatch(one.source.Code, $@"\bprivate readonly Lock {Regex.Escape(one.Name.Split('.')[^1])} = new\(\);"))
            .Select(one => $"{one.source.Path}: {one.Name}")
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("task.Wait();")]
    [InlineData("task.Wait(timeout)")]
    [InlineData("Task.WaitAll(one, other)")]
    [InlineData("SendAsync(request).Result;")]
    [InlineData("task.Result.Body")]
    [InlineData("task.GetAwaiter().GetResult()")]
    [InlineData("task.ConfigureAwait(false)\n    .GetAwaiter()\n    .GetResult()")]
    [InlineData("new SemaphoreSlim(1)")]
    [InlineData("Monitor.Enter(_lock)")]
    [InlineData("_lock.Enter();")]
    [InlineData("using (_lock.EnterScope())")]
    [InlineData("private readonly ReaderWriterLockSlim _lock")]
    [InlineData("thread.Join()")]
    [InlineData("thread.Join(timeout)")]
    [InlineData("Thread.Sleep(1)")]
    public void What_blocks_is_seen(string code) => Blocking().IsMatch(code).ShouldBeTrue();

    [Theory]
    [InlineData("await task.WaitAsync(cancellationToken)")]
    [InlineData("arguments.Outcome.Result.Decision")]
    [InlineData("string.Join(separator, names)")]
    [InlineData("LaneScheduler.Enter(this, request)")]
    [InlineData("await Task.WhenAll(tasks)")]
    [InlineData("ResultOf(task)")]
    public void What_does_not_block_is_not(string code) => Blocking().IsMatch(code).ShouldBeFalse();

    private static IEnumerable<string> Found(Regex pattern) =>
        Sources.SelectMany(source => pattern.Matches(source.Code).Select(match => $"{source.Path}: {WhiteSpace().Replace(match.Value, "")}"));

    // An Outcome of Polly's is there already.
    [GeneratedRegex(
        """
          (?<! \b Outcome ) \. Result \b (?! \s* \( )
        | \. GetAwaiter \( \) \s* \. GetResult \( \)
        | \. Wait \(
        | \. WaitOne \(
        | \b Task \s* \. \s* Wait (?: All | Any ) \(
        | \. (?: Try )? Enter (?: Scope )? \( \s* \)
        | (?<! \b string ) \. Join \( (?: \) | [^,()]* \) )
        | \b Thread \s* \. \s* Sleep \b
        | \b (?: Semaphore (?: Slim )? | Monitor | Mutex | ReaderWriterLock (?: Slim )? | SpinLock | SpinWait | (?: Auto | Manual ) ResetEvent (?: Slim )? | CountdownEvent | Barrier | BlockingCollection ) \b
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Blocking();

    [GeneratedRegex(@"\block\s*\((?<name>[\w.]+)\)")]
    private static partial Regex Locked();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
