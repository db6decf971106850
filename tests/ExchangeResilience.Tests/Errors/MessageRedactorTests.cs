using System.Diagnostics;
using System.Text;

namespace ExchangeResilience.Tests.Errors;

/// <summary>What of a message reaches a log line: one line, short, and nothing that opens an account.</summary>
public sealed class MessageRedactorTests
{
    private const string Key = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    [Theory]
    [InlineData(40, 40)]
    [InlineData(41, 3)]
    public void A_run_longer_than_any_harmless_word_is_masked(int run, int shown)
    {
        Decode(new string('a', run)).ShouldBe(shown == run ? new string('a', run) : "***");
        Decode($"x {new string('a', run)}, y").ShouldBe($"x {(shown == run ? new string('a', run) : "***")}, y");
    }

    [Theory]
    [InlineData('+', true)]
    [InlineData('%', true)]
    [InlineData('-', true)]
    [InlineData('_', true)]
    [InlineData('7', true)]
    [InlineData('.', false)]
    [InlineData('/', false)]
    [InlineData(' ', false)]
    public void A_secret_may_hold_what_encodings_put_into_it(char inside, bool masked)
    {
        var text = new string('a', 20) + inside + new string('b', 20);

        Decode(text).ShouldBe(masked ? "***" : text);
    }

    [Theory]
    [InlineData("signature=abc done", "signature=*** done")]
    [InlineData("SIGNATURE=abc", "SIGNATURE=***")]
    [InlineData("apiKey=abc", "apiKey=***")]
    [InlineData("listenKey=abc/d.e&f", "listenKey=***")]
    [InlineData("secret=abc", "secret=***")]
    [InlineData("price=abc", "price=abc")]
    [InlineData("=abc", "=abc")]
    [InlineData("key=", "key=")]
    [InlineData("signature='abc'", "signature='abc'")]
    [InlineData("/order?a=b&c=d", "/order?***")]
    [InlineData("/order?a=b\tnow", "/order?*** now")]
    [InlineData("/order?a=b\nnow", "/order?*** now")]
    [InlineData("/order?a=b\rnow", "/order?*** now")]
    [InlineData("'/order?a=b' now", "'/order?***' now")]
    [InlineData("\"/order?a=b\" now", "\"/order?***\" now")]
    [InlineData("</order?a=b> now", "</order?***> now")]
    [InlineData("/order?a=b<br>", "/order?***<br>")]
    [InlineData("why? a=b", "why? a=b")]
    [InlineData("what?so", "what?so")]
    [InlineData("?a=b", "?***")]
    public void A_query_and_the_value_of_a_secret_name_are_masked_to_their_end(string text, string shown) => Decode(text).ShouldBe(shown);

    [Theory]
    [InlineData("Signature for this request is not valid: symbol=BTCUSDT&side=BUY&quantity=0.001&signature=abc", "Signature for this request is not valid: ***")]
    [InlineData("a=b&c=d", "***")]
    [InlineData("symbol=BTCUSDT&quantity=0.001 is not valid", "*** is not valid")]
    [InlineData("'symbol=BTCUSDT&quantity=0.001' is not valid", "'***' is not valid")]
    [InlineData("<p>symbol=BTCUSDT&amp;quantity=0.001</p>", "<p>***</p>")]
    [InlineData("order:symbol=BTCUSDT&quantity=0.001", "order:***")]
    [InlineData("/fapi/v1/order&symbol=BTCUSDT&quantity=0.001", "/fapi/v1/order&***")]
    [InlineData("symbol=&quantity=", "***")]
    [InlineData("symbol%3DBTCUSDT%26quantity%3D0.001 is not valid", "*** is not valid")]
    [InlineData("batchOrders=[]&timestamp=1", "***")]
    [InlineData("quantity=0.001", "quantity=0.001")]
    [InlineData("quantity=0.001 & price=2", "quantity=0.001 & price=2")]
    [InlineData("quantity=0.001, price=2", "quantity=0.001, price=2")]
    [InlineData("profit&loss=3", "profit&loss=3")]
    [InlineData("a=b&c", "a=b&c")]
    [InlineData("x == y && z == 1", "x == y && z == 1")]
    [InlineData("50%26", "50%26")]
    public void Names_with_values_that_are_joined_are_a_query_wherever_they_stand(string text, string shown) => Decode(text).ShouldBe(shown);

