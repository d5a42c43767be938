//! 128-bit integers in JSON, as digits in a string: JSON readers do not hold them as numbers.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

pub fn serialize<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_string().serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// The same for an optional pair.
pub mod pair {
    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    type Pair = Option<(i128, i128)>;

    pub fn serialize<S: Serializer>(value: &Pair, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(|(low, high)| (low.to_string(), high.to_string())).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pair, D::Error> {
        let Some((low, high)) = <Option<(String, String)>>::deserialize(deserializer)? else { return Ok(None) };
        Ok(Some((low.parse().map_err(D::Error::custom)?, high.parse().map_err(D::Error::custom)?)))
    }
}
