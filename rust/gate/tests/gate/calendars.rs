//! Windows of calendars where clocks are set, months end and clocks step back (G4.7, G6.1).

use crate::support::*;
use guard_gate::Verdict;

fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

fn windowed(window: &str) -> guard_gate::Gate {
    let text = GATE.replace("    escalate: \"amount > 200.00\"\n", "").replace("1000.00", "500.00");
    load(&text.replace("window: day, zone: Europe/Berlin", window))
}

/// 500 are spent at the first instant; at the others it is asked whether another cent fits.
fn spent_then(window: &str, start: &str, asked: &[(&str, bool)]) {
    on_each(|ledger, time| {
        let gate = windowed(window);
        time.set(at(start));
        let permit = ledger.decide(&gate, pay("first", "500").as_bytes()).permit.clone().unwrap();
        ledger.commit(&permit, None).unwrap();
        for (instant, fits) in asked {
            time.set(at(instant));
            let decision = ledger.decide(&gate, pay(instant, "0.01").as_bytes());
            assert_eq!(decision.verdict == Verdict::Allow, *fits, "{window} {start} {instant}");
            if let Some(permit) = &decision.permit {
                ledger.release(permit).unwrap();
            }
        }
        ledger.verify(&[]).unwrap();
    });
}

#[test]
fn days_of_23_and_25_hours() {
    let day = "window: day, zone: Europe/Berlin";
    // 2026-03-29 in Berlin begins at 23:00Z and has 23 hours.
    spent_then(day, "2026-03-28T23:00:00Z", &[("2026-03-29T21:59:59.999999Z", false), ("2026-03-29T22:00:00Z", true)]);
    // 2026-10-25 begins at 22:00Z and has 25.
    spent_then(day, "2026-10-24T22:00:00Z", &[("2026-10-25T22:59:59.999999Z", false), ("2026-10-25T23:00:00Z", true)]);
    // The repeated hour counts for itself.
    let hour = "window: hour, zone: Europe/Berlin";
    spent_then(hour, "2026-10-25T00:30:00Z", &[("2026-10-25T00:59:59Z", false), ("2026-10-25T01:00:00Z", true)]);
    // 24 hours are 24 hours, whatever the day.
    spent_then(
        "window: 24h",
        "2026-03-28T23:00:00Z",
        &[("2026-03-29T22:59:59.999999Z", false), ("2026-03-29T23:00:00Z", true)],
    );
}

#[test]
fn months_end_where_their_zone_has_it() {
    let berlin = "window: month, zone: Europe/Berlin";
    spent_then(berlin, "2026-01-31T22:59:59Z", &[("2026-01-31T22:59:59.5Z", false), ("2026-01-31T23:00:00Z", true)]);
    // February of a leap year, and one that is none.
    let utc = "window: month";
    spent_then(utc, "2028-02-01T00:00:00Z", &[("2028-02-29T23:59:59Z", false), ("2028-03-01T00:00:00Z", true)]);
    spent_then(utc, "2026-02-01T00:00:00Z", &[("2026-02-28T23:59:59Z", false), ("2026-03-01T00:00:00Z", true)]);
    // 1 January in Auckland is 31 December in UTC.
    let year = "window: year, zone: Pacific/Auckland";
    spent_then(year, "2026-12-31T10:59:59Z", &[("2026-12-31T10:59:59.5Z", false), ("2026-12-31T11:00:00Z", true)]);
    spent_then(
        "window: week",
        "2026-11-23T00:00:00Z",
        &[("2026-11-29T23:59:59Z", false), ("2026-11-30T00:00:00Z", true)],
    );
}

#[test]
fn a_clock_that_steps_back_opens_no_window() {
    // Spent on the 24th; then the clock shows the 23rd and the 22nd.
    let day = "window: day, zone: Europe/Berlin";
    let asked = [("2026-11-23T12:00:00Z", false), ("2026-11-22T00:00:00Z", false), ("2026-11-24T22:59:59Z", false)];
    spent_then(day, "2026-11-24T12:00:00Z", &asked);
    on_each(|ledger, time| {
        let gate = windowed(day);
        time.set(at("2026-11-24T12:00:00Z"));
        let first = ledger.decide(&gate, pay("a", "1").as_bytes());
        // Far back, and then on: a hold lives by the ledger's time.
        time.set(at("1970-01-01T00:00:00Z"));
        let second = ledger.decide(&gate, pay("b", "1").as_bytes());
        assert_eq!(second.at, first.at);
        time.set(at("2026-11-24T12:04:59.999999Z"));
        assert!(ledger.redeem(&second.permit.clone().unwrap()).is_ok());
        time.set(at("2026-11-24T12:05:00Z"));
        assert_eq!(ledger.redeem(&first.permit.clone().unwrap()).unwrap_err().code.name(), "permit-expired");
        assert!(ledger.verify(&[]).is_ok());
    });
}
