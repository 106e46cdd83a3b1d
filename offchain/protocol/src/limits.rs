//! How much oracles may say to each other. Source: offchain-ocr2 3.4 and 3.5.

use core::time::Duration;

use crate::config::PublicConfig;

/// The most bytes that a plugin may allow for any of its parts, 256 MiB.
pub const MAX_PLUGIN_LIMIT_BYTES: usize = 256 * 1024 * 1024;

/// Added to every message for what surrounds its content.
const OVERHEAD_BYTES: u64 = 256;

/// Messages that a peer may send at once.
const MESSAGES_CAPACITY: u32 = 16;

/// The longest message of OCR1. Source: offchain-ocr1 3.5.
pub const OCR1_MAX_MESSAGE_BYTES: u32 = 10_000;

/// Limits are signed 32-bit integers.
const MOST: u64 = i32::MAX as u64;

/// The longest parts that a plugin makes and accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PluginLimits {
    /// The longest query.
    pub max_query_bytes: usize,
    /// The longest observation.
    pub max_observation_bytes: usize,
    /// The longest report.
    pub max_report_bytes: usize,
}

/// What an oracle may receive from each other one; senders keep to the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkLimits {
    /// The longest message.
    pub max_message_bytes: u32,
    /// Messages that a second adds to the bucket; infinite when there is no limit.
    pub messages_per_second: f64,
    /// Messages that the bucket holds.
    pub messages_capacity: u32,
    /// Bytes that a second adds to the bucket; infinite when there is no limit.
    pub bytes_per_second: f64,
    /// Bytes that the bucket holds.
    pub bytes_capacity: u32,
}

/// The plugin asks for more than the network gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// A plugin's limit is beyond 256 MiB.
    #[error("{limit} is {given} bytes: {MAX_PLUGIN_LIMIT_BYTES} are the most")]
    PluginLimitTooLarge {
        /// Which limit.
        limit: &'static str,
        /// Its value.
        given: usize,
    },
    /// A limit that follows from the plugin's is beyond 2^31 - 1.
    #[error("{limit} would be {given} bytes: {MOST} are the most")]
    Overflow {
        /// Which limit.
        limit: &'static str,
        /// Its value.
        given: u64,
    },
}

/// Lengths of the longest messages of each kind.
struct MessageBytes {
    new_epoch: u64,
    observe_req: u64,
    observe: u64,
    report_req: u64,
    report: u64,
    final_: u64,
    final_echo: u64,
}

impl NetworkLimits {
    /// Computes the limits of a configuration, a plugin and the length of on-chain signatures.
    ///
    /// # Errors
    /// The plugin asks for more than 256 MiB, or the lengths that follow are beyond 2^31 - 1.
    ///
    /// Source: offchain-ocr2 3.5.
    pub fn new(
        config: &PublicConfig,
        plugin: &PluginLimits,
        onchain_signature_bytes: usize,
    ) -> Result<Self, LimitsError> {
        plugin.check()?;
        let n = config.committee.n() as u64;
        let bytes = MessageBytes::longest(n, plugin, onchain_signature_bytes as u64);
        let max_message_bytes = bytes.max();
        let bytes_capacity = 2 * bytes.sum();

        let resends = per_second(config.delta_resend);
        let epochs = per_second(config.delta_progress);
        let rounds = per_second(config.delta_round);
        Ok(Self {
            max_message_bytes: in_range("the longest message", max_message_bytes)?,
            messages_per_second: messages_per_second(resends, epochs, rounds),
            messages_capacity: MESSAGES_CAPACITY,
            bytes_per_second: bytes.per_second(resends, epochs, rounds),
            bytes_capacity: in_range("the bytes capacity", bytes_capacity)?,
        })
    }

    /// Returns OCR1's limits: its longest message is a constant.
    ///
    /// Source: offchain-ocr1 3.5.
    #[must_use]
    pub fn of_ocr1(config: &PublicConfig) -> Self {
        let messages_per_second = messages_per_second(
            per_second(config.delta_resend),
            per_second(config.delta_progress),
            per_second(config.delta_round),
        );
        Self {
            max_message_bytes: OCR1_MAX_MESSAGE_BYTES,
            messages_per_second,
            messages_capacity: MESSAGES_CAPACITY,
            bytes_per_second: messages_per_second * f64::from(OCR1_MAX_MESSAGE_BYTES),
            bytes_capacity: MESSAGES_CAPACITY * OCR1_MAX_MESSAGE_BYTES,
        }
    }
}

impl PluginLimits {
    fn check(&self) -> Result<(), LimitsError> {
        let limits = [
            ("the plugin's longest query", self.max_query_bytes),
            (
                "the plugin's longest observation",
                self.max_observation_bytes,
            ),
            ("the plugin's longest report", self.max_report_bytes),
        ];
        match limits
            .into_iter()
            .find(|&(_, given)| given > MAX_PLUGIN_LIMIT_BYTES)
        {
            Some((limit, given)) => Err(LimitsError::PluginLimitTooLarge { limit, given }),
            None => Ok(()),
        }
    }
}

impl MessageBytes {
    /// The query is not counted in a ReportReq although it is in there; a report's signature is
    /// counted as 64 bytes whatever its length. Both are as peers count.
    fn longest(n: u64, plugin: &PluginLimits, onchain_signature_bytes: u64) -> Self {
        let query = plugin.max_query_bytes as u64;
        let observation = plugin.max_observation_bytes as u64;
        let report = plugin.max_report_bytes as u64;
        let attested = report + onchain_signature_bytes * n + OVERHEAD_BYTES;
        Self {
            new_epoch: OVERHEAD_BYTES,
            observe_req: query + OVERHEAD_BYTES,
            observe: observation + OVERHEAD_BYTES,
            report_req: (observation + 64) * n + OVERHEAD_BYTES,
            report: report + 64 + OVERHEAD_BYTES,
            final_: attested,
            final_echo: attested,
        }
    }

    fn max(&self) -> u64 {
        self.of_round().into_iter().fold(0, u64::max)
    }

    fn sum(&self) -> u64 {
        self.new_epoch + self.of_round().iter().sum::<u64>()
    }

    /// The messages of one round, in its order.
    const fn of_round(&self) -> [u64; 6] {
        [
            self.observe_req,
            self.observe,
            self.report_req,
            self.report,
            self.final_,
            self.final_echo,
        ]
    }

    /// Multiplies before it adds, message by message: the order decides the last bit.
    fn per_second(&self, resends: f64, epochs: f64, rounds: f64) -> f64 {
        let epoch_messages = resends * self.new_epoch as f64 + epochs * self.new_epoch as f64;
        self.of_round()
            .iter()
            .fold(epoch_messages, |sum, &bytes| sum + rounds * bytes as f64)
    }
}

/// The order of additions decides the last bit, which peers must share.
fn messages_per_second(resends: f64, epochs: f64, rounds: f64) -> f64 {
    (resends + epochs + rounds + 3.0 * rounds + 2.0 * rounds) * 2.0
}

/// Infinite for zero.
fn per_second(period: Duration) -> f64 {
    1.0 / period.as_secs_f64()
}

fn in_range(limit: &'static str, given: u64) -> Result<u32, LimitsError> {
    if given > MOST {
        return Err(LimitsError::Overflow { limit, given });
    }
    Ok(given as u32)
}
