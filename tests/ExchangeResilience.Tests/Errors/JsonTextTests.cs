using System.Text;

namespace ExchangeResilience.Tests.Errors;

/// <summary>JSON's escapes undone, whatever was made of them on the way.</summary>
public sealed class JsonTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData(@"\b\f\n\r\t\""\\\/", "\b\f\n\r\t\"\\/")]
    [InlineData(@"a\nb\nc", "a\nb\nc")]
    [InlineData(@"\u0041\u00e9\u4e8e", "Aé于")]
    [InlineData(@"\u00E9", "é")]
    [InlineData(@"x\ud83d\ude00y", "x\U0001F600y")]
    [InlineData(@"\uffff", "\uFFFF")]
    public void An_escape_becomes_what_it_stands_for(string raw, string text) => Unescape(raw).ShouldBe(text);

    [Theory]
    [InlineData(@"\", "\uFFFD")]
    [InlineData(@"a\", "a\uFFFD")]
    [InlineData(@"\xy", "\uFFFDy")]
    [InlineData(@"\u", "\uFFFD")]
    [InlineData(@"\u004", "\uFFFD004")]
    [InlineData(@"\u00g1z", "\uFFFD00g1z")]
    [InlineData(@"\u 041", "\uFFFD 041")]
    [InlineData(@"\ud83d", "\uFFFD")]
    [InlineData(@"\ude00x", "\uFFFDx")]
    [InlineData(@"\ud83dx", "\uFFFDx")]
    [InlineData(@"\ud83d\u0041", "\uFFFDA")]
    [InlineData(@"\ud83d\ud83d\ude00", "\uFFFD\U0001F600")]
    [InlineData(@"\ude00\ud83d", "\uFFFD\uFFFD")]
    [InlineData(@"\ud83d\", "\uFFFD\uFFFD")]
    [InlineData(@"\ud83d\ude0", "\uFFFD\uFFFDde0")]
    [InlineData(@"\ud83d\xde00", "\uFFFD\uFFFDde00")]
    [InlineData(@"\ud83dxude00", "\uFFFDxude00")]
    public void A_broken_escape_becomes_one_sign_of_it_and_the_rest_stays(string raw, string text) => Unescape(raw).ShouldBe(text);

    [Theory]
    [InlineData("abc", 0, "")]
    [InlineData("abc", 2, "ab")]
    [InlineData("abc", 3, "abc")]
    [InlineData(@"ab\nc", 2, "ab")]
    [InlineData(@"ab\nc", 3, "ab\n")]
    [InlineData(@"ab\nc", 4, "ab\nc")]
    [InlineData(@"a\u00e9b", 2, "a")]
    [InlineData(@"a\u00e9b", 3, "aé")]
    [InlineData(@"a\u00e9b", 4, "aéb")]
    [InlineData(@"\ud83d\ude00\n", 3, "")]
    [InlineData(@"\ud83d\ude00\n", 4, "\U0001F600")]
    [InlineData(@"abc\ndef\nghi", 6, "abc\nde")]
    public void Writing_ends_where_the_room_does_and_never_inside_a_character_of_an_escape(string raw, int room, string text) => Unescape(raw, room).ShouldBe(text);

    private static string Unescape(string raw, int room = 64)
    {
        var target = new byte[room];
        return Encoding.UTF8.GetString(target, 0, JsonText.Unescape(Encoding.UTF8.GetBytes(raw), target));
    }
}
