//! The oracles' part of a configuration, as the contract stores it. Source: offchain-ocr2 1.3.

use ocr_protocol::config::OffchainConfig;
use ocr_protocol::secret::SharedSecretEncryptions;

use crate::reader::Value::{self, Bytes, Varint};
use crate::reader::{Merge, ProtobufError, read, read_packed, read_text};
use crate::writer::Writer;

/// The longest off-chain configuration.
pub const MAX_OFFCHAIN_CONFIG_BYTES: usize = 2_000_000;

/// Why bytes are not an off-chain configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OffchainConfigError {
    /// Longer than the protocol allows.
    #[error("{given_bytes} bytes: {MAX_OFFCHAIN_CONFIG_BYTES} are the most")]
    TooLong {
        /// The length.
        given_bytes: usize,
    },
    /// The bytes are not protobuf.
    #[error("not protobuf: {0}")]
    Protobuf(#[from] ProtobufError),
    /// An entry of fixed length has another one.
    #[error("{entry} has {given_bytes} bytes: {needed_bytes} are needed")]
    EntryLength {
        /// Which entry.
        entry: &'static str,
        /// Its length; zero too when it is not there.
        given_bytes: usize,
        /// The length that it must have.
        needed_bytes: usize,
    },
}

/// Returns the bytes of `config`: an argument of `setConfig`, so the author's alone to make.
///
/// Source: offchain-ocr2 1.3.
#[must_use]
pub fn encode(config: &OffchainConfig) -> Vec<u8> {
    Writer::write(|w| {
        w.uint(1, config.delta_progress_nanos as u64);
        w.uint(2, config.delta_resend_nanos as u64);
        w.uint(3, config.delta_round_nanos as u64);
        w.uint(4, config.delta_grace_nanos as u64);
        w.uint(5, config.delta_stage_nanos as u64);
        w.uint(6, config.r_max);
        w.packed(7, config.s.iter().copied());
        config
            .offchain_public_keys
            .iter()
            .for_each(|key| w.element(8, key));
        config
            .peer_ids
            .iter()
            .for_each(|peer_id| w.element(9, peer_id.as_bytes()));
        w.bytes(10, &config.plugin_config);
        w.uint(11, config.max_duration_query_nanos as u64);
        w.uint(12, config.max_duration_observation_nanos as u64);
        w.uint(13, config.max_duration_report_nanos as u64);
        w.uint(14, config.max_duration_should_accept_nanos as u64);
        w.uint(15, config.max_duration_should_transmit_nanos as u64);
        w.message(16, |w| {
            w.bytes(1, &config.shared_secret.diffie_hellman_point);
            w.bytes(2, &config.shared_secret.hash);
            config
                .shared_secret
                .encryptions
                .iter()
                .for_each(|block| w.element(3, block));
        });
        if let Some(nanos) = config.max_duration_initialization_nanos {
            w.present_uint(17, nanos as u64);
        }
    })
}

/// Returns the off-chain configuration of any bytes, unchecked but for lengths.
///
/// Durations are the wire's unsigned numbers read as signed ones, and `RMax` keeps its low 8 bits;
/// `PublicConfig::new` refuses what makes no sense.
///
/// # Errors
/// The first that is wrong of: the length, the protobuf, the keys, the shared secret's parts.
///
/// Source: offchain-ocr2 1.3.
pub fn decode(bytes: &[u8]) -> Result<OffchainConfig, OffchainConfigError> {
    if bytes.len() > MAX_OFFCHAIN_CONFIG_BYTES {
        return Err(OffchainConfigError::TooLong {
            given_bytes: bytes.len(),
        });
    }
    let raw: RawConfig<'_> = read(bytes)?;
    let offchain_public_keys = fixed_list("an off-chain public key", &raw.offchain_public_keys)?;
    let shared_secret = SharedSecretEncryptions {
        diffie_hellman_point: fixed("the Diffie-Hellman point", raw.shared_secret.point)?,
        hash: fixed("the shared secret's hash", raw.shared_secret.hash)?,
        encryptions: fixed_list(
            "a shared secret's encryption",
            &raw.shared_secret.encryptions,
        )?,
    };
    Ok(OffchainConfig {
        offchain_public_keys,
        shared_secret,
        ..raw.config
    })
}

fn fixed<const N: usize>(
    entry: &'static str,
    bytes: &[u8],
) -> Result<[u8; N], OffchainConfigError> {
    let given_bytes = bytes.len();
    let wrong = |_| OffchainConfigError::EntryLength {
        entry,
        given_bytes,
        needed_bytes: N,
    };
    bytes.try_into().map_err(wrong)
}

fn fixed_list<const N: usize>(
    entry: &'static str,
    list: &[&[u8]],
) -> Result<Vec<[u8; N]>, OffchainConfigError> {
    list.iter().map(|bytes| fixed(entry, bytes)).collect()
}

/// The configuration before the lengths of its entries are known to be right.
#[derive(Default)]
struct RawConfig<'a> {
    /// All but the two below.
    config: OffchainConfig,
    offchain_public_keys: Vec<&'a [u8]>,
    shared_secret: RawSharedSecret<'a>,
}

impl<'a> Merge<'a> for RawConfig<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        let config = &mut self.config;
        match (number, value) {
            (1, Varint(nanos)) => config.delta_progress_nanos = nanos as i64,
            (2, Varint(nanos)) => config.delta_resend_nanos = nanos as i64,
            (3, Varint(nanos)) => config.delta_round_nanos = nanos as i64,
            (4, Varint(nanos)) => config.delta_grace_nanos = nanos as i64,
            (5, Varint(nanos)) => config.delta_stage_nanos = nanos as i64,
            (6, Varint(r_max)) => config.r_max = r_max as u8,
            (7, Bytes(stages)) => read_packed(stages, &mut config.s)?,
            (7, Varint(stage)) => config.s.push(stage as u32),
            (8, Bytes(key)) => self.offchain_public_keys.push(key),
            (9, Bytes(peer_id)) => config.peer_ids.push(read_text(9, peer_id)?.to_owned()),
            (10, Bytes(plugin_config)) => config.plugin_config = plugin_config.to_vec(),
            (11, Varint(nanos)) => config.max_duration_query_nanos = nanos as i64,
            (12, Varint(nanos)) => config.max_duration_observation_nanos = nanos as i64,
            (13, Varint(nanos)) => config.max_duration_report_nanos = nanos as i64,
            (14, Varint(nanos)) => config.max_duration_should_accept_nanos = nanos as i64,
            (15, Varint(nanos)) => config.max_duration_should_transmit_nanos = nanos as i64,
            (16, Bytes(secret)) => self.shared_secret.merge(secret)?,
            (17, Varint(nanos)) => config.max_duration_initialization_nanos = Some(nanos as i64),
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
struct RawSharedSecret<'a> {
    point: &'a [u8],
    hash: &'a [u8],
    encryptions: Vec<&'a [u8]>,
}

impl<'a> Merge<'a> for RawSharedSecret<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (1, Bytes(point)) => self.point = point,
            (2, Bytes(hash)) => self.hash = hash,
            (3, Bytes(block)) => self.encryptions.push(block),
            _ => {}
        }
        Ok(())
    }
}
