//! RFC 3986 URIs: a scheme, and only the characters that each part allows.

use std::net::Ipv6Addr;
use std::str::FromStr;

/// Whether the text is an absolute URI, fragment allowed.
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (hierarchy, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = match hierarchy.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if !is_authority(authority) {
                return false;
            }
            path
        }
        None => hierarchy,
    };
    is_scheme(scheme)
        && made_of(path, |byte| is_pchar(byte) || byte == b'/')
        && made_of(query, |byte| is_pchar(byte) || matches!(byte, b'/' | b'?'))
        && made_of(fragment, |byte| is_pchar(byte) || matches!(byte, b'/' | b'?'))
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn is_authority(authority: &str) -> bool {
    let (user, address) = match authority.rsplit_once('@') {
        Some((user, address)) => (user, address),
        None => ("", authority),
    };
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((literal, "")) => return is_user(user) && is_ip_literal(literal),
            Some((literal, port)) => {
                let port = port.strip_prefix(':');
                return is_user(user) && is_ip_literal(literal) && port.is_some_and(is_port);
            }
            None => return false,
        },
        None => address.split_once(':').unwrap_or((address, "")),
    };
    is_user(user) && is_port(port) && made_of(host, is_plain)
}

fn is_user(user: &str) -> bool {
    made_of(user, |byte| is_plain(byte) || byte == b':')
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_ip_literal(literal: &str) -> bool {
    let Some(future) = literal.strip_prefix(['v', 'V']) else {
        return Ipv6Addr::from_str(literal).is_ok();
    };
    future.split_once('.').is_some_and(|(version, address)| {
        !version.is_empty()
            && version.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !address.is_empty()
            && address.bytes().all(|byte| is_plain(byte) || byte == b':')
    })
}

/// Unreserved characters and sub-delimiters.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

fn is_pchar(byte: u8) -> bool {
    is_plain(byte) || matches!(byte, b':' | b'@')
}

/// Whether the text holds only allowed bytes and whole percent escapes.
fn made_of(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fine = match byte {
            b'%' => {
                bytes.next().is_some_and(|high| high.is_ascii_hexdigit())
                    && bytes.next().is_some_and(|low| low.is_ascii_hexdigit())
            }
            _ => allowed(byte),
        };
        if !fine {
            return false;
        }
    }
    true
}
