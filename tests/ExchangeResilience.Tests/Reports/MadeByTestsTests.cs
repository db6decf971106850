using System.Net;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Reports;

/// <summary>A program's own tests make what its code meets: exceptions, reports, news and responses.</summary>
public sealed class MadeByTestsTests
{
    private static readonly ExchangeError Refused = new()
    {
        Code = -2019,
        Name = "MARGIN_NOT_SUFFICIEN",
        Message = "Margin is insufficient.",
        Category = ErrorCategory.InsufficientFunds,
        Execution = ExecutionStatus.NotExecuted,
        Advice = "Add margin.",
        StatusCode = HttpStatusCode.BadRequest,
    };

    [Fact]
    public void An_exception_names_client_request_and_id_what_is_known_and_what_to_do()
    {
        var report = new RecoveryReport("POST /fapi/v1/order", ExecutionStatus.NotExecuted) { ClientName = "futures", ClientOrderId = "a" };

        var made = new ExchangeErrorException(Refused, report);

        made.Message.ShouldBe("futures: POST /fapi/v1/order a: -2019 MARGIN_NOT_SUFFICIEN (InsufficientFunds, NotExecuted): Margin is insufficient. Add margin.");
        (made.Error, made.Report, made.StatusCode).ShouldBe((Refused, report, HttpStatusCode.BadRequest));
        ExchangeErrorException.Find(new InvalidOperationException("", made)).ShouldBeSameAs(made);
    }

    [Fact]
    public void The_standard_exceptions_have_an_error_of_unknown_outcome()
    {
        ExchangeErrorException[] made = [new(), new("text"), new("text", new IOException())];

        made.ShouldAllBe(static exception => exception.Error.Execution == ExecutionStatus.Unknown && exception.Report == null);
        made.Skip(1).ShouldAllBe(static exception => exception.Message == "text");
        Should.Throw<ArgumentNullException>(static () => new ExchangeErrorException((ExchangeError)null!));
    }

    [Fact]
    public void A_cancellation_says_what_it_means_for_the_order()
    {
        new ExchangeOperationCanceledException("POST /fapi/v1/order", "a", ExecutionStatus.NotExecuted).Message.ShouldStartWith("POST /fapi/v1/order a was cancelled before it took effect");
        new ExchangeOperationCanceledException("POST /fapi/v1/order", "a", ExecutionStatus.Unknown).Message.ShouldContain("the same call again joins it");
        new ExchangeOperationCanceledException().Execution.ShouldBe(ExecutionStatus.Unknown);
        new ExchangeOperationCanceledException("text", new IOException()).Message.ShouldBe("text");
    }

    [Fact]
    public void A_response_carries_what_a_test_hangs_on_it()
    {
        var report = new RecoveryReport("POST /fapi/v1/order", ExecutionStatus.NotExecuted) { Attempts = 2, Steps = [new RecoveryStep(TimeSpan.FromSeconds(1), RecoveryStepKind.Waited, "waited")] };
        using var response = new HttpResponseMessage(HttpStatusCode.BadRequest).SetExchangeOutcome(Refused, report, [null, Refused]);

        response.GetExchangeError().ShouldBe(Refused);
        response.GetRecoveryReport().ShouldBe(report);
        response.GetExchangeErrors().ShouldBe([null, Refused]);
        Should.Throw<ExchangeErrorException>(() => response.EnsureExchangeSuccess()).Report.ShouldBe(report);
        report.ToString().ShouldContain("waited");
    }

    [Fact]
    public void News_of_orders_can_be_made()
    {
        var order = new InDoubtOrder("BTCUSDT", "a", OperationKind.Place) { Side = "BUY", Quantity = 1 };

        new InDoubtSettledEventArgs(order, ExecutionStatus.Executed, "found").Order.ShouldBe(order);
        new AbsenceContradictedEventArgs(order, "FILLED").OrderStatus.ShouldBe("FILLED");
        new KeptCancelEndedEventArgs(order, KeptCancelFate.Applied).Fate.ShouldBe(KeptCancelFate.Applied);
    }
}
