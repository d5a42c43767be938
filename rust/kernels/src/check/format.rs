//! The named formats of text.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use arrow_array::Array;
use arrow_schema::DataType;

use super::bind::misplaced;
use super::rows::{Kernel, Never};
use super::{Refusal, bytes, instant, typed, uri};

const NAMES: &str = "email, uuid, uri, hostname, ipv4, ipv6, date, time, date-time, byte, binary, password";

/// Whether a value has the format.
type Test = fn(&str) -> bool;

/// What a format asks: of text a test, or nothing.
enum Asks {
    Test(Test),
    Nothing,
}

fn asks(name: &str) -> Result<Asks, Refusal> {
    Ok(Asks::Test(match name {
        "email" => email,
        "uuid" => uuid,
        "uri" => uri::is_uri,
        "hostname" => hostname,
        "ipv4" => |text| Ipv4Addr::from_str(text).is_ok(),
        "ipv6" => |text| Ipv6Addr::from_str(text).is_ok(),
        "date" => |text| instant::date(text).is_some(),
        "time" => |text| instant::clock(text).is_some_and(full_time),
        "date-time" => date_time,
        "byte" => base64,
        "binary" | "password" => return Ok(Asks::Nothing),
        _ => {
            return Err(Refusal::FormatUnknown(format!("`{name}` is none of {NAMES}")));
        }
    }))
}

/// Refuses a name that is no format.
pub(super) fn known(name: &str) -> Result<(), Refusal> {
    asks(name).map(|_| ())
}

pub(super) fn bind(name: &str, data_type: &DataType) -> Result<Box<dyn Kernel>, Refusal> {
    match asks(name)? {
        Asks::Test(test) if typed::is_text(data_type) => Ok(Box::new(Format(test))),
        Asks::Nothing if typed::is_text(data_type) => Ok(Box::new(Never)),
        // Binary values are the bytes that these formats encode.
        _ if typed::is_binary(data_type) && matches!(name, "byte" | "binary" | "password") => Ok(Box::new(Never)),
        _ => Err(misplaced(&format!("the format `{name}`"), data_type)),
    }
}

struct Format(Test);

impl Kernel for Format {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        bytes::test(array, start, len, fails, |value| !std::str::from_utf8(value).is_ok_and(self.0))
    }
}

/// RFC 3339 wants seconds and an offset, and a second of 60 only at the end of a UTC day.
fn full_time(clock: instant::Clock) -> bool {
    let Some(offset) = clock.offset.filter(|_| clock.has_seconds) else {
        return false;
    };
    let utc = clock.nanos - i128::from(offset) * 1_000_000_000;
    let last_second = instant::DAY_NANOS - 1_000_000_000;
    !clock.leap || utc.rem_euclid(instant::DAY_NANOS) >= last_second
}

fn date_time(text: &str) -> bool {
    let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    separated && matches!(instant::parts(text), Some((_, Some(clock))) if full_time(clock))
}

fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// RFC 1123: labels of 1 to 63 letters, digits and inner hyphens, 253 bytes in all, no dot at the end.
pub(super) fn hostname(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// RFC 5321: a dot-string or quoted string of at most 64 bytes, `@`, a host name or an address literal; ASCII.
fn email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    local.len() <= 64 && (dot_string(local) || quoted_string(local)) && mail_domain(domain)
}

fn dot_string(local: &str) -> bool {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

fn quoted_string(local: &str) -> bool {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut bytes = inner.bytes();
    while let Some(byte) = bytes.next() {
        let fine = match byte {
            b'\\' => bytes.next().is_some_and(|next| matches!(next, 32..=126)),
            b'"' => false,
            _ => matches!(byte, 32..=126),
        };
        if !fine {
            return false;
        }
    }
    true
}

fn mail_domain(domain: &str) -> bool {
    match domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => match address.strip_prefix("IPv6:") {
            Some(v6) => Ipv6Addr::from_str(v6).is_ok(),
            None => Ipv4Addr::from_str(address).is_ok(),
        },
        None => hostname(domain),
    }
}

/// RFC 4648 section 4, padded.
fn base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
