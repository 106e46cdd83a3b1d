//! The median's observations and its part of a configuration. Source: offchain-ocr2 6.3.2, 6.3.3.

use core::time::Duration;

use ocr_protocol::int192::{INT192_BYTES, Int192};
use ocr_protocol::observation::{Observation, ObservationCodec};
use ocr_protocol::report::MedianConfig;

use crate::reader::Value::{self, Bytes, Varint};
use crate::reader::{Merge, ProtobufError, read};
use crate::writer::Writer;

/// Observations as protobuf.
pub const OBSERVATION_CODEC: ObservationCodec = ObservationCodec {
    encode: encode_observation,
    decode: |bytes| decode_observation(bytes).ok(),
};

/// Why bytes are not an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObservationError {
    /// The bytes are not protobuf.
    #[error("not protobuf: {0}")]
    Protobuf(#[from] ProtobufError),
    /// A number has another length.
    #[error("{field} has {given_bytes} bytes: {INT192_BYTES} are needed")]
    NumberLength {
        /// Which number.
        field: &'static str,
        /// Its length; zero too when it is not there.
        given_bytes: usize,
    },
}

/// Returns the bytes of `observation`.
#[must_use]
pub fn encode_observation(observation: &Observation) -> Vec<u8> {
    Writer::write(|w| {
        w.uint(1, observation.timestamp_seconds);
        w.bytes(2, &observation.value.to_be_bytes());
        w.bytes(3, &observation.juels_per_fee_coin.to_be_bytes());
        if let Some(gas_price) = observation.gas_price_subunits {
            w.bytes(4, &gas_price.to_be_bytes());
        }
    })
}

/// Returns the observation of any bytes from a peer; any timestamp will do.
///
/// # Errors
/// The bytes are not protobuf, or a number does not have 24 bytes. The gas price may be left out.
pub fn decode_observation(bytes: &[u8]) -> Result<Observation, ObservationError> {
    let raw: RawObservation<'_> = read(bytes)?;
    let gas_price = raw.gas_price_subunits;
    Ok(Observation {
        timestamp_seconds: raw.timestamp_seconds,
        value: int192("value", raw.value)?,
        juels_per_fee_coin: int192("juelsPerFeeCoin", raw.juels_per_fee_coin)?,
        gas_price_subunits: match gas_price {
            [] => None,
            bytes => Some(int192("gasPriceSubunits", bytes)?),
        },
    })
}

fn int192(field: &'static str, bytes: &[u8]) -> Result<Int192, ObservationError> {
    let given_bytes = bytes.len();
    Int192::decode(bytes).ok_or(ObservationError::NumberLength { field, given_bytes })
}

#[derive(Default)]
struct RawObservation<'a> {
    timestamp_seconds: u32,
    value: &'a [u8],
    juels_per_fee_coin: &'a [u8],
    gas_price_subunits: &'a [u8],
}

impl<'a> Merge<'a> for RawObservation<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (1, Varint(seconds)) => self.timestamp_seconds = seconds as u32,
            (2, Bytes(value)) => self.value = value,
            (3, Bytes(juels)) => self.juels_per_fee_coin = juels,
            (4, Bytes(gas_price)) => self.gas_price_subunits = gas_price,
            _ => {}
        }
        Ok(())
    }
}

/// Why bytes are not the median's part of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MedianConfigError {
    /// The bytes are not protobuf.
    #[error("median configuration: not protobuf: {0}")]
    Protobuf(#[from] ProtobufError),
    /// DeltaC is negative.
    #[error("median configuration: DeltaC is {nanos} ns: it must not be negative")]
    NegativeDeltaC {
        /// DeltaC.
        nanos: i64,
    },
}

/// Returns the bytes of `config`. DeltaC is cut off at 292 years, the most that the bytes can say.
#[must_use]
pub fn encode_config(config: &MedianConfig) -> Vec<u8> {
    Writer::write(|w| {
        w.uint(1, config.alpha_report_infinite);
        w.uint(2, config.alpha_report_ppb);
        w.uint(3, config.alpha_accept_infinite);
        w.uint(4, config.alpha_accept_ppb);
        w.uint(5, config.delta_c.as_nanos().min(i64::MAX as u128) as u64);
    })
}

/// Returns the median's part of a configuration. No bytes mean that everything is zero.
///
/// # Errors
/// The bytes are not protobuf, or DeltaC, an unsigned number read as a signed one, is negative.
pub fn decode_config(bytes: &[u8]) -> Result<MedianConfig, MedianConfigError> {
    let RawMedianConfig {
        mut config,
        delta_c_nanos,
    } = read(bytes)?;
    config.delta_c = u64::try_from(delta_c_nanos)
        .map(Duration::from_nanos)
        .map_err(|_| MedianConfigError::NegativeDeltaC {
            nanos: delta_c_nanos,
        })?;
    Ok(config)
}

/// The median's configuration before DeltaC is known to be a duration.
#[derive(Default)]
struct RawMedianConfig {
    config: MedianConfig,
    delta_c_nanos: i64,
}

impl<'a> Merge<'a> for RawMedianConfig {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (1, Varint(infinite)) => self.config.alpha_report_infinite = infinite != 0,
            (2, Varint(ppb)) => self.config.alpha_report_ppb = ppb,
            (3, Varint(infinite)) => self.config.alpha_accept_infinite = infinite != 0,
            (4, Varint(ppb)) => self.config.alpha_accept_ppb = ppb,
            (5, Varint(nanos)) => self.delta_c_nanos = nanos as i64,
            _ => {}
        }
        Ok(())
    }
}
