//! What OCR1 and OCR2 ask of a node in ways of their own; everything else here serves both.

use std::time::Duration;

use ocr_protocol::config::ocr1::{ChainChecks, Timeouts};
use ocr_protocol::config::{ContractConfig, PublicConfig, ResourceChecks};
use ocr_protocol::id::{Committee, Protocol};
use ocr_protocol::keyring::ONCHAIN_SIGNATURE_BYTES;
use ocr_protocol::limits::{LimitsError, NetworkLimits, PluginLimits};
use ocr_protocol::message::Message;
use ocr_protocol::oracle::Version;
use ocr_protocol::oracle::ocr1::Ocr1;
use ocr_protocol::oracle::ocr2::Ocr2;
use ocr_protocol::report::{Median, OnchainConfig, OnchainConfigError, ocr1};
use ocr_wire::median::{MedianConfigError, OBSERVATION_CODEC};
use ocr_wire::message::DecodeError;

/// A version of the protocol, as a node runs it.
pub(crate) trait NodeVersion: Version<Plugin: Send + Sync> + Send + Sync + 'static {
    /// What bounds the parts of a message.
    type Limits: Send + Sync;

    /// Reads what the contract says.
    fn terms(contract: &ContractConfig, local: &Local) -> Result<Terms<Self>, TermsError>;

    /// Returns the bytes of a message.
    fn encode(message: &Message) -> Vec<u8>;

    /// Returns the message of any bytes from a peer.
    fn decode(
        bytes: &[u8],
        committee: Committee,
        limits: &Self::Limits,
    ) -> Result<Message, DecodeError>;
}

/// What an oracle works by under one configuration.
pub(crate) struct Terms<V: NodeVersion> {
    pub(crate) public: PublicConfig,
    pub(crate) plugin: V::Plugin,
    pub(crate) limits: V::Limits,
    pub(crate) network_limits: NetworkLimits,
    /// The answers that the contract takes.
    pub(crate) bounds: OnchainConfig,
    /// How far back a request for a round counts.
    pub(crate) delta_c: Duration,
}

/// What OCR1 leaves to each node and to the contract. Source: offchain-ocr1 1.5.1, 6.8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    pub(crate) chain_id: u64,
    pub(crate) timeouts: Timeouts,
    /// The contract's bounds; the configuration of OCR2 repeats them.
    pub(crate) bounds: OnchainConfig,
}

/// Why a configuration gives no terms.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TermsError {
    #[error(transparent)]
    Ocr1(#[from] ocr_wire::ocr1::PublicConfigError),
    #[error(transparent)]
    Ocr2(#[from] ocr_wire::PublicConfigError),
    #[error("reporting plugin configuration: {0}")]
    Median(#[from] MedianConfigError),
    #[error(transparent)]
    Bounds(#[from] OnchainConfigError),
    #[error(transparent)]
    Limits(#[from] LimitsError),
}

impl NodeVersion for Ocr1 {
    type Limits = ();

    fn terms(contract: &ContractConfig, local: &Local) -> Result<Terms<Self>, TermsError> {
        let chain_id = local.chain_id;
        let checks = ChainChecks::Enforced { chain_id };
        let (public, median) = ocr_wire::ocr1::public_config(contract, checks, local.timeouts)?;
        let plugin = ocr1::Median::new(&public, median);
        Ok(Terms {
            limits: (),
            network_limits: NetworkLimits::of_ocr1(&public),
            bounds: local.bounds,
            delta_c: plugin.delta_c(),
            plugin,
            public,
        })
    }

    fn encode(message: &Message) -> Vec<u8> {
        ocr_wire::ocr1::message::encode(message)
    }

    fn decode(bytes: &[u8], committee: Committee, (): &()) -> Result<Message, DecodeError> {
        ocr_wire::ocr1::message::decode(bytes, committee)
    }
}

impl NodeVersion for Ocr2 {
    type Limits = PluginLimits;

    fn terms(contract: &ContractConfig, _: &Local) -> Result<Terms<Self>, TermsError> {
        let public = ocr_wire::public_config(contract, ResourceChecks::Enforced)?;
        let median = ocr_wire::median::decode_config(&public.plugin_config)?;
        let plugin = Median::new(&public, median, OBSERVATION_CODEC)?;
        let limits = plugin.limits();
        Ok(Terms {
            network_limits: NetworkLimits::new(&public, &limits, ONCHAIN_SIGNATURE_BYTES)?,
            limits,
            bounds: OnchainConfig::decode(&public.onchain_config)?,
            delta_c: plugin.delta_c(),
            plugin,
            public,
        })
    }

    fn encode(message: &Message) -> Vec<u8> {
        ocr_wire::message::encode(message)
    }

    fn decode(
        bytes: &[u8],
        committee: Committee,
        limits: &PluginLimits,
    ) -> Result<Message, DecodeError> {
        ocr_wire::message::decode(bytes, committee, limits)
    }
}

/// Reads and checks what all oracles of a configuration know of it, whichever its version.
pub(crate) fn public_config(
    contract: &ContractConfig,
    chain_id: u64,
) -> Result<PublicConfig, TermsError> {
    Ok(match contract.digest.protocol() {
        Protocol::Ocr1 => {
            // Each oracle has its own, and nothing that all know follows from them.
            let timeouts = Timeouts {
                source: Duration::ZERO,
                blockchain: Duration::ZERO,
            };
            let checks = ChainChecks::Enforced { chain_id };
            ocr_wire::ocr1::public_config(contract, checks, timeouts)?.0
        }
        Protocol::Ocr2 => ocr_wire::public_config(contract, ResourceChecks::Enforced)?,
    })
}
