//! Decimals in `physicalType`.

/// Digits of an exact decimal, at most.
pub const MOST_DIGITS: u8 = 38;

/// What a physical type says of decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalType {
    /// Nothing: it is another type.
    Other,
    /// `decimal` or `numeric` alone; SQL leaves precision and scale to the database.
    Unsized,
    /// Not one that is exact here: more digits than [`MOST_DIGITS`], more of them after the point than in all, or other text.
    Beyond,
    /// With this precision and scale.
    Of(u8, u8),
}

/// Reads `decimal(p, s)` or `numeric(p, s)`, in any case; SQL's `(p)` has no digits after the point.
pub fn decimal_type(physical: &str) -> DecimalType {
    let text = physical.trim().to_ascii_lowercase();
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim();
    match (name, rest.is_empty()) {
        ("decimal" | "numeric" | "dec", true) => DecimalType::Unsized,
        ("decimal" | "numeric" | "dec", false) => sized(rest).unwrap_or(DecimalType::Beyond),
        ("number", false) => sized(rest).unwrap_or(DecimalType::Beyond),
        _ => DecimalType::Other,
    }
}

fn sized(rest: &str) -> Option<DecimalType> {
    let inner = rest.strip_prefix('(')?.strip_suffix(')')?;
    let mut digits = inner.split(',').map(|part| part.trim().parse::<u8>().ok());
    let (precision, scale) = (digits.next()??, digits.next().unwrap_or(Some(0))?);
    let fits = digits.next().is_none() && (1..=MOST_DIGITS).contains(&precision) && scale <= precision;
    fits.then_some(DecimalType::Of(precision, scale))
}

#[cfg(test)]
mod tests {
    use super::DecimalType::{Beyond, Of, Other, Unsized};
    use super::*;

    #[test]
    fn decimals_are_told_apart() {
        let cases = [
            ("decimal(10, 2)", Of(10, 2)),
            ("NUMERIC (38)", Of(38, 0)),
            ("dec(3,3)", Of(3, 3)),
            ("number(5,1)", Of(5, 1)),
            ("decimal", Unsized),
            ("Numeric ", Unsized),
            ("number", Other),
            ("double", Other),
            ("decimal64(3)", Other),
            ("decimal(39,1)", Beyond),
            ("decimal(5,7)", Beyond),
            ("decimal(10,-2)", Beyond),
            ("decimal(10,2) unsigned", Beyond),
            ("decimal()", Beyond),
            ("decimal(1,1,1)", Beyond),
            ("decimal unsigned", Beyond),
        ];
        for (text, expected) in cases {
            assert_eq!(decimal_type(text), expected, "{text}");
        }
    }
}
