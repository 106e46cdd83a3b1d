//! `[juels_per_fee_coin]`

use std::fmt;
use std::time::Duration;

use ocr_protocol::int192::Int192;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize};

use super::{SourceConfig, default_source_timeout};

/// `[juels_per_fee_coin]`: `fixed`, or the keys of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "JuelsTable", into = "JuelsTable")]
pub(crate) enum JuelsConfig {
    /// A number of juels (1e-18 LINK) per whole fee coin, at least 0.
    Fixed(Int192),
    /// An HTTP JSON source.
    Source(SourceConfig),
}

/// The section as it is written: one flat table, so that an unknown key is named.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct JuelsTable {
    fixed: Fixed,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decimals: Option<u8>,
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    timeout: Option<Duration>,
}

/// `fixed`, in decimal digits; empty means not given, so that an override can take it away.
#[derive(Default)]
struct Fixed(Option<Int192>);

impl TryFrom<JuelsTable> for JuelsConfig {
    type Error = &'static str;

    fn try_from(table: JuelsTable) -> Result<Self, Self::Error> {
        match (table.fixed.0, table.urls.is_empty()) {
            (Some(_), false) => Err(
                "both `fixed` and `urls` are given; keep one, fixed = \"\" takes the other away",
            ),
            (None, true) => Err("give `fixed`, or `urls`, `pointer` and `decimals` of a source"),
            (Some(juels), true) => Ok(Self::Fixed(juels)),
            (None, false) => Ok(Self::Source(SourceConfig {
                urls: table.urls,
                pointer: table.pointer.ok_or("missing field `pointer`")?,
                decimals: table.decimals.ok_or("missing field `decimals`")?,
                timeout: table.timeout.unwrap_or_else(default_source_timeout),
            })),
        }
    }
}

impl From<JuelsConfig> for JuelsTable {
    fn from(config: JuelsConfig) -> Self {
        match config {
            JuelsConfig::Fixed(juels) => Self {
                fixed: Fixed(Some(juels)),
                ..Self::default()
            },
            JuelsConfig::Source(source) => Self {
                fixed: Fixed(None),
                urls: source.urls,
                pointer: Some(source.pointer),
                decimals: Some(source.decimals),
                timeout: Some(source.timeout),
            },
        }
    }
}

impl Serialize for Fixed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.map(|juels| juels.to_string()).unwrap_or_default();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Digits)
    }
}

/// Takes a whole number as an integer or as a string of its digits.
struct Digits;

impl Visitor<'_> for Digits {
    type Value = Fixed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of juels, at least 0, of at most 191 bits")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Fixed, E> {
        if text.is_empty() {
            return Ok(Fixed(None));
        }
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(juels) if digits => Ok(Fixed(Some(juels))),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Fixed, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Fixed, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Fixed, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Fixed, E> {
        self.visit_str(&number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<JuelsConfig, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    const SOURCE: &str = "urls = [\"http://x/\"]\npointer = \"/p\"\ndecimals = 18\n";

    #[test]
    fn fixed_is_an_integer_or_a_string() {
        let expected = JuelsConfig::Fixed(Int192::from(7_000_000_000_000_000));
        assert_eq!(read("fixed = 7000000000000000"), Ok(expected.clone()));
        assert_eq!(read("fixed = \"7000000000000000\""), Ok(expected));
        for refused in ["-1", "\"-1\"", "\"0x10\"", "\"1_0\"", "1.5", "true", "[1]"] {
            let error = read(&format!("fixed = {refused}")).unwrap_err();
            assert!(error.contains("a whole number of juels"), "{error}");
        }
        assert!(read(&format!("fixed = \"{}\"", "9".repeat(58))).is_err());
    }

    #[test]
    fn empty_fixed_gives_way_to_a_source() {
        let source = read(SOURCE).unwrap();
        assert!(matches!(&source, JuelsConfig::Source(source) if source.decimals == 18));
        assert_eq!(read(&format!("{SOURCE}fixed = \"\"")), Ok(source));
        let error = read(&format!("{SOURCE}fixed = 1")).unwrap_err();
        assert!(error.contains("both `fixed` and `urls`"), "{error}");
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for (text, part) in [
            ("", "give `fixed`, or `urls`"),
            ("urls = []", "give `fixed`, or `urls`"),
            ("fixd = 1", "`fixd`"),
            ("urls = [\"http://x/\"]\ndecimals = 1", "`pointer`"),
            ("urls = [\"http://x/\"]\npointer = \"\"", "`decimals`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["fixed = 0", SOURCE] {
            let config = read(text).unwrap();
            assert_eq!(read(&toml::to_string(&config).unwrap()), Ok(config));
        }
    }
}
