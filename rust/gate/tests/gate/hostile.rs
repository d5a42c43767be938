//! Whatever is proposed, a decision comes back, and an error never allows.

use crate::support::*;
use guard_gate::permit::Key;
use guard_gate::{Ledger, Verdict};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_denied(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let decision = Ledger::memory(Key::new([1; 32])).decide(&gate(), &bytes);
        prop_assert_eq!(decision.verdict, Verdict::Deny);
        prop_assert!(!decision.reasons.is_empty() && decision.permit.is_none());
    }

    #[test]
    fn a_changed_byte_never_allows_what_was_denied(at in 0_usize..200, byte in any::<u8>()) {
        let mut bytes = pay_to("a", "mallory", "501.00", "USD").into_bytes();
        if let Some(slot) = bytes.get_mut(at) {
            *slot = byte;
        }
        let decision = Ledger::memory(Key::new([1; 32])).decide(&gate(), &bytes);
        prop_assert_eq!(decision.verdict, Verdict::Deny);
    }

    #[test]
    fn any_number_is_decided(number in "-?[0-9]{1,25}(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,4})?") {
        let decision = Ledger::memory(Key::new([1; 32])).decide(&gate(), pay("a", &number).as_bytes());
        // Independent reading: allowed are plain digits of at most two decimals, above 0 and at most 200.
        let plain = number.split_once('.').map_or((number.as_str(), ""), |parts| parts);
        let fits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && plain.1.len() <= 2
            && (plain.0.len() == 1 || !plain.0.starts_with('0'))
            && number.parse::<f64>().is_ok_and(|value| value > 0.0 && value <= 200.0);
        prop_assert_eq!(decision.verdict == Verdict::Allow, fits, "{} {:?}", number, decision.reasons);
    }
}
