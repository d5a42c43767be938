//! The character classes of ECMA-262, as sets of code points.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

/// ECMA WhiteSpace and LineTerminator.
const SPACE: [(u32, u32); 10] = [
    (0x09, 0x0d),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
    (0xfeff, 0xfeff),
];
const DIGIT: [(u32, u32); 1] = [(0x30, 0x39)];
const WORD: [(u32, u32); 4] = [(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
const LINE_TERMINATOR: [(u32, u32); 3] = [(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)];

/// The binary properties of ECMA-262 and their short names; those that the Unicode tables here lack are refused.
const BINARY: &str = " Any Assigned ASCII ASCII_Hex_Digit AHex Alphabetic Alpha Bidi_Control Bidi_C Bidi_Mirrored \
    Bidi_M Case_Ignorable CI Cased Changes_When_Casefolded CWCF Changes_When_Casemapped CWCM Changes_When_Lowercased \
    CWL Changes_When_Titlecased CWT Changes_When_Uppercased CWU Dash Default_Ignorable_Code_Point DI Deprecated Dep \
    Diacritic Dia Emoji Emoji_Component EComp Emoji_Modifier EMod Emoji_Modifier_Base EBase Emoji_Presentation EPres \
    Extended_Pictographic ExtPict Extender Ext Grapheme_Base Gr_Base Grapheme_Extend Gr_Ext Hex_Digit Hex \
    IDS_Binary_Operator IDSB IDS_Trinary_Operator IDST ID_Continue IDC ID_Start IDS Ideographic Ideo Join_Control \
    Join_C Logical_Order_Exception LOE Lowercase Lower Math Noncharacter_Code_Point NChar Pattern_Syntax Pat_Syn \
    Pattern_White_Space Pat_WS Quotation_Mark QMark Radical Regional_Indicator RI Sentence_Terminal STerm \
    Soft_Dotted SD Terminal_Punctuation Term Unified_Ideograph UIdeo Uppercase Upper Variation_Selector VS \
    White_Space space XID_Continue XIDC XID_Start XIDS ";

/// One member of a bracketed class.
pub(super) enum Atom {
    /// One code point; a surrogate is allowed and matches nothing.
    Code(u32),
    Set(ClassUnicode),
}

impl Atom {
    pub(super) fn into_class(self) -> ClassUnicode {
        match self {
            Atom::Code(code) => range(code, code),
            Atom::Set(class) => class,
        }
    }
}

/// The scalar values from `low` to `high`, both included: surrogates are left out.
pub(super) fn range(low: u32, high: u32) -> ClassUnicode {
    let parts = [(low, high.min(0xD7FF)), (low.max(0xE000), high)];
    ClassUnicode::new(
        parts
            .into_iter()
            .filter(|(low, high)| low <= high)
            .filter_map(|(low, high)| Some(ClassUnicodeRange::new(char::from_u32(low)?, char::from_u32(high)?))),
    )
}

fn of(ranges: &[(u32, u32)]) -> ClassUnicode {
    let mut class = ClassUnicode::empty();
    for (low, high) in ranges {
        class.union(&range(*low, *high));
    }
    class
}

fn negated(mut class: ClassUnicode) -> ClassUnicode {
    class.negate();
    class
}

/// Everything but the line terminators.
pub(super) fn dot() -> ClassUnicode {
    negated(of(&LINE_TERMINATOR))
}

/// The class of `\d`, `\D`, `\s`, `\S`, `\w` or `\W`.
pub(super) fn shorthand(letter: char) -> ClassUnicode {
    let class = match letter.to_ascii_lowercase() {
        'd' => of(&DIGIT),
        's' => of(&SPACE),
        _ => of(&WORD),
    };
    if letter.is_ascii_uppercase() { negated(class) } else { class }
}

/// The class of `\p{name}`; none when ECMA-262 or the Unicode tables do not know the name.
pub(super) fn property(name: &str) -> Option<ClassUnicode> {
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'=') {
        return None;
    }
    match name.split_once('=') {
        Some(("General_Category" | "gc", value)) => table("gc", value),
        Some(("Script" | "sc", value)) => table("sc", value),
        Some(("Script_Extensions" | "scx", value)) => table("scx", value),
        Some(_) => None,
        None if BINARY.contains(&format!(" {name} ")) => unicode(&format!(r"\p{{{name}}}")),
        None => table("gc", name),
    }
}

/// Values of properties start with a capital letter; the tables would take other spellings too.
fn table(key: &str, value: &str) -> Option<ClassUnicode> {
    if !value.starts_with(|c: char| c.is_ascii_uppercase()) || value.contains('=') {
        return None;
    }
    unicode(&format!(r"\p{{{key}={value}}}"))
}

fn unicode(class: &str) -> Option<ClassUnicode> {
    let hir = regex_syntax::parse(class).ok()?;
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class.clone()),
        HirKind::Literal(literal) => {
            let c = std::str::from_utf8(&literal.0).ok()?.chars().next()?;
            Some(range(u32::from(c), u32::from(c)))
        }
        _ => None,
    }
}
