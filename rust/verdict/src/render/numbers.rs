//! Numbers for people.

/// Digits in groups of three: `336,776`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `n` of `of` as a percentage that is `0 %` only for none and `100 %` only for all; none over nothing or when `n` is larger.
pub(crate) fn percent(n: u64, of: u64) -> Option<String> {
    if of == 0 || n > of {
        return None;
    }
    let hundredths = rounded(n, of, 10_000);
    Some(match (n, rounded(n, of, 1_000)) {
        (0, _) => "0 %".into(),
        _ if n == of => "100 %".into(),
        (_, 1_000..) => "> 99.9 %".into(),
        (_, tenths) if u128::from(n) * 100 >= u128::from(of) => {
            format!("{}.{} %", tenths / 10, tenths % 10)
        }
        _ if hundredths == 0 => "< 0.01 %".into(),
        _ => format!("{}.{:02} %", hundredths / 100, hundredths % 100),
    })
}

/// `n / of × scale`, rounded half up.
fn rounded(n: u64, of: u64, scale: u128) -> u128 {
    (2 * u128::from(n) * scale + u128::from(of)) / (2 * u128::from(of))
}

/// `1 record`, `2 records`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// A duration in microseconds, two or three digits of it.
pub(crate) fn elapsed(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..10_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", us / 1_000),
        1_000_000..60_000_000 => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
        _ => age(us / 1_000),
    }
}

/// A duration in milliseconds in its two largest units: `2 d 3 h`.
pub(crate) fn age(ms: u64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = ms;
    let mut parts = Vec::new();
    for (unit, size) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{} {unit}", thousands(count)));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() { "0 ms".into() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_three() {
        let cases =
            [(0, "0"), (999, "999"), (1_000, "1,000"), (336_776, "336,776"), (u64::MAX, "18,446,744,073,709,551,615")];
        for (n, text) in cases {
            assert_eq!(thousands(n), text);
        }
    }

    #[test]
    fn percentages_never_lie_at_the_ends() {
        let cases = [
            (0, 10, Some("0 %")),
            (10, 10, Some("100 %")),
            (1, 1_000_000, Some("< 0.01 %")),
            (1, 10_000, Some("0.01 %")),
            (99, 10_000, Some("0.99 %")),
            (999_999, 1_000_000, Some("> 99.9 %")),
            (9_994, 10_000, Some("99.9 %")),
            (50_094, 336_776, Some("14.9 %")),
            (8_255, 336_776, Some("2.5 %")),
            (1, 3, Some("33.3 %")),
            (1, 0, None),
            (2, 1, None),
            (u64::MAX - 1, u64::MAX, Some("> 99.9 %")),
        ];
        for (n, of, text) in cases {
            assert_eq!(percent(n, of).as_deref(), text, "{n} of {of}");
        }
    }

    #[test]
    fn durations() {
        let cases =
            [(740, "740 µs"), (3_250, "3.2 ms"), (41_000, "41 ms"), (4_100_000, "4.1 s"), (200_000_000, "3 min 20 s")];
        for (us, text) in cases {
            assert_eq!(elapsed(us), text);
        }
        assert_eq!(age(0), "0 ms");
        assert_eq!(age(2 * 86_400_000 + 3 * 3_600_000 + 5), "2 d 3 h");
        assert_eq!(age(86_400_000 + 5), "1 d");
    }
}
