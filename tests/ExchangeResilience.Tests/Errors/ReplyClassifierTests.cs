using System.Net;
using System.Text;

namespace ExchangeResilience.Tests.Errors;

public sealed class ReplyClassifierTests
{
    private const string UnknownError = "Unknown error, please check your request or try again later.";
    private const string ServiceUnavailable = "{\"msg\":\"Service Unavailable.\"}";
    private const string Page = "<html><head><title>Oops</title></head></html>";

    private static readonly ExchangeEndpoint Query = new(HttpMethod.Get, "/fapi/v1/order", OperationKind.Query) { Proof = SuccessProof.OrderId };
    private static readonly ExchangeEndpoint Place = Mutation(SuccessProof.OrderId);
    private static readonly ExchangeEndpoint Batch = Mutation(SuccessProof.Items);

    private static ErrorCatalog Catalog => ExchangeVenue.BinanceUsdFutures.Errors;

    private static ExchangeEndpoint Mutation(SuccessProof proof) => new(HttpMethod.Post, "/fapi/v1/any", OperationKind.Place) { Proof = proof };

    private static ReplyVerdict Classify(int status, string body, ExchangeEndpoint endpoint) => ReplyClassifier.Classify(status, Encoding.UTF8.GetBytes(body), endpoint, Catalog);

