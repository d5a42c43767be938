//! Permits (G5.2): a MAC over what was judged.

use crate::name::Name;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// How permits begin.
const PREFIX: &str = "gnbp1";
/// No permit is longer.
const LONGEST: usize = 4_096;

/// What a permit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// The proposal's id.
    pub id: Name,
    /// Digest of the canonical proposal.
    pub proposal: Name,
    /// Digest of the gate.
    pub gate: Name,
    /// What is held.
    pub reservation: u64,
    /// The decision's place in the log.
    pub sequence: u64,
    /// Digest of the approved text and its values, for a query or a transform.
    pub approved: Option<String>,
    /// When it is void, in microseconds.
    pub expires: i64,
}

/// The MAC's key, taken up once: each MAC goes on from there. HMAC takes keys of any length, so there always is one.
#[derive(Clone)]
pub struct Key(Option<Hmac<Sha256>>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of 32 bytes that nobody can guess.
    pub fn new(bytes: [u8; 32]) -> Key {
        Key(Hmac::<Sha256>::new_from_slice(&bytes).ok())
    }

    /// HMAC-SHA256 of a text, for a purpose.
    pub(crate) fn mac(&self, purpose: &str, text: &str) -> Option<String> {
        self.hmac(purpose, text).map(|mac| BASE64.encode(mac.finalize().into_bytes()))
    }

    /// In constant time.
    pub(crate) fn verifies(&self, purpose: &str, text: &str, mac: &str) -> bool {
        // Only the one spelling of the bytes: a decoder that took others would let a text change unseen.
        let Ok(bytes) = BASE64.decode(mac) else { return false };
        BASE64.encode(&bytes) == mac && self.hmac(purpose, text).is_some_and(|own| own.verify_slice(&bytes).is_ok())
    }

    fn hmac(&self, purpose: &str, text: &str) -> Option<Hmac<Sha256>> {
        let mut mac = self.0.clone()?;
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        Some(mac)
    }
}

impl Permit {
    /// The token.
    pub fn seal(&self, key: &Key) -> Option<String> {
        let mut body = String::with_capacity(384);
        body.push('{');
        if let Some(approved) = &self.approved {
            body.push_str("\"approved\":");
            crate::json::write_text(approved, &mut body);
            body.push(',');
        }
        let (reservation, sequence) = (self.reservation.to_string(), self.sequence.to_string());
        [
            ("\"expires\":", self.expires.to_string().as_str()),
            (",\"gate\":", &self.gate),
            (",\"id\":", &self.id),
            (",\"proposal\":", &self.proposal),
            (",\"reservation\":", &reservation),
            (",\"sequence\":", &sequence),
        ]
        .into_iter()
        .for_each(|(name, value)| {
            body.push_str(name);
            crate::json::write_text(value, &mut body);
        });
        body.push('}');
        // Three bytes become four letters; 32 bytes of MAC become 43.
        let mut token = String::with_capacity(PREFIX.len() + 2 + body.len().div_ceil(3) * 4 + 43);
        token.push_str(PREFIX);
        token.push('.');
        BASE64.encode_string(body, &mut token);
        let mac = key.hmac("permit", &token)?.finalize().into_bytes();
        token.push('.');
        BASE64.encode_string(mac, &mut token);
        Some(token)
    }

    /// Reads a token; nothing unless its MAC is that of the key.
    pub fn open(token: &str, key: &Key) -> Option<Permit> {
        if token.len() > LONGEST {
            return None;
        }
        let (text, mac) = token.rsplit_once('.')?;
        if !key.verifies("permit", text, mac) {
            return None;
        }
        let body = text.strip_prefix(PREFIX)?.strip_prefix('.')?;
        let body: Value = serde_json::from_slice(&BASE64.decode(body).ok()?).ok()?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Permit {
            id: text("id")?.into(),
            proposal: text("proposal")?.into(),
            gate: text("gate")?.into(),
            reservation: text("reservation")?.parse().ok()?,
            sequence: text("sequence")?.parse().ok()?,
            approved: text("approved"),
            expires: text("expires")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn any_changed_byte_is_found() {
        let permit = Permit {
            id: "a".into(),
            proposal: "sha256:00".into(),
            gate: "sha256:11".into(),
            reservation: 7,
            sequence: 9,
            approved: None,
            expires: 123,
        };
        let key = Key::new([7; 32]);
        let token = permit.seal(&key).unwrap();
        assert_eq!(Permit::open(&token, &key), Some(permit));
        assert_eq!(Permit::open(&token, &Key::new([8; 32])), None);
        for at in 0..token.len() {
            for replacement in ["A", "B", ".", "=", "_", ""] {
                let mut changed = token.clone();
                changed.replace_range(at..=at, replacement);
                assert!(changed == token || Permit::open(&changed, &key).is_none(), "{at} {replacement}");
            }
        }
        assert_eq!(Permit::open(&format!("{token}="), &key), None);
        assert_eq!(Permit::open("", &key), None);
    }
}
