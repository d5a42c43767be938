//! The dialect: expected results follow from the clauses of ECMA-262 named beside them.

use crate::pattern::Pattern;

fn matches(pattern: &str, value: &str) -> bool {
    Pattern::compile(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}")).is_match(value.as_bytes())
}

fn check(pattern: &str, yes: &[&str], no: &[&str]) {
    for value in yes {
        assert!(matches(pattern, value), "`{pattern}` must match {value:?}");
    }
    for value in no {
        assert!(!matches(pattern, value), "`{pattern}` must not match {value:?}");
    }
}

fn refused(pattern: &str) -> crate::pattern::PatternError {
    Pattern::compile(pattern).expect_err(&format!("`{pattern}` must be refused"))
}

#[test]
fn searches_unless_anchored() {
    check("b", &["b", "abc"], &["", "ac"]);
    check("^b", &["b", "bc"], &["ab", "a\nb"]);
    check("b$", &["b", "ab"], &["bc", "b\n", "b\nc"]); // no multiline flag: 22.2.2.4
    check("^b$", &["b"], &["b\n", "\nb", ""]);
    check("", &["", "x"], &[]);
    check("a|^b$", &["b", "xa"], &["bb", "bx"]);
    check("a^b|x$y", &[], &["ab", "a^b", "x$y", "xy"]); // assertions inside can never hold
    check("a|", &["", "z"], &[]);
}

#[test]
fn escapes_of_classes_are_ascii() {
    check(r"^\d$", &["0", "9"], &["٣", "a", "²"]); // CharacterClassEscape :: d is 0-9 only
    check(r"^\w$", &["a", "Z", "0", "_"], &["é", "-", "ſ"]);
    check(r"^\W$", &["é", "-", "😀"], &["a", "_"]);
    check(r"^\D$", &["٣", "a"], &["5"]);
    check(
        r"^\s$",
        &["\t", "\n", "\u{b}", "\u{c}", "\r", " ", "\u{a0}", "\u{feff}", "\u{2028}", "\u{3000}"],
        &[
            "\u{85}", "\u{200b}", "\u{180e}", "\u{1c}", // not WhiteSpace: NEL, ZWSP, MVS, FS
        ],
    );
    check(r"^\S$", &["\u{85}", "x"], &["\u{feff}"]);
    check(r"\bfoo\b", &["foo", "a foo.", "éfoo"], &["foos", "_foo", "foo1"]); // é is no WordCharacter
    check(r"o\Bo", &["foo"], &["o o"]);
}

#[test]
fn no_match_begins_inside_a_character() {
    // Positions of "aéa": start|a, a|é, é|a, a|end: each one is a word boundary.
    check(r"\B", &["é", "", "aa", " "], &["aéa", "a"]);
    check(r"(?:x|\B)$", &["é", "x"], &["éa"]);
}

#[test]
fn dot_excludes_line_terminators() {
    check("^.$", &["a", "é", "😀", "\u{85}", "\u{b}", "\t"], &["\n", "\r", "\u{2028}", "\u{2029}", "", "ab"]);
    check("^[^]$", &["\n", "\u{2028}", "a"], &["", "aa"]); // the complement of the empty class
    check("[]", &[], &["", "]", "a"]);
    check("[]|a", &["a"], &["b"]);
    check("[]?a[]*", &["a"], &["b"]);
    check("^[]a]$", &[], &["]", "a", "a]"]); // `[]`, then `a`, then a literal `]`
    check("^[^]a]$", &["xa]"], &["x", "a"]);
}