    [Theory]
    [InlineData("a=&;")]
    [InlineData("a=")]
    [InlineData("a&")]
    [InlineData("a.")]
    public void A_body_made_to_look_like_one_everywhere_is_read_in_no_time(string part)
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(part, ErrorReader.MaxBytes / part.Length)));

        var started = Stopwatch.GetTimestamp();
        MessageRedactor.WithoutSecrets(body).ShouldBeSameAs(body);

        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("\u200b")]
    [InlineData("\u202e\ufeff")]
    [InlineData("\U000E0041")]
    public void What_nobody_sees_does_not_hide_a_secret(string unseen)
    {
        var broken = string.Join(unseen, Key.Chunk(16).Select(static part => new string(part)));

        Decode($"Signature {broken} is not valid").ShouldBe("Signature *** is not valid");
        Decode($"sig{unseen}nature=abc").ShouldBe("signature=***");
        Encoding.UTF8.GetString(MessageRedactor.WithoutSecrets(Encoding.UTF8.GetBytes($"{{\"msg\":\"Signature {broken} is not valid\"}}"))).ShouldBe("{\"msg\":\"Signature *** is not valid\"}");
        var escaped = string.Concat(broken.Select(static c => char.IsAscii(c) ? $"{c}" : $"\\u{(int)c:x4}"));
        Encoding.UTF8.GetString(MessageRedactor.WithoutSecrets(Encoding.UTF8.GetBytes($"{{\"msg\":\"Signature {escaped} is not valid\"}}"))).ShouldBe("{\"msg\":\"Signature *** is not valid\"}");
    }

    [Theory]
    [InlineData("{\"code\":-1022,\"msg\":\"not valid: symbol=BTCUSDT\\u0026side=BUY\"}", "{\"code\":-1022,\"msg\":\"not valid: ***\"}")]
    [InlineData("{\"code\":-1022,\"msg\":\"not valid: symbol=BTCUSDT\"}", "{\"code\":-1022,\"msg\":\"not valid: symbol=BTCUSDT\"}")]
    public void So_they_are_in_a_reply_that_is_kept(string body, string kept) =>
        Encoding.UTF8.GetString(MessageRedactor.WithoutSecrets(Encoding.UTF8.GetBytes(body))).ShouldBe(kept);

    [Theory]
    [InlineData("  a  \t\r\n b  ", "a b")]
    [InlineData("a\u0000\u001bb", "a b")]
    [InlineData("a\u00a0\u2028b", "a b")]
    [InlineData("a\u200b\u202e\ufeffb", "ab")]
    [InlineData("\u202e \u202e", "")]
    [InlineData("", "")]
    public void A_message_is_one_line_without_anything_unseen(string text, string shown) => Decode(text).ShouldBe(shown);

    [Theory]
    [InlineData(299)]
    [InlineData(300)]
    [InlineData(301)]
    [InlineData(2_000)]
    public void A_message_is_at_most_300_characters(int length) =>
        Decode(new string('.', length)).ShouldBe(new string('.', Math.Min(300, length)));

    [Fact]
    public void A_last_word_is_cut_where_the_line_ends() =>
        Decode(new string('.', 290) + "abcdefghijklmnop").ShouldBe(new string('.', 290) + "abcdefghij");

    [Fact]
    public void A_mask_is_cut_where_the_line_ends() =>
        Decode(new string('.', 298) + " " + Key).ShouldBe(new string('.', 298) + " *");

    [Theory]
    [InlineData(298, 300)]
    [InlineData(299, 299)]
    [InlineData(300, 300)]
    public void No_character_is_cut_in_half(int before, int length)
    {
        var shown = Decode(new string('.', before) + "\U0001F600x.");

        shown.Length.ShouldBe(length);
        shown.Count(char.IsSurrogate).ShouldBe(before == 298 ? 2 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_left_of_a_key_where_reading_ends_is_not_shown(bool isJson)
    {
        // Eight masked keys make room in the line for the 600th byte, which cuts the ninth key short of what is recognised.
        var masked = string.Concat(Enumerable.Repeat($"{Key} ", 8));

        Decode($"{masked}{new string('.', 50)} {Key}", isJson).ShouldBe($"{string.Concat(Enumerable.Repeat("*** ", 8))}{new string('.', 50)}");
        Decode($"{masked}{new string('.', 50)} whole", isJson).ShouldEndWith(". whole");
    }

    [Theory]
    [InlineData(596, true)]
    [InlineData(597, false)]
    public void A_last_word_is_shown_only_if_nothing_of_it_can_be_missing(int length, bool shown)
    {
        var masked = string.Concat(Enumerable.Repeat($"{Key} ", 8));
        var text = masked + new string('.', length - masked.Length - 4) + "word";

        Decode(text).EndsWith("word", StringComparison.Ordinal).ShouldBe(shown);
    }

    [Fact]
    public void Escapes_are_undone_in_JSON_alone()
    {
        Decode(@"a\u0041\nb", isJson: true).ShouldBe("aA b");
        Decode(@"a\u0041\nb", isJson: false).ShouldBe(@"a\u0041\nb");
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(256)]
    public void A_signature_in_base64_is_masked_whole(int bytes)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var signature = Signature(bytes, seed);

            Decode($"Signature {signature} for this request is not valid.").ShouldBe("Signature *** for this request is not valid.");
            Decode($"Signature {Uri.EscapeDataString(signature)} is not valid.").ShouldBe("Signature *** is not valid.");
            Decode($"Signature {signature.Replace("/", @"\/", StringComparison.Ordinal).Replace("+", @"\u002B", StringComparison.Ordinal)} is not valid.", isJson: true).ShouldBe("Signature *** is not valid.");

            // JSON within JSON.
            var written = System.Text.Json.JsonSerializer.Serialize(new { sig = $"sig {signature}" });
            Decode(System.Text.Json.JsonSerializer.Serialize(written).Trim('"'), isJson: true).ShouldBe("{\"sig\":\"sig ***\"}");
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(512)]
    public void So_is_one_that_HTML_escapes_or_whose_lines_are_broken(int bytes)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var signature = Signature(bytes, seed);
            foreach (var written in (string[])
            [
                Escaped(signature, "&#x2F;", "&#43;", "&#61;"), Escaped(signature, "&#47;", "&#x2b;", "&#X3D;"), Escaped(signature, "&sol;", "&plus;", "&equals;"),
                Escaped(signature, "&amp;#x2F;", "&amp;#43;", "="), Escaped(signature, @"\u0026#x2F;", @"\u0026#43;", "="), string.Concat(signature.Select(static c => $"&#{(int)c};")),
                Broken(signature, 64, "\n"), Broken(signature, 76, "\r\n"),
            ])
            {
                // What reaches beyond the bound of reading is left out.
                var shown = Decode($"<p>Signature {written} is not valid.");
                (written.Length < 560 ? shown : shown.TrimEnd('*', ' ')).ShouldBe(written.Length < 560 ? "<p>Signature *** is not valid." : "<p>Signature", $"seed {seed}: {written}");
                Encoding.UTF8.GetString(MessageRedactor.WithoutSecrets(Encoding.UTF8.GetBytes($"<p>{written}</p>"))).ShouldBe("<p>***</p>", $"seed {seed}: {written}");
            }
        }
    }

    [Theory]
    [InlineData("Tom &amp; Jerry said &quot;no&quot;")]
    [InlineData("&lt;b&gt;not valid&lt;/b&gt;")]
    [InlineData("1 &#43; 1 &#61; 2")]
    [InlineData("&#83;&#105;&#103;&#110;&#97;&#116;&#117;&#114;&#101; is not valid")]
    [InlineData("&#x2F;fapi&#x2F;v1&#x2F;order is away")]
    public void What_else_HTML_escapes_is_shown_as_it_is(string text) => Decode(text).ShouldBe(text);

    [Fact]
    public void What_is_left_of_an_escaped_signature_where_reading_ends_is_not_shown()
    {
        var masked = string.Concat(Enumerable.Repeat($"x {Key} ", 7));
        var shown = string.Concat(Enumerable.Repeat("x *** ", 7)).TrimEnd('*', ' ');
        for (var before = 0; before < 140; before++)
        {
            Decode($"{masked}{new string('.', before)} {Escaped(Signature(256, before), "&#x2F;", "&#43;", "&#61;")}").TrimEnd('*', ' ', '.').ShouldBe(shown);
        }
    }

    [Fact]
    public void What_is_left_of_a_signature_where_reading_ends_is_not_shown()
    {
        var masked = string.Concat(Enumerable.Repeat($"x {Key} ", 7));
        var shown = string.Concat(Enumerable.Repeat("x *** ", 7)).TrimEnd('*', ' ');
        for (var before = 0; before < 140; before++)
        {
            Decode($"{new string('.', before)} {Signature(512, before)}").Trim('*', ' ', '.').ShouldBeEmpty();
            Decode($"{masked}{new string('.', before)} {Signature(256, before)}").TrimEnd('*', ' ', '.').ShouldBe(shown);
        }
    }

    [Theory]
    [InlineData("/fapi/v1/positionSide/dual/of/a/path/that/nobody/knows")]
    [InlineData("See https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info for more.")]
    public void A_path_is_no_signature(string text) => Decode(text).ShouldBe(text);

    private static string Escaped(string signature, string slash, string plus, string equals) => string.Concat(signature.Select(c => c switch
    {
        '/' => slash,
        '+' => plus,
        '=' => equals,
        _ => c.ToString(),
    }));

    private static string Broken(string signature, int width, string lineBreak) => string.Join(lineBreak, signature.Chunk(width).Select(static line => new string(line)));

    private static string Signature(int bytes, int seed)
    {
        var signature = new byte[bytes];
        new Random(seed).NextBytes(signature);
        return Convert.ToBase64String(signature);
    }

    private static string Decode(string text, bool isJson = false) => MessageRedactor.Decode(Encoding.UTF8.GetBytes(text), isJson);
}
