//! Amounts from the digits as written (G3.4).

use crate::currency;
use crate::json::Value;
use crate::name::Name;
use guard_verdict::{Code, codes::gate as codes};

/// Amounts stay below this many minor units.
pub const MAX_MINOR: i128 = 1_000_000_000_000_000_000;

/// An amount of a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// In minor units, not negative.
    pub minor: i128,
    /// ISO 4217.
    pub currency: Name,
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", plain(self.minor, &self.currency), self.currency)
    }
}

/// Minor units as plain digits with the currency's point.
pub fn plain(minor: i128, currency: &str) -> String {
    let digits = currency::digits(currency).unwrap_or(0) as usize;
    let sign = if minor < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at_checked(text.len().saturating_sub(digits)).unwrap_or((&text, ""));
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Reads digits as minor units of a currency.
///
/// # Errors
/// The code and what is wrong.
pub fn read(text: &str, currency: &str) -> Result<i128, (Code, String)> {
    let Some(digits) = currency::digits(currency) else {
        let message = format!("{} is no currency of ISO 4217 with minor units", quoted(currency));
        return Err((codes::CURRENCY_UNKNOWN, message));
    };
    if let Some(minor) = short(text, digits) {
        return Ok(minor);
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(form(text)),
        None => (text, ""),
    };
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(form(text));
    }
    if fraction.len() > digits as usize {
        let (given, digit) = (fraction.len(), if fraction.len() == 1 { "digit" } else { "digits" });
        let message = format!("{} has {given} {digit} behind the point; {currency} has {digits}", quoted(text));
        return Err((codes::MONEY_DIGITS, message));
    }
    let zeros = (digits as usize).saturating_sub(fraction.len());
    let written = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', zeros));
    // Bytes are digits; beyond the limit more of them change nothing.
    let minor = written.fold(0_i128, |sum, digit| (sum * 10 + i128::from(digit - b'0')).min(MAX_MINOR));
    Some(minor)
        .filter(|minor| *minor < MAX_MINOR)
        .ok_or_else(|| (codes::MONEY_RANGE, format!("{} is beyond 10^18 minor units", quoted(text))))
}

/// Digits that are an amount of at most 17 of them in one pass; none for what needs a closer look.
fn short(text: &str, digits: u32) -> Option<i128> {
    let (mut minor, mut fraction) = (0_u64, None);
    if text.len() > 17 || matches!(text.as_bytes(), [b'0', b'0'..=b'9', ..]) {
        return None;
    }
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => minor = minor.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?,
            b'.' if position > 0 && fraction.is_none() => fraction = Some(text.len().saturating_sub(position + 1)),
            _ => return None,
        }
    }
    if text.is_empty() || fraction == Some(0) {
        return None;
    }
    let missing = digits.checked_sub(u32::try_from(fraction.unwrap_or(0)).ok()?)?;
    let minor = i128::from(minor.checked_mul(10_u64.checked_pow(missing)?)?);
    (minor < MAX_MINOR).then_some(minor)
}

/// Reads an amount and its currency from arguments.
///
/// # Errors
/// The code and what is wrong.
pub fn amount(amount: Option<&Value<'_>>, currency: Option<&str>) -> Result<Money, (Code, String)> {
    let Some(currency) = currency else {
        return Err((codes::CURRENCY_UNKNOWN, "the currency is missing, or is no text".to_owned()));
    };
    let text = match amount {
        Some(Value::Number(number)) => number.text(),
        Some(Value::Text(text)) => text,
        Some(_) => return Err((codes::MONEY_FORM, "the amount is neither a number nor a text of digits".to_owned())),
        None => return Err((codes::MONEY_FORM, "the amount is missing".to_owned())),
    };
    let minor = read(text, currency)?;
    Ok(Money { minor, currency: currency::name(currency) })
}

fn form(text: &str) -> (Code, String) {
    (codes::MONEY_FORM, format!("{} is not an amount in plain digits", quoted(text)))
}

fn quoted(text: &str) -> String {
    guard_engine::document::quote(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn minor_units_come_from_the_digits() {
        let cases = [
            ("7.35", "EUR", 735),
            ("7", "EUR", 700),
            ("7.3", "EUR", 730),
            ("0", "JPY", 0),
            ("100", "JPY", 100),
            ("1.234", "KWD", 1234),
            ("0.29", "USD", 29),
            ("4503599627370497.01", "USD", 450359962737049701),
        ];
        for (text, currency, minor) in cases {
            assert_eq!(read(text, currency), Ok(minor), "{text} {currency}");
        }
    }

    #[test]
    fn every_two_decimal_budget_is_exact() {
        for minor in 0..100_000_i128 {
            let text = format!("{}.{:02}", minor / 100, minor % 100);
            assert_eq!(read(&text, "EUR"), Ok(minor));
            assert_eq!(plain(minor, "EUR"), text);
        }
    }

    /// Short texts of digits and points: in one pass, what the closer look says.
    #[test]
    fn one_pass_reads_what_a_closer_look_reads() {
        let letters = ['0', '1', '9', '.', '-', 'e', ' '];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            texts = texts
                .iter()
                .flat_map(|text| letters.map(|letter| format!("{text}{letter}")))
                .chain(texts.clone())
                .collect();
        }
        texts.extend(
            ["99999999999999999", "9999999999999999.9", "100000000000000000", "9999999999999999", "0.1234567890123456"]
                .map(str::to_owned),
        );
        for (text, currency) in
            texts.iter().flat_map(|text| ["EUR", "JPY", "KWD", "CLF"].map(|currency| (text, currency)))
        {
            let digits = currency::digits(currency).unwrap() as usize;
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let fits = plain(whole) && plain(fraction) && !(whole.len() > 1 && whole.starts_with('0'));
            let fits = fits && (text.find('.').is_none() || fraction.len() <= digits);
            let fraction = if text.contains('.') { fraction } else { "" };
            let written = || format!("{whole}{fraction:0<digits$}").parse::<i128>().unwrap();
            let wanted = fits.then(written).filter(|minor| *minor < MAX_MINOR);
            assert_eq!(read(text, currency).ok(), wanted, "{text} {currency}");
        }
    }

    #[test]
    fn other_amounts_are_refused() {
        let cases = [
            ("7.355", "EUR", "money-digits"),
            ("7.350", "EUR", "money-digits"),
            ("100.0", "JPY", "money-digits"),
            ("1e2", "EUR", "money-form"),
            ("-1", "EUR", "money-form"),
            ("+1", "EUR", "money-form"),
            ("1.", "EUR", "money-form"),
            (".5", "EUR", "money-form"),
            ("", "EUR", "money-form"),
            ("NaN", "EUR", "money-form"),
            ("1,5", "EUR", "money-form"),
            ("007", "EUR", "money-form"),
            ("٧", "EUR", "money-form"),
            ("1000000000000000000", "JPY", "money-range"),
            ("1", "XAU", "currency-unknown"),
            ("1", "eur", "currency-unknown"),
        ];
        for (text, currency, code) in cases {
            assert_eq!(read(text, currency).unwrap_err().0.name(), code, "{text} {currency}");
        }
        assert_eq!(read("999999999999999999", "JPY"), Ok(MAX_MINOR - 1));
    }
}
