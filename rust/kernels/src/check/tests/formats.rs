use super::lengths::assert_texts;
use super::*;

fn assert_format(name: &str, good: &[&str], bad: &[&str]) {
    let values: Vec<String> = good.iter().chain(bad).map(|value| (*value).to_owned()).collect();
    let rows = spread(&values, values.len() * 3, 5);
    assert_texts(&CheckSpec::Format(name.to_owned()), &rows, |value| bad.contains(&value));
}

#[test]
fn email() {
    let local = "a".repeat(64);
    let (longest, longer) = (format!("{local}@example.com"), format!("a{local}@example.com"));
    assert_format(
        "email",
        &[
            "joe.bloggs@example.com",
            "te~st@example.com",
            "te.s.t@example.com",
            "\"joe bloggs\"@example.com",
            "\"a@b\"@x.org",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a+b@x",
            &longest,
        ],
        &[
            "",
            "2962",
            "@x.org",
            "a@",
            ".test@example.com",
            "test.@example.com",
            "te..st@example.com",
            "joe bloggs@example.com",
            "a@invalid=domain.com",
            "a@[127.0.0.300]",
            "a@[IPv6:12345::]",
            "ä@example.com",
            "a@b@c.org",
            "a@b.",
            &longer,
        ],
    );
}

#[test]
fn uuid() {
    assert_format(
        "uuid",
        &[
            "2EB8AA08-AA98-11EA-B4AA-73B441D16380",
            "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
            "00000000-0000-0000-0000-000000000000",
        ],
        &[
            "",
            "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
            "2eb8aa08-aa98-11ea-73b441d16380",
            "2eb8aa08-aa98-11ea-b4ga-73b441d16380",
            "2eb8aa08aa9811eab4aa73b441d16380----",
            "{2eb8aa08-aa98-11ea-b4aa-73b441d1638}",
        ],
    );
}

#[test]
fn uri() {
    assert_format(
        "uri",
        &[
            "http://foo.bar/?baz=qux#quux",
            "http://foo.com/blah_(wikipedia)_blah#cite-1",
            "http://foo.bar/?q=Test%20URL-encoded%20stuff",
            "http://xn--nw2a.xn--j6w193g/",
            "http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com",
            "http://223.255.255.254",
            "ftp://ftp.is.co.za/rfc/rfc1808.txt",
            "ldap://[2001:db8::7]/c=GB?objectClass?one",
            "mailto:John.Doe@example.com",
            "news:comp.infosystems.www.servers.unix",
            "tel:+1-816-555-1212",
            "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
            "http://[::1]:80/",
            "file:///etc/hosts",
        ],
        &[
            "",
            "//foo.bar/?baz=qux#quux",
            "/abc",
            "\\\\WINDOWS\\fileshare",
            "abc",
            "http:// shouldfail.com",
            ":// should fail",
            "bar,baz:foo",
            "https://[@example.org/test.txt",
            "https://example.org/foobar\\.txt",
            "https://example.org/foobar<>.txt",
            "https://example.org/foobar{}.txt",
            "https://example.org/foobar^.txt",
            "https://example.org/foobar`.txt",
            "https://example.org/foo bar.txt",
            "https://example.org/foobar|.txt",
            "http://a.b/%zz",
            "http://a.b:8x/",
            "1http://a",
            "http://a.b/ä",
            "http://[::g]/",
        ],
    );
}

#[test]
fn hosts_and_addresses() {
    let label = "a".repeat(63);
    let long = [label.as_str(); 4].join(".");
    assert_format(
        "hostname",
        &["www.example.com", "localhost", "a-b.c1", &label, "1.2.3.4"],
        &["", "-a", "a-", "a..b", "a.", ".a", "a_b", "ä.de", &format!("{label}a"), &long],
    );
    assert_format(
        "ipv4",
        &["192.168.0.1", "0.0.0.0", "255.255.255.255"],
        &["", "127.0.0", "127.0.0.0.1", "256.1.1.1", "087.10.0.1", "0x7f.1.1.1", "1.2.3.4 ", "1.2.3.٤"],
    );
    assert_format(
        "ipv6",
        &["::1", "::", "::ffff:192.168.0.1", "1:2:3:4:5:6:7:8"],
        &["", "12345::", "1:1:1:1:1:1:1:1:1", "::laptop", "fe80::a%eth1", "1:2:3:4:5:6:7", ":1", "[::1]", "::1/64"],
    );
}

#[test]
fn dates_and_times() {
    assert_format(
        "date",
        &["1963-06-19", "2020-02-29", "2000-02-29"],
        &[
            "",
            "2021-02-29",
            "1900-02-29",
            "2020-13-01",
            "06/19/1963",
            "1998-1-20",
            "2020-11-31",
            "1963-06-1৪",
            "20230328",
            "1963-06-19Z",
        ],
    );
    assert_format(
        "time",
        &["08:30:06Z", "23:59:60Z", "15:59:60-08:00", "23:20:50.52z", "01:29:60+01:30"],
        &[
            "",
            "08:30:06",
            "8:30:06Z",
            "22:59:60Z",
            "24:00:00Z",
            "00:60:00Z",
            "00:00:61Z",
            "01:02:03+24:00",
            "01:02:03+0000",
            "01:02:03Z+00:30",
            "08:30Z",
            "12:00:00.Z",
        ],
    );
    assert_format(
        "date-time",
        &["1963-06-19T08:30:06.283185Z", "1998-12-31t23:59:60z", "1998-12-31T15:59:60.123-08:00"],
        &[
            "",
            "1998-12-31T22:59:60Z",
            "1990-02-31T15:59:59Z",
            "1963-06-19 08:30:06Z",
            "1963-06-19T08:30:06",
            "1963-06-19",
            "06/19/1963 08:30:06 PST",
            "1963-06-19T08:30Z",
            "é963-06-19T08:30:06Z",
        ],
    );
}

#[test]
fn encodings() {
    assert_format(
        "byte",
        &["", "Zg==", "Zm8=", "Zm9v", "+/+/"],
        &["Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v\n", "Zm-_", "Z=9v"],
    );
    assert_format("password", &["", "secret"], &[]);
    assert_format("binary", &["", "\u{0}"], &[]);
}

#[test]
fn unknown_and_misplaced() {
    let format = |name: &str| CheckSpec::Format(name.to_owned());
    assert!(matches!(refusal(format("iban"), &DataType::Utf8), Refusal::FormatUnknown(_)));
    assert!(matches!(refusal(format("iban"), &DataType::Null), Refusal::FormatUnknown(_)));
    assert!(matches!(refusal(format("email"), &DataType::Int8), Refusal::Misplaced(_)));
    assert!(matches!(refusal(format("email"), &DataType::Binary), Refusal::Misplaced(_)));
}

#[test]
fn patterns() {
    let values = ["", "abc", "xabcx", "äbc", "a much longer text that ends in abc", "ABC"].map(str::to_owned);
    let rows = spread(&values, 140, 6);
    assert_texts(&CheckSpec::Pattern("abc".to_owned()), &rows, |value| !value.contains("abc"));
    assert_texts(&CheckSpec::Pattern("^a".to_owned()), &rows, |value| !value.starts_with('a'));
    let pattern = |text: &str| CheckSpec::Pattern(text.to_owned());
    assert!(matches!(refusal(pattern("(?=a)"), &DataType::Utf8), Refusal::PatternInvalid(_)));
    assert!(matches!(refusal(pattern("("), &DataType::Null), Refusal::PatternInvalid(_)));
    assert!(matches!(refusal(pattern("a"), &DataType::Int8), Refusal::Misplaced(_)));
}
