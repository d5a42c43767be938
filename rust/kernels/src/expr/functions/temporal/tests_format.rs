#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::tests::{date, local, ts};
use crate::expr::calendar::{MAX_DAY, MIN_DAY};
use crate::expr::facts::Facts;
use crate::expr::fault::Fault;
use crate::expr::functions::find;
use crate::expr::functions::harness::{call, null, txt};
use crate::expr::scalar::Constant;
use crate::expr::types::{Type, Unit};
use proptest::prelude::*;

fn refusal(name: &str, format: &str, first: (Type, Constant)) -> String {
    let facts = [first, txt(format)].map(|(ty, value)| Facts::of_constant(ty, value));
    (find(name).unwrap().infer)(&facts).unwrap_err()
}

fn text(expected: &str) -> Result<Constant, Fault> {
    Ok(txt(expected).1)
}

#[test]
fn dates_are_written() {
    let x = ts("2024-02-01 03:04:05.006007");
    let write = |format: &str| call("strftime", &[x.clone(), txt(format)]);
    assert_eq!(write("%Y-%m-%d %H:%M:%S"), text("2024-02-01 03:04:05"));
    assert_eq!(write("%j %y %b %B %a %A %g %f %n %%"), text("032 24 Feb February Thu Thursday 006 006007 006007000 %"));
    assert_eq!(write(""), text(""));
    assert_eq!(write("é%%%%"), text("é%%"));
    assert_eq!(call("strftime", &[date("0099-01-02"), txt("%Y/%y")]), text("0099/99"));
    assert_eq!(call("strftime", &[date("-0044-03-15"), txt("%Y/%y")]), text("-0044/56"));
    assert_eq!(call("strftime", &[date("2024-02-01"), null(Type::Text)]), Ok(Constant::Null));
    let beyond = (local(Unit::Second), Constant::Integer(i64::MAX));
    assert_eq!(call("strftime", &[beyond.clone(), txt("%Y")]), Err(Fault::TemporalOutOfRange));
    assert!(call("strftime", &[beyond, txt("%H")]).is_ok());
    assert!(refusal("strftime", "%q", x.clone()).contains("no directive `%q`"));
    assert!(refusal("strftime", "100%", x.clone()).contains("`%%`"));
    assert!(refusal("strftime", "%H", date("2024-02-01")).contains("no time of day"));
    assert!(refusal("strftime", &"x".repeat(5000), x).contains("4096"));
}

#[test]
fn texts_are_read() {
    let read = |text: &str, format: &str| call("strptime", &[txt(text), txt(format)]);
    let cases = [
        ("31.01.2026", "%d.%m.%Y", "2026-01-31"),
        ("1.2.2026", "%d.%m.%Y", "2026-02-01"),
        ("01022026", "%d%m%Y", "2026-02-01"),
        ("Sat, 31 JAN 69", "%a, %d %b %y", ""),
        ("Fri, 31 JAN 69", "%a, %d %b %y", "1969-01-31"),
        ("68-12-31", "%y-%m-%d", "2068-12-31"),
        ("2024 366", "%Y %j", "2024-12-31"),
        ("2023 366", "%Y %j", ""),
        ("2024-05-06T07:08:09.5", "%Y-%m-%dT%H:%M:%S.%f", "2024-05-06 07:08:09.5"),
        ("2024-05-06 .000001", "%Y-%m-%d .%n", "2024-05-06 00:00:00.000001"),
        ("2024-05-06 .0000001", "%Y-%m-%d .%n", ""),
        ("May 6 2024 100%", "%B %d %Y 100%%", "2024-05-06"),
        ("-0044-03-15", "%Y-%m-%d", "-0044-03-15"),
        ("2026-02-30", "%Y-%m-%d", ""),
        ("2026-02-03 ", "%Y-%m-%d", ""),
        (" 2026-02-03", "%Y-%m-%d", ""),
        ("226-02-03", "%Y-%m-%d", ""),
        ("2026-02-03 24", "%Y-%m-%d %H", ""),
        ("2026-02-03 23:60", "%Y-%m-%d %H:%M", ""),
        ("2026-é2-03", "%Y-%m-%d", ""),
        ("Mé 6 2024", "%B %d %Y", ""),
        ("", "%Y-%m-%d", ""),
    ];
    for (input, format, expected) in cases {
        let expected = if expected.is_empty() { Err(Fault::CastFailed) } else { Ok(ts(expected).1) };
        assert_eq!(read(input, format), expected, "{input} {format}");
    }
    assert!(refusal("strptime", "%Y-%m", txt("")).contains("year and either"));
    assert!(refusal("strptime", "%Y-%m-%d %j", txt("")).contains("year and either"));
    assert!(refusal("strptime", "%Y-%y-%m-%d", txt("")).contains("twice"));
    assert!(refusal("strptime", "%Y %m %d %B", txt("")).contains("twice"));
    assert!(refusal("strptime", "%s", txt("")).contains("no directive"));
}

proptest! {
    #[test]
    fn what_was_written_is_read(day in MIN_DAY..=MAX_DAY, micros in 0..86_400_000_000_i64) {
        let x = (local(Unit::Microsecond), Constant::Integer(day * 86_400_000_000 + micros));
        for format in ["%Y-%m-%d %H:%M:%S.%f", "%A %d %B %Y %H%M%S%n", "%a %b %d %Y %H:%M:%S %f", "%Y%j%H%M%S%f"] {
            let written = (Type::Text, call("strftime", &[x.clone(), txt(format)]).unwrap());
            prop_assert_eq!(call("strptime", &[written, txt(format)]), Ok(x.1.clone()));
        }
    }

    #[test]
    fn writing_agrees_with_jiff(day in -700_000_i64..MAX_DAY, seconds in 0..86_400_i64) {
        use jiff::ToSpan;
        let date = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
        let shown = date.checked_add(day.days()).unwrap().checked_add(seconds.seconds()).unwrap();
        let format = "%Y %m %d %H %M %S %y %b %B %a %A %j %%";
        let x = (local(Unit::Second), Constant::Integer(day * 86_400 + seconds));
        prop_assert_eq!(call("strftime", &[x, txt(format)]), text(&shown.strftime(format).to_string()));
    }

    #[test]
    fn reading_is_total(input in "\\PC{0,20}", format in "(%[YmdHMSfybBaAj%]|[-a. é]){0,8}") {
        let facts = [Facts::of_type(Type::Text), Facts::of_constant(Type::Text, txt(&format).1)];
        if (find("strptime").unwrap().infer)(&facts).is_ok() {
            call("strptime", &[txt(&input), txt(&format)]).ok();
        }
    }
}
