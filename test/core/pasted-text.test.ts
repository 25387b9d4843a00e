import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { plainTextOf } from "../../src/core/pasted-text.ts";

describe("what people paste is made plain", () => {
  test.each<[string, string, string]>([
    ["plain text", "a b", "a b"],
    ["a paragraph", "<p>a</p>", " a "],
    ["a line break", "a<br/>b<BR>c", "a b c"],
    ["attributes", '<div class="x" style="y">a</div>', " a "],
    ["a link", '<a href="https://x/y">z</a>', " https://x/y z "],
    ["a link in single quotes, after others", "<A title='t' HREF = 'https://x/y' >z</A>", " https://x/y z "],
    ["a link that leads nowhere", "<a name=x>z</a>", " z "],
    ["an anchor's own attribute is not its href", '<a data-x="1">z</a>', " z "],
    ["a placeholder", "/teams/<id>/operations/<op id>", "/teams/<id>/operations/<op id>"],
    ["an autolink", "<https://graph.microsoft.com>", "<https://graph.microsoft.com>"],
    ["a tag that is not Teams'", "<script>a</script>", "<script>a</script>"],
    ["a tag without an end", "<p a", "<p a"],
    ["entities", "&lt;id&gt;&amp;&quot;&apos;&nbsp;&lsquo;&rdquo;", `<id>&"' '"`],
    ["entities in capitals", "&LT;&#X27;", "<'"],
    ["numbers of entities", "&#39;&#x27;&#8217;&#10;", "''' "],
    [
      "what is no entity",
      "&foo; & &; &#; &#x; &#xzz; &constructor;",
      "&foo; & &; &#; &#x; &#xzz; &constructor;",
    ],
    ["entities of no character", "&#1114112;&#xd800;&#xffffff;", "&#1114112;&#xd800;&#xffffff;"],
    ["the last character there is", "&#1114111;", "\u{10ffff}"],
    ["JSON's escapes", String.raw`\u0027a\u0027\/b\"c`, `'a'/b"c`],
    ["JSON's escapes, twice", String.raw`\\u0027a\\\"`, `'a"`],
    ["JSON's white space", String.raw`a\r\nb\t"c`, String.raw`a nb "c`.replace(" nb", String.raw` \nb`)],
    ["a Windows path", String.raw`C:\new\table`, String.raw`C:\new\table`],
    ["an escape of half a character", String.raw`\ud800`, String.raw`\ud800`],
    ["an escaped NUL", String.raw`a\u0000b`, "a b"],
    ["bent quotes", "‘a’ ‚b‛ ′ “c” „d‟ ″ «e»", `'a' 'b' ' "c" "d" " "e"`],
    ["characters that nobody sees", "a\u200bb\u00adc\ufeffd\u2060e\u200ef\u202eg", "abcdefg"],
    ["a key that a console has broken", "/operations('abc\r\n   def')", "/operations('abcdef')"],
    ["a key that a console has broken, with blanks behind", "('abc  \n  def')", "('abcdef')"],
    ["two keys on two lines", "('a')\n  ('b')", "('a')\n  ('b')"],
    ["a key that ends its line", "('a'\n  'b')", "('a'\n  'b')"],
  ])("%s", (_, pasted, plain) => {
    expect(plainTextOf(pasted)).toBe(plain);
  });

  test("a text without marks stays the very same", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w ()'"/:.,;=-]{0,80}$/u), (text) => {
        expect(plainTextOf(text)).toBe(text);
      }),
    );
  });

  test("nothing makes it throw, and nothing gets much longer", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(plainTextOf(text).length).toBeLessThanOrEqual(2 * text.length + 2);
      }),
      { numRuns: 2_000 },
    );
  });
});
