//! ISO 4217: how many digits stand behind the point.

use crate::name::Name;

/// Minor-unit digits of a currency; none where ISO 4217 lists no such code, or no minor unit for it (gold, test codes).
pub fn digits(code: &str) -> Option<u32> {
    if code == "EUR" || code == "USD" {
        return Some(2);
    }
    let code: [u8; 3] = code.as_bytes().try_into().ok()?;
    let listed = |table: &str| table.as_bytes().chunks(4).any(|entry| entry.get(..3) == Some(code.as_slice()));
    [(TWO, 2), (ZERO, 0), (THREE, 3), (FOUR, 4)].into_iter().find(|(table, _)| listed(table)).map(|(_, digits)| digits)
}

/// The code as a name; what is listed needs no memory.
pub(crate) fn name(code: &str) -> Name {
    let listed = |table: &'static str| {
        let mut codes = table.split(' ').filter(|entry| *entry == code);
        codes.next()
    };
    if code == "EUR" {
        return Name::Fixed("EUR");
    }
    [TWO, ZERO, THREE, FOUR].into_iter().find_map(listed).map_or_else(|| Name::from(code.to_owned()), Name::Fixed)
}

const ZERO: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";
const FOUR: &str = "CLF UYW";
const TWO: &str = "\
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU \
CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES \
KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR \
NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP \
TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_iso_4217() {
        for (code, want) in
            [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("USD", 2), ("ZWG", 2), ("AED", 2), ("XPF", 0)]
        {
            assert_eq!(digits(code), Some(want), "{code}");
        }
        for code in ["XAU", "XXX", "eur", "EU", "EURO", "", "BTC", "ED ", " EU", "R US"] {
            assert_eq!(digits(code), None, "{code}");
        }
    }

    #[test]
    fn tables_hold_codes_once() {
        let all: Vec<&str> = [TWO, ZERO, THREE, FOUR].iter().flat_map(|table| table.split(' ')).collect();
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert!(all.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())));
    }
}