#[test]
fn escapes_of_characters() {
    check(r"^\/\-\.\^\$\*\+\?\(\)\[\]\{\}\|\\$", &[r"/-.^$*+?()[]{}|\"], &["x"]);
    check(r"^\u0041\x42\u{43}\u{00044}$", &["ABCD"], &[]);
    check(r"^\uD83D\uDE00$", &["😀"], &[]); // a surrogate pair is one code point with the u flag
    check(r"^[\uD83D\uDE00]$", &["😀"], &[]);
    check(r"^\u{1F600}{2}$", &["😀😀"], &["😀"]);
    check(r"^\uD83D$", &[], &["😀", "", "\u{fffd}"]); // lone: no UTF-8 value holds it
    check(r"^[\uD800-\uDFFF]$", &[], &["a", "😀"]);
    check(r"^[\u0000-\uFFFF]$", &["a", "\u{ffff}", "\u{d7ff}", "\u{e000}"], &["😀"]);
    check(r"^[^\uD800]$", &["a", "😀"], &[]);
    check(r"^\t\n\v\f\r\0\cA\cj$", &["\t\n\u{b}\u{c}\r\0\u{1}\n"], &[]);
    check(r"^[\b]$", &["\u{8}"], &["b"]);
    check(r"^[\cZ]$", &["\u{1a}"], &["Z"]);
    check(r"^\<\é\ \#\_$", &["<é #_"], &[]);
    check("^a #b$", &["a #b"], &["a"]); // no verbose mode
}

#[test]
fn brackets() {
    check("^[a-c]$", &["a", "b", "c"], &["d", "-"]);
    check("^[a-]$", &["a", "-"], &["b"]);
    check("^[-a]$", &["a", "-"], &["b"]);
    check("^[--0]$", &["-", ".", "/", "0"], &["1", ","]);
    check(r"^[\w-.]$", &["a", "-", "."], &["+"]); // Annex B: a class escape takes no part in a range
    check(r"^[a-\d]$", &["a", "-", "5"], &["b"]);
    check("^[a&&b]$", &["a", "&", "b"], &["c"]);
    check("^[+--]$", &["+", ",", "-"], &["."]); // no subtraction: the range from `+` to `-`
    refused("[a--b]"); // the range from `a` to `-` is out of order
}

#[test]
fn set_notation_of_other_dialects_is_literal() {
    check("^[[:alpha:]]$", &["a]", ":]", "[]", "h]"], &["a", "b]", "z"]);
    check("^[a~~b]$", &["a", "~", "b"], &["c"]);
    check("^[[a]$", &["[", "a"], &["b"]);
}

#[test]
fn quantifiers() {
    check("^a{2}$", &["aa"], &["a", "aaa"]);
    check("^a{2,}$", &["aa", "aaaa"], &["a"]);
    check("^a{2,3}?$", &["aa", "aaa"], &["a", "aaaa"]); // lazy: the same values match
    check("^(?:ab)+?$", &["ab", "abab"], &["", "aba"]);
    check("^a{0}$", &[""], &["a"]);
    check("^a{02}$", &["aa"], &["a"]);
    check("^a*?b??$", &["", "aab"], &["ba"]);
    check("^😀{2}$", &["😀😀"], &["😀"]); // code points, not code units
    check("^(){9}$", &[""], &["a"]);
}

#[test]
fn braces_that_quantify_nothing_are_literal() {
    check("^{$", &["{"], &[]);
    check("^x{a}}$", &["x{a}}"], &[]);
    check("^{}{a$", &["{}{a"], &[]);
    check("^a{,}$", &["a{,}"], &[]);
    check("^a{1$", &["a{1"], &["a"]);
    check("^a{ 1}$", &["a{ 1}"], &["a"]);
    check("^]$", &["]"], &[]);
    check("^{+$", &["{{"], &[""]);
}

#[test]
fn groups() {
    check("^(a|b)(?:c|d)(?<name>e)$", &["ace", "bde"], &["ae"]);
    check("^(?<$_é1>x)$", &["x"], &[]);
    check("(((a)))", &["a"], &["b"]);
}

#[test]
fn unicode_properties() {
    check(r"^\p{L}$", &["a", "é", "漢"], &["1"]);
    check(r"^\p{Lu}\P{Lu}$", &["Éa"], &["éa", "AA"]);
    check(r"^[\p{Script=Greek}\d]+$", &["α1"], &["a"]);
    check(r"^\p{gc=Nd}$", &["٣", "3"], &["a"]);
    check(r"^\p{Alphabetic}\p{Any}\p{ASCII}$", &["é\n~"], &["éaé"]);
    check(r"^\p{Zl}$", &["\u{2028}"], &["\n"]);
    check(r"^\p{Sc}$", &["€"], &["a"]); // the general category, not `Script`
    for name in ["Greek", "lu", "", "Nope", "Age=6.0", "sc=greek", "^L", "L&", "Script"] {
        refused(&format!("\\p{{{name}}}"));
    }
    refused(r"\pL");
    refused(r"\p{L");
}

#[test]
fn what_linear_time_excludes_is_named() {
    for (pattern, name) in [
        ("a(?=b)", "look-ahead"),
        ("a(?!b)", "look-ahead"),
        ("(?<=a)b", "look-behind"),
        ("(?<!a)b", "look-behind"),
        (r"(a)\1", "back reference"),
        (r"(?<n>a)\k<n>", "back reference"),
        (r"[\1]", "back reference"),
    ] {
        let error = refused(pattern);
        assert!(error.message.contains(name) && error.message.contains("linear time"), "{pattern}: {error}");
    }
    assert_eq!(refused("é(?=b)").offset, Some(2));
    assert_eq!(refused(r"(a)\1").offset, Some(3));
}

#[test]
fn what_ecma_lacks_is_refused() {
    for pattern in [
        "(?i)a",
        "(?x) a",
        "(?P<n>a)",
        "(?#c)",
        "(?>a)",
        "(?i:a)",
        "(?",
        r"\A",
        r"\z",
        r"\Z",
        r"\h",
        r"\Qa\E",
        r"\a",
        r"\e",
        r"\G",
        r"\X",
        r"\y",
        r"\07",
        r"\00",
        r"\9",
        r"\x4",
        r"\xg0",
        r"\u12",
        r"\u{}",
        r"\u{110000}",
        r"\u{12",
        r"\c1",
        r"\c",
        r"[\c1]",
        r"[\B]",
        "\\",
        "a\\",
        "[",
        "[a",
        "[a\\",
        "[z-a]",
        r"[\u{62}-a]",
        "(",
        "(a",
        ")",
        "a)",
        "*",
        "+a",
        "?",
        "a**",
        "a+*",
        "a*+",
        "a{1}{2}",
        "{1}",
        "a|*",
        "(*a)",
        "^*",
        "$+",
        r"\b?",
        r"\B{2}",
        "a{2,1}",
        "a{,3}",
        "{,3}",
        "(?<>a)",
        "(?<1a>a)",
        "(?<a",
        "(?<a-b>a)",
    ] {
        let error = refused(pattern);
        assert!(error.message.starts_with(|c: char| c.is_lowercase() || c == '`'), "{pattern}: {error}");
        assert!(error.offset.is_some_and(|offset| offset <= pattern.len()), "{pattern}: {error:?}");
    }
}

#[test]
fn anchored_means_both_ends() {
    for (pattern, expected) in [
        ("^a$", true),
        ("^(?:a|b)$", true),
        ("^a$|^b$", true),
        ("^$", true),
        ("^a", false),
        ("a$", false),
        ("^a|b$", false),
        ("a", false),
        (r"\^a\$", false),
        ("[^a]$", false),
    ] {
        assert_eq!(Pattern::compile(pattern).unwrap().is_anchored(), expected, "{pattern}");
    }
}

#[test]
fn patterns_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(&Pattern::compile("a").unwrap());
}