    [Theory]
    [InlineData(200, "{\"orderId\":1}", ExecutionStatus.Unknown)]
    [InlineData(200, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", ExecutionStatus.Unknown)]
    [InlineData(503, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", ExecutionStatus.Unknown)]
    [InlineData(503, "{\"msg\":\"Service Unavailable.\"}", ExecutionStatus.Unknown)]
    [InlineData(400, "{\"orderId\":1}", ExecutionStatus.Unknown)]
    [InlineData(400, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", ExecutionStatus.NotExecuted)]
    public void An_object_with_more_behind_it_proves_nothing(int status, string read, ExecutionStatus execution)
    {
        var verdict = ReplyClassifier.Classify(status, Encoding.UTF8.GetBytes(read), Place, Catalog, isWhole: false);

        verdict.IsSuccess.ShouldBeFalse();
        verdict.Execution.ShouldBe(execution);
        verdict.Definition.ShouldNotBeNull().Code.ShouldBe(0);
    }

    [Theory]
    [InlineData((int)SuccessProof.OrderId, "{\"orderId\":1,\"status\":\"NEW\"}")]
    [InlineData((int)SuccessProof.AlgoId, "{\"algoId\":1}")]
    [InlineData((int)SuccessProof.Code200, "{\"code\":200,\"msg\":\"success\"}")]
    [InlineData((int)SuccessProof.Code200, "{\"algoId\":2,\"clientAlgoId\":\"a\",\"code\":\"200\",\"msg\":\"success\"}")]
    [InlineData((int)SuccessProof.SuccessText, "SUCCESS")]
    [InlineData((int)SuccessProof.Leverage, "{\"leverage\":21,\"maxNotionalValue\":\"1000000\",\"symbol\":\"BTCUSDT\"}")]
    [InlineData((int)SuccessProof.CountdownTime, "{\"symbol\":\"BTCUSDT\",\"countdownTime\":\"0\"}")]
    [InlineData((int)(SuccessProof.ListenKey | SuccessProof.EmptyObject), "{}")]
    [InlineData((int)(SuccessProof.ListenKey | SuccessProof.EmptyObject), "{\"listenKey\":\"abc\"}")]
    [InlineData((int)SuccessProof.Items, "[{\"orderId\":1},{\"code\":-2022,\"msg\":\"ReduceOnly Order is rejected.\"}]")]
    [InlineData((int)SuccessProof.NoNegativeCode, "")]
    [InlineData((int)SuccessProof.NoNegativeCode, "{\"anything\":1}")]
    [InlineData((int)SuccessProof.NoNegativeCode, "{\"code\":0}")]
    [InlineData((int)SuccessProof.NoNegativeCode, "[]")]
    public void A_2xx_that_meets_its_proof_is_a_success(int proof, string body)
    {
        foreach (var status in new[] { 200, 201, 202 })
        {
            var verdict = Classify(status, body, Mutation((SuccessProof)proof));

            verdict.IsSuccess.ShouldBeTrue();
            verdict.Definition.ShouldBeNull();
            verdict.Execution.ShouldBe(ExecutionStatus.Executed);
        }
    }

    [Theory]
    [InlineData((int)SuccessProof.OrderId, "", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "{}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "{\"code\":200,\"msg\":\"success\"}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "[{\"orderId\":1}]", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, Page, "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "OK", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "{\"orderId\":1", "REPLY_BROKEN")]
    [InlineData((int)SuccessProof.OrderId, "{\"orderId\":1,\"code\":-2019}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "{\"orderId\":1,\"code\":-99999999999}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "{\"orderId\":1,\"msg\":\"" + UnknownError + "\"}", "EXECUTION_UNKNOWN")]
    [InlineData((int)SuccessProof.OrderId, "{\"msg\":\"Service Unavailable.\"}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "{\"239999\":\"The system is under maintenance, please try again later.\"}", "UNDER_MAINTENANCE")]
    [InlineData((int)SuccessProof.OrderId, "{\"orderId\":\"1\\u0000\"}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "{\"code\":\"-2019\\u0000\"}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.Code200, "{\"code\":\"200\\u0000\"}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.OrderId, "{\"code\":-9999,\"msg\":\"new\"}", "UNLISTED_CODE")]
    [InlineData((int)SuccessProof.OrderId, "{\"code\":-1007,\"msg\":\"Timeout\"}", "TIMEOUT")]
    [InlineData((int)SuccessProof.EmptyObject, "{\"a\":1}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.SuccessText, "\"SUCCESS\"", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.Items, "[]", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.Items, "{\"orderId\":1}", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.Items, "[{\"orderId\":1},{\"status\":\"NEW\"}]", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.Items, "[{\"orderId\":1},{\"code\":-1007,\"msg\":\"Timeout\"}]", "TIMEOUT")]
    [InlineData((int)SuccessProof.Items, "[{\"orderId\":1},{\"code\":-2022,\"msg\":\"" + UnknownError + "\"}]", "EXECUTION_UNKNOWN")]
    [InlineData((int)SuccessProof.NoNegativeCode, Page, "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.NoNegativeCode, "{\"a\":", "REPLY_BROKEN")]
    [InlineData((int)SuccessProof.NoNegativeCode, "[{\"code\":-2022}]", "UNPROVEN_REPLY")]
    [InlineData((int)SuccessProof.NoNegativeCode, "{\"code\":\"-1e3\"}", "UNPROVEN_REPLY")]
    public void A_2xx_without_its_proof_leaves_a_mutation_unknown(int proof, string body, string name)
    {
        var verdict = Classify(200, body, Mutation((SuccessProof)proof));

        verdict.IsSuccess.ShouldBeFalse();
        verdict.Execution.ShouldBe(ExecutionStatus.Unknown);
        verdict.Definition!.Name.ShouldBe(name);
    }

    [Theory]
    [InlineData("{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", "MARGIN_NOT_SUFFICIEN")]
    [InlineData("{\"code\":\"-2019\",\"msg\":\"Margin is insufficient.\"}", "MARGIN_NOT_SUFFICIEN")]
    public void A_listed_negative_code_under_2xx_is_the_error_it_says(string body, string name)
    {
        var verdict = Classify(200, body, Place);

        verdict.IsSuccess.ShouldBeFalse();
        verdict.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        verdict.Definition!.Name.ShouldBe(name);
        Classify(200, body, Mutation(SuccessProof.NoNegativeCode)).IsSuccess.ShouldBeFalse();
        Classify(200, body, Batch).Definition!.Name.ShouldBe(name);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(399)]
    [InlineData(409)]
    [InlineData(408)]
    [InlineData(0)]
    [InlineData(999)]
    public void Statuses_that_decide_nothing_leave_a_mutation_unknown_whatever_the_body(int status)
    {
        foreach (var body in new[] { "", "{\"orderId\":1}", "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", "{\"code\":-9999,\"msg\":\"new\"}", ServiceUnavailable, Page })
        {
            var verdict = Classify(status, body, Place);

            if (status == 999 && body.Contains("-1121", StringComparison.Ordinal))
            {
                continue; // the exchange's own definite code decides under any 5xx and beyond
            }

            verdict.IsSuccess.ShouldBeFalse();
            verdict.Execution.ShouldBe(ExecutionStatus.Unknown, $"{status} {body}");
            verdict.Definition!.Execution.ShouldBe(ExecutionStatus.Unknown, $"{status} {body}");
        }
    }

    [Theory]
    [InlineData(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", "BAD_SYMBOL", ExecutionStatus.NotExecuted)]
    [InlineData(400, "{\"code\":-1000,\"msg\":\"You don't have enough margin for this new order\"}", "UNKNOWN", ExecutionStatus.Unknown)]
    [InlineData(400, "{\"code\":-1006,\"msg\":\"x\"}", "UNEXPECTED_RESP", ExecutionStatus.Unknown)]
    [InlineData(408, "{\"code\":-1007,\"msg\":\"Timeout waiting for response from backend server.\"}", "TIMEOUT", ExecutionStatus.Unknown)]
    [InlineData(400, "{\"code\":-4083,\"msg\":\"Fail to place batch orders.\"}", "PLACE_BATCH_ORDERS_FAIL", ExecutionStatus.Unknown)]
    [InlineData(400, "{\"code\":-2012,\"msg\":\"Batch cancel failure.\"}", "CANCEL_ALL_FAIL", ExecutionStatus.Unknown)]
    [InlineData(503, "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try again.\"}", "DISCONNECTED", ExecutionStatus.NotExecuted)]
    [InlineData(503, "{\"code\":-1008,\"msg\":\"Request throttled by system-level protection.\"}", "Request Throttled", ExecutionStatus.NotExecuted)]
    [InlineData(500, "{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}", "MARGIN_NOT_SUFFICIEN", ExecutionStatus.NotExecuted)]
    [InlineData(400, "{\"code\":-4999,\"msg\":\"Something new\"}", "UNLISTED_CODE", ExecutionStatus.NotExecuted)]
    [InlineData(500, "{\"code\":-4999,\"msg\":\"Something new\"}", "UNLISTED_CODE", ExecutionStatus.Unknown)]
    [InlineData(401, "{\"code\":-2015,\"msg\":\"Invalid API-key\"}", "REJECTED_MBX_KEY", ExecutionStatus.NotExecuted)]
    [InlineData(404, "{\"code\":-5000,\"msg\":\"Path /x, Method GET is invalid\"}", "PATH_OR_METHOD_INVALID", ExecutionStatus.NotExecuted)]
    [InlineData(418, "{\"code\":-1003,\"msg\":\"Way too many requests\"}", "TOO_MANY_REQUESTS", ExecutionStatus.NotExecuted)]
    [InlineData(429, "{\"code\":-1003,\"msg\":\"Too many requests\"}", "TOO_MANY_REQUESTS", ExecutionStatus.NotExecuted)]
    [InlineData(429, "{\"code\":-1015,\"msg\":\"Too many new orders.\"}", "TOO_MANY_ORDERS", ExecutionStatus.NotExecuted)]
    [InlineData(403, "{\"code\":-1003,\"msg\":\"Way too many requests; IP banned until 1659761931230.\"}", "TOO_MANY_REQUESTS", ExecutionStatus.NotExecuted)]
    public void The_exchanges_own_code_names_the_error(int status, string body, string name, ExecutionStatus execution)
    {
        var verdict = Classify(status, body, Place);

        verdict.IsSuccess.ShouldBeFalse();
        verdict.Definition!.Name.ShouldBe(name);
        verdict.Execution.ShouldBe(execution);
    }

    [Theory]
    [InlineData(400, "HTTP_4XX_REFUSED", ErrorCategory.Unclassified, ExecutionStatus.NotExecuted)]
    [InlineData(401, "HTTP_401_UNAUTHORIZED", ErrorCategory.Authentication, ExecutionStatus.NotExecuted)]
    [InlineData(403, "HTTP_403_FIREWALL", ErrorCategory.Blocked, ExecutionStatus.NotExecuted)]
    [InlineData(404, "HTTP_404_NO_SUCH_PATH", ErrorCategory.NotSupported, ExecutionStatus.NotExecuted)]
    [InlineData(407, "HTTP_407_PROXY_CREDENTIALS", ErrorCategory.Unclassified, ExecutionStatus.NotExecuted)]
    [InlineData(408, "HTTP_408_BACKEND_TIMEOUT", ErrorCategory.Indeterminate, ExecutionStatus.Unknown)]
    [InlineData(409, "HTTP_409_PARTLY_DONE", ErrorCategory.Indeterminate, ExecutionStatus.Unknown)]
    [InlineData(410, "HTTP_410_RETIRED", ErrorCategory.NotSupported, ExecutionStatus.NotExecuted)]
    [InlineData(418, "HTTP_418_BANNED", ErrorCategory.RateLimited, ExecutionStatus.NotExecuted)]
    [InlineData(429, "HTTP_429_RATE_LIMITED", ErrorCategory.RateLimited, ExecutionStatus.NotExecuted)]
    [InlineData(451, "HTTP_451_RESTRICTED", ErrorCategory.Restricted, ExecutionStatus.NotExecuted)]
    [InlineData(499, "HTTP_4XX_REFUSED", ErrorCategory.Unclassified, ExecutionStatus.NotExecuted)]
    [InlineData(500, "HTTP_5XX_NO_VERDICT", ErrorCategory.Indeterminate, ExecutionStatus.Unknown)]
    [InlineData(502, "HTTP_502_BAD_GATEWAY", ErrorCategory.Indeterminate, ExecutionStatus.Unknown)]
    [InlineData(503, "HTTP_503_EXECUTION_UNKNOWN", ErrorCategory.Indeterminate, ExecutionStatus.Unknown)]
    [InlineData(504, "HTTP_504_GATEWAY_TIMEOUT", ErrorCategory.Indeterminate, ExecutionStatus.Unknown)]
    [InlineData(599, "HTTP_5XX_NO_VERDICT", ErrorCategory.Indeterminate, ExecutionStatus.Unknown)]
    public void Without_a_code_the_status_names_the_error(int status, string name, ErrorCategory category, ExecutionStatus execution)
    {
        // A code of 0 or above, an absurd one and one in a broken body are no code.
        foreach (var body in new[]
        {
            "", Page, "Service Unavailable.", "<html>Service Unavailable.</html>", "{}", "{\"code\":0,\"msg\":\"x\"}", "{\"code\":7,\"msg\":\"x\"}",
            "{\"code\":-99999999999,\"msg\":\"x\"}", "{\"code\":-2019,\"msg\":\"Margin", "{\"code\":-99999999999,\"msg\":\"Service Unavailable.\"}",
        })
        {
            var verdict = Classify(status, body, Place);

            verdict.IsSuccess.ShouldBeFalse();
            verdict.Definition!.Name.ShouldBe(name, body);
            verdict.Definition.Category.ShouldBe(category);
            verdict.Definition.Code.ShouldBe(0);
            verdict.Execution.ShouldBe(execution, body);

            var query = Classify(status, body, Query);
            query.Definition!.Name.ShouldBe(name, body);
            query.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        }
    }

    [Theory]
    [InlineData("{\"msg\":\"" + UnknownError + "\"}")]
    [InlineData("{\"timestamp\":1638827401078,\"path\":\"/fapi/v1/order\",\"msg\":\"" + UnknownError + "\"}")]
    [InlineData("{\"code\":-1121,\"msg\":\"" + UnknownError + "\"}")]
    [InlineData("{\"code\":-1008,\"msg\":\"" + UnknownError + "\"}")]
    [InlineData("{\"code\":0,\"msg\":\"unknown error, PLEASE check your request or try again later\"}")]
    [InlineData("{\"msg\":\"Request occur unknown error.\"}")]
    [InlineData("{\"msg\":\"Timeout waiting for response from backend server. Send status unknown; execution status unknown.\"}")]
    [InlineData("{\"code\":-2010,\"msg\":\"An unexpected response was received from the message bus. Execution status unknown.\"}")]
    [InlineData("{\"code\":-4164,\"msg\":\"An unknown error occured while processing the request.\"}")]
    [InlineData("{\"msg\":\"\\u0053end status unknown; execution \\u0073tatus unknown\"}")]
    [InlineData("<html><body>Execution status unknown</body></html>")]
    [InlineData(UnknownError)]
    [InlineData("<html><body>" + UnknownError + "</body></html>")]
    [InlineData("{\"code\":-1121,\"msg\":\"" + UnknownError)]
    public void The_texts_that_admit_ignorance_darken_every_verdict(string body)
    {
        foreach (var status in new[] { 200, 302, 400, 401, 403, 404, 451, 500, 502, 503, 504 })
        {
            var verdict = Classify(status, body, Place);

            verdict.IsSuccess.ShouldBeFalse();
            verdict.Execution.ShouldBe(ExecutionStatus.Unknown, $"under {status}");
            verdict.Definition!.Name.ShouldBe("EXECUTION_UNKNOWN", $"under {status}");
        }
    }

    [Theory]
    [InlineData(418, "{\"msg\":\"" + UnknownError + "\"}", "HTTP_418_BANNED")]
    [InlineData(429, "{\"code\":-1003,\"msg\":\"" + UnknownError + "\"}", "TOO_MANY_REQUESTS")]
    [InlineData(429, "{\"code\":-1015,\"msg\":\"" + UnknownError + "\"}", "TOO_MANY_ORDERS")]
    public void A_darkened_rate_limit_is_still_a_rate_limit(int status, string body, string name)
    {
        var verdict = Classify(status, body, Place);

        verdict.Definition!.Name.ShouldBe(name);
        verdict.Execution.ShouldBe(ExecutionStatus.Unknown);
    }

    [Theory]
    [InlineData("{\"msg\":\"Service Unavailable.\"}")]
    [InlineData("{\"msg\":\" service unavailable \",\"path\":\"/fapi/v1/order\"}")]
    [InlineData("{\"code\":0,\"msg\":\"Service Unavailable.\"}")]
    [InlineData("{\"code\":503,\"msg\":\"Service Unavailable.\"}")]
    public void Service_Unavailable_is_a_certain_failure_as_the_message_of_a_whole_object(string body)
    {
        var verdict = Classify(503, body, Place);

        verdict.Definition!.Name.ShouldBe("HTTP_503_SERVICE_UNAVAILABLE");
        verdict.Definition.Category.ShouldBe(ErrorCategory.Overloaded);
        verdict.Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Theory]
    [InlineData(503, "Service Unavailable.")]
    [InlineData(503, "\"Service Unavailable.\"")]
    [InlineData(503, "<html>Service Unavailable.</html>")]
    [InlineData(503, "{\"error\":\"Service Unavailable.\"}")]
    [InlineData(503, "{\"error\":{\"msg\":\"Service Unavailable.\"}}")]
    [InlineData(503, "{\"msg\":\"Service Unavailable.\"")]
    [InlineData(503, "{\"msg\":\"Service Unavailable.\"}x")]
    [InlineData(503, "[{\"msg\":\"Service Unavailable.\"}]")]
    [InlineData(503, "{\"msg\":\"503 Service Unavailable.\"}")]
    [InlineData(503, "{\"code\":-1000,\"msg\":\"Service Unavailable.\"}")]
    [InlineData(503, "{\"code\":-1007,\"msg\":\"Service Unavailable.\"}")]
    [InlineData(503, "{\"code\":\"x\",\"msg\":\"Service Unavailable.\"}")]
    [InlineData(503, "{\"orderId\":1,\"msg\":\"Service Unavailable.\"}")]
    [InlineData(500, "{\"msg\":\"Service Unavailable.\"}")]
    [InlineData(502, "{\"msg\":\"Service Unavailable.\"}")]
    [InlineData(504, "{\"msg\":\"Service Unavailable.\"}")]
    public void The_same_words_anywhere_else_prove_nothing(int status, string body) =>
        Classify(status, body, Place).Execution.ShouldBe(ExecutionStatus.Unknown);

    [Theory]
    [InlineData("{\"code\":-1007,\"msg\":\"Timeout")]
    [InlineData("{\"code\":-1121,\"code\":-1007,\"msg\":\"x\"}")]
    [InlineData("{\"code\":-1121,\"code\":-2019}")]
    [InlineData("{\"orderId\":5}")]
    [InlineData("{\"orderId\":\"\\u0035\"}")]
    [InlineData("{\"countdownTime\":\"10000\\u0030\"}")]
    [InlineData("{\"code\":200,\"msg\":\"success\"}")]
    [InlineData("SUCCESS")]
    [InlineData("[{\"code\":-1007,\"msg\":\"Timeout\"},{}]")]
    [InlineData("[{\"orderId\":1},7]")]
    public void A_refusal_whose_body_speaks_against_it_is_unknown(string body)
    {
        var verdict = Classify(400, body, Place);

        verdict.Execution.ShouldBe(ExecutionStatus.Unknown);
        verdict.Definition!.Execution.ShouldBe(ExecutionStatus.Unknown);
    }

    [Theory]
    [InlineData(403, "<html>Way too many requests; IP(1.2.3.4) banned until 1659761931230.</html>")]
    [InlineData(403, "{\"code\":-1003,\"msg\":\"Way too many")]
    public void A_403_that_relays_a_ban_is_a_rate_limit(int status, string body)
    {
        var verdict = Classify(status, body, Query);

        verdict.Definition!.Name.ShouldBe("HTTP_403_BANNED");
        verdict.Definition.Category.ShouldBe(ErrorCategory.RateLimited);
    }

    [Theory]
    [InlineData(418, "HTTP_418_BANNED")]
    [InlineData(429, "HTTP_429_RATE_LIMITED")]
    public void A_code_nobody_knows_does_not_hide_a_rate_limit(int status, string name)
    {
        var body = Encoding.UTF8.GetBytes("{\"code\":-9999,\"msg\":\"x\"}");
        var verdict = ReplyClassifier.Classify(status, body, Query, Catalog);

        verdict.Definition!.Name.ShouldBe(name);
        ReplyClassifier.ToError(verdict, body, status, null, null).Code.ShouldBe(-9999);
    }

    [Theory]
    [InlineData(200, "{\"code\":-1000,\"msg\":\"x\"}")]
    [InlineData(200, "garbage")]
    [InlineData(302, "")]
    public void A_query_below_400_is_not_looked_into(int status, string body)
    {
        var verdict = Classify(status, body, Query);

        verdict.IsSuccess.ShouldBeTrue();
        verdict.Reading.ShouldBe(default);
    }

    [Theory]
    [InlineData(408, "{\"code\":-1007,\"msg\":\"Timeout\"}", ErrorCategory.Indeterminate)]
    [InlineData(503, "{\"msg\":\"" + UnknownError + "\"}", ErrorCategory.Indeterminate)]
    [InlineData(502, "", ErrorCategory.Indeterminate)]
    [InlineData(503, "{\"239999\":\"The system is under maintenance, please try again later.\"}", ErrorCategory.Unavailable)]
    [InlineData(400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}", ErrorCategory.OrderNotFound)]
    public void A_failed_query_did_nothing_and_keeps_its_kind_of_trouble(int status, string body, ErrorCategory category)
    {
        var verdict = Classify(status, body, Query);

        verdict.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        verdict.Definition!.Category.ShouldBe(category);
    }

    [Theory]
    [InlineData(400, ExecutionStatus.NotExecuted)]
    [InlineData(503, ExecutionStatus.Unknown)]
    [InlineData(200, ExecutionStatus.Unknown)]
    public void Maintenance_is_told_and_the_status_decides_what_it_did(int status, ExecutionStatus execution)
    {
        foreach (var body in new[] { "{\"239999\":\"The system is under maintenance, please try again later.\"}", "{\"code\":1,\"msg\":\"System is under maintenance.\"}" })
        {
            var verdict = Classify(status, body, Place);

            verdict.Definition!.Name.ShouldBe("UNDER_MAINTENANCE");
            verdict.Execution.ShouldBe(execution);
        }
    }

    [Theory]
    [InlineData(400, ExecutionStatus.NotExecuted)]
    [InlineData(403, ExecutionStatus.NotExecuted)]
    [InlineData(503, ExecutionStatus.Unknown)]
    [InlineData(200, ExecutionStatus.Unknown)]
    public void Too_many_requests_in_words_alone_is_a_rate_limit_and_the_status_decides_what_it_did(int status, ExecutionStatus execution)
    {
        foreach (var body in new[] { "{\"msg\":\"Too many requests. Please try again later.\",\"success\":false}", "{\"code\":0,\"msg\":\"TOO MANY REQUESTS\"}" })
        {
            var verdict = Classify(status, body, Place);

            (verdict.Definition!.Name, verdict.Definition.Category).ShouldBe(("TOO_MANY_REQUESTS_WITHOUT_CODE", ErrorCategory.RateLimited));
            verdict.Execution.ShouldBe(execution);
        }

        Classify(429, "{\"code\":-1003,\"msg\":\"Too many requests; current limit is 2400 requests per minute.\"}", Place).Definition!.Code.ShouldBe(-1003);
        Classify(429, "{\"msg\":\"Too many requests. Please try again later.\"}", Place).Definition!.Name.ShouldBe("HTTP_429_RATE_LIMITED");
    }

    [Theory]
    [InlineData("<H1>403 ERROR</H1> The Amazon CloudFront distribution is configured to block access from your country. We can't connect to the server for this app or website at this time.")]
    [InlineData("<html><body>THE AMAZON CLOUDFRONT DISTRIBUTION IS CONFIGURED TO BLOCK ACCESS FROM YOUR COUNTRY.</body></html>")]
    [InlineData("<!DOCTYPE html><title>Access denied</title>The owner of this website has banned the country or region your IP address is in (XX) from accessing this website.")]
    [InlineData("Access from your Country is not allowed")]
    [InlineData("This service is not offered in certain countries.")]
    [InlineData("Not available in your region.")]
    [InlineData("{\"code\":0,\"msg\":\"Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms.\"}")]
    [InlineData("{\"code\":0,\"msg\":\"Your jurisdiction is not supported\"}")]
    [InlineData("{\"message\":\"Forbidden: geo-blocked\"}")]
    [InlineData("{\"msg\":\"blocked by your geographical location")]
    public void A_403_that_names_a_country_or_place_is_a_restriction(string body)
    {
        foreach (var endpoint in new[] { Place, Query })
        {
            var verdict = Classify(403, body, endpoint);

            (verdict.Definition!.Name, verdict.Definition.Category, verdict.Execution).ShouldBe(("HTTP_403_RESTRICTED", ErrorCategory.Restricted, ExecutionStatus.NotExecuted));
            verdict.Definition.Advice.ShouldNotContain("SQL");
            verdict.Definition.Advice.ShouldNotContain("minutes");
        }

        Classify(404, body, Query).Definition!.Category.ShouldBe(ErrorCategory.NotSupported, "only a refusal speaks of whom it refuses");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Forbidden")]
    [InlineData("{\"message\":\"Forbidden\"}")]
    [InlineData("{\"code\":0,\"msg\":\"Forbidden\"}")]
    [InlineData("<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><script>window.location.reload()</script></body></html>")]
    [InlineData("<H1>403 ERROR</H1><H2>The request could not be satisfied.</H2>Request blocked. There might be too much traffic or a configuration error.")]
    public void Any_other_403_is_the_firewalls(string body) => Classify(403, body, Query).Definition!.Name.ShouldBe("HTTP_403_FIREWALL");

    [Theory]
    [InlineData(401, ErrorCategory.Authentication)]
    [InlineData(410, ErrorCategory.NotSupported)]
    [InlineData(451, ErrorCategory.Restricted)]
    [InlineData(400, ErrorCategory.Unclassified)]
    [InlineData(403, ErrorCategory.Unclassified)]
    [InlineData(503, ErrorCategory.Unclassified)]
    public void Of_a_code_no_table_lists_a_status_of_one_meaning_tells_the_kind(int status, ErrorCategory category)
    {
        var verdict = Classify(status, "{\"code\":-2999,\"msg\":\"Something new\"}", Query);

        (verdict.Definition!.Code, verdict.Definition.Name, verdict.Definition.Category).ShouldBe((-2999, "UNLISTED_CODE", category));
    }

    [Fact]
    public void An_error_carries_what_the_exchange_said_and_what_it_means()
    {
        var body = "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}"u8;
        var retryAt = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

        var error = ReplyClassifier.ToError(ReplyClassifier.Classify(400, body, Place, Catalog), body, 400, retryAt, TimeSpan.FromSeconds(3));

        error.ShouldBe(new ExchangeError
        {
            Code = -1121,
            Name = "BAD_SYMBOL",
            Message = "Invalid symbol.",
            Category = ErrorCategory.InvalidParameter,
            Execution = ExecutionStatus.NotExecuted,
            StatusCode = HttpStatusCode.BadRequest,
            RetryAt = retryAt,
            RetryAfter = TimeSpan.FromSeconds(3),
            Advice = Catalog.Find(-1121)!.Advice,
        });
    }

    [Theory]
    [InlineData(503, "{\"code\":-1121,\"msg\":\"" + UnknownError + "\"}", -1121)]
    [InlineData(400, "{\"code\":-2019,\"msg\":\"Margin", -2019)]
    [InlineData(400, "{\"code\":7,\"msg\":\"x\"}", 0)]
    [InlineData(451, "{\"code\":0,\"msg\":\"x\"}", 0)]
    [InlineData(400, "{\"code\":-9999,\"msg\":\"x\"}", -9999)]
    [InlineData(502, "", 0)]
    public void An_error_shows_the_code_the_body_gave_even_where_it_does_not_decide(int status, string text, int code)
    {
        var body = Encoding.UTF8.GetBytes(text);

        ReplyClassifier.ToError(ReplyClassifier.Classify(status, body, Place, Catalog), body, status, null, null).Code.ShouldBe(code);
    }

    [Fact]
    public void A_success_is_no_error() =>
        Should.Throw<ArgumentException>(() => ReplyClassifier.ToError(Classify(200, "{\"orderId\":1}", Place), "{\"orderId\":1}"u8, 200, null, null));

    [Fact]
    public void Each_item_of_a_batch_gets_its_own_entry()
    {
        var body = Encoding.UTF8.GetBytes(
            """[{"orderId":1},{"code":-2022,"msg":"ReduceOnly Order is rejected."},{"code":-1007,"msg":"Timeout"},{"code":-4999,"msg":"new"},{"code":"200","msg":"success"},{},5,{"orderId":2,"code":-2019}]""");

        var items = ReplyClassifier.Items(body, 200, Catalog);

        items.Select(e => e?.ToString() ?? "ok").ShouldBe(
        [
            "ok",
            "-2022 REDUCE_ONLY_REJECT (OrderRejected, NotExecuted): ReduceOnly Order is rejected.",
            "-1007 TIMEOUT (Indeterminate, Unknown): Timeout",
            "-4999 UNLISTED_CODE (Unclassified, Unknown): new",
            "ok",
            "no code UNPROVEN_REPLY (Indeterminate, Unknown)",
            "no code UNPROVEN_REPLY (Indeterminate, Unknown)",
            "-2019 UNPROVEN_REPLY (Indeterminate, Unknown)",
        ]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"code\":-2022,\"msg\":\"x\"}")]
    [InlineData("[{\"orderId\":1}")]
    public void A_reply_that_is_no_array_has_no_items(string body) => ReplyClassifier.Items(Encoding.UTF8.GetBytes(body), 200, Catalog).ShouldBeEmpty();

    [Theory]
    [InlineData(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}")]
    [InlineData(400, "{ \"msg\": \"Order\\u0020does not exist.\", \"code\": \"-2013\" }")]
    [InlineData(503, "{\"timestamp\":1638827401078,\"path\":\"/fapi/v1/order\",\"msg\":\"" + UnknownError + "\"}")]
    [InlineData(503, Page)]
    [InlineData(408, "")]
    [InlineData(200, "{\"orderId\":22542179,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"fills\":[{\"a\":1}]}")]
    public void Classifying_allocates_nothing(int status, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        var catalog = Catalog;
        var sum = 0;
        for (var i = 0; i < 200; i++)
        {
            sum += (int)ReplyClassifier.Classify(status, body, Place, catalog).Execution;
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            sum += (int)ReplyClassifier.Classify(status, body, Place, catalog).Execution;
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        sum.ShouldBeGreaterThanOrEqualTo(0);
    }
}
