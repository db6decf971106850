using System.Text;

namespace ExchangeResilience.Tests.Errors;

/// <summary>What of a message reaches a log line: one line, short, and nothing that opens an account.</summary>
public sealed class MessageTextTests
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

    private static string Signature(int bytes, int seed)
    {
        var signature = new byte[bytes];
        new Random(seed).NextBytes(signature);
        return Convert.ToBase64String(signature);
    }

    private static string Decode(string text, bool isJson = false) => MessageText.Decode(Encoding.UTF8.GetBytes(text), isJson);
}
