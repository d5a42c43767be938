//! References of schemas, as far as RFC 3986 needs to be known to find a document that is there.

/// `reference` as seen from `base`, without a fragment; both may be empty.
pub(super) fn resolve(base: &str, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or_default();
    if reference.is_empty() {
        return base.to_owned();
    }
    if scheme(reference).is_some() {
        return reference.to_owned();
    }
    let scheme_end = scheme(base).map_or(0, |scheme| scheme.len() + 1);
    let (start, rest) = base.split_at_checked(scheme_end).unwrap_or(("", base));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            rest.split_at_checked(end + 2).unwrap_or((rest, ""))
        }
        None => ("", rest),
    };
    if reference.starts_with("//") {
        return format!("{start}{reference}");
    }
    let path = if reference.starts_with('/') {
        reference.to_owned()
    } else {
        let folder =
            path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or(if authority.is_empty() { "" } else { "/" });
        format!("{folder}{reference}")
    };
    format!("{start}{authority}{}", without_dots(&path))
}

/// The fragment of a reference, percent-decoded.
pub(super) fn fragment(reference: &str) -> Option<String> {
    let (_, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let mut out = Vec::new();
    let mut bytes = fragment.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let plain = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    (plain && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(scheme)
}

fn without_dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "." => {}
            ".." => {
                if out.len() > 1 || out.first().is_some_and(|first| !first.is_empty()) {
                    out.pop();
                }
            }
            step => out.push(step),
        }
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        out.push("");
    }
    out.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve() {
        let cases = [
            ("http://a/b/c.json", "d.json", "http://a/b/d.json"),
            ("http://a/b/c.json", "/d.json", "http://a/d.json"),
            ("http://a/b/c/", "../d.json#/x", "http://a/b/d.json"),
            ("http://a", "d", "http://a/d"),
            ("", "d.json", "d.json"),
            ("x/y.json", "z.json", "x/z.json"),
            ("http://a/b", "urn:u:1", "urn:u:1"),
            ("urn:u:1", "#/x", "urn:u:1"),
            ("http://a/b", "//c/d", "http://c/d"),
        ];
        for (base, reference, want) in cases {
            assert_eq!(resolve(base, reference), want, "{base} {reference}");
        }
        assert_eq!(fragment("a#/b%25c"), Some("/b%c".to_owned()));
        assert_eq!(fragment("a#%zz"), None);
    }
}
