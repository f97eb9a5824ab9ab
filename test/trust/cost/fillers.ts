/** What a caller may fill a request with, so many times over. */
export interface Filler {
  name: string;
  fill(times: number): string;
}

/** The same again and again. */
const long = (text: string): Filler => ({ name: JSON.stringify(text), fill: (times) => text.repeat(times) });

/** One inside the other, and whole: what is only opened is refused before anything looks into it. */
const deep = (open: string, inner: string, close: string): Filler => ({
  name: `${open}…${close}`,
  fill: (times) => open.repeat(times) + inner + close.repeat(times),
});

/** Many beside each other, each of another name. */
const wide = (text: string): Filler => ({
  name: `${text} of many names`,
  fill: (times) =>
    Array.from({ length: times }, (_, index) => text.replace("%", named(index)).replace("%", named(index + 1))).join(
      "",
    ),
});

const named = (index: number) => index.toString(36).padStart(4, "0");

const LONG = [
  ...[" ", "\n", ",", "a", "é", "\u{1f642}", "\0", "\ud800", "0", "9", "1.0,", "-", "#", '"', "\\", "\\u0041"],
  ...[
    "{",
    "}",
    "(",
    "[",
    "]",
    "$a:",
    "@a ",
    "@skip(if:true)",
    "...a ",
    "a:b ",
    "a b ",
    "__typename ",
    " Did you mean ",
  ],
  ...[
    '"a":1,',
    '"1":1,',
    '"__proto__":1,',
    "{},",
    "{a:",
    "a{",
    '{"a":',
    "a/",
    "a;q=1,",
    "%41",
    "%",
    "&a=1",
    "a=1;",
    "a: b\r\n",
  ],
  ...["or ", '-"a" ', "1e9", "eyJ", "../", "a@b"],
];

export const FILLERS: readonly Filler[] = [
  ...LONG.map(long),
  deep("[", "1", "]"),
  deep("(", "1", ")"),
  deep('{"a":', "1", "}"),
  deep("{a:", "1", "}"),
  deep("{a", "", "}"),
  deep("...on Query{", "__typename", "}"),
  wide('"%":1,'),
  wide('"%",'),
  wide("%:1 "),
  wide("% "),
  wide("%:id "),
  wide("$%:Int "),
  wide("...%a "),
  wide("@%a "),
  wide("}fragment %a on Query{...%a "),
  wide("&%=1"),
  wide("x-%: b\r\n"),
];
