//! How long messages may be, and how many.

mod common;

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{Epoch, EpochRound, OracleId};
use ocr_protocol::keyring::ONCHAIN_SIGNATURE_BYTES;
use ocr_protocol::limits::{LimitsError, MAX_PLUGIN_LIMIT_BYTES, NetworkLimits, PluginLimits};
use ocr_protocol::message::{Message, ReportVote, TooLong};
use ocr_protocol::observation::SignedObservation;

use self::common::draft;

const AT: EpochRound = EpochRound::new(1, 1);

const LIMITS: PluginLimits = PluginLimits {
    max_query_bytes: 3,
    max_observation_bytes: 5,
    max_report_bytes: 7,
};

fn network(plugin: PluginLimits) -> Result<NetworkLimits, LimitsError> {
    let config = draft(4, 1).public().expect("valid");
    NetworkLimits::new(&config, &plugin, ONCHAIN_SIGNATURE_BYTES)
}

#[test]
fn zero_round_time_gives_unlimited_rates() {
    let draft = draft(4, 1).with(|draft| draft.offchain.delta_round_nanos = 0);
    let config = draft.public().expect("zero is legal");
    let limits = NetworkLimits::new(&config, &LIMITS, ONCHAIN_SIGNATURE_BYTES).expect("small");
    assert_eq!(limits.messages_per_second, f64::INFINITY);
    assert_eq!(limits.bytes_per_second, f64::INFINITY);
}

#[test]
fn plugin_may_ask_for_256_mib() {
    let largest = PluginLimits {
        max_query_bytes: MAX_PLUGIN_LIMIT_BYTES,
        ..LIMITS
    };
    assert!(network(largest).is_ok());
    let given = MAX_PLUGIN_LIMIT_BYTES + 1;
    for (limit, plugin) in [
        (
            "the plugin's longest query",
            PluginLimits {
                max_query_bytes: given,
                ..LIMITS
            },
        ),
        (
            "the plugin's longest observation",
            PluginLimits {
                max_observation_bytes: given,
                ..LIMITS
            },
        ),
        (
            "the plugin's longest report",
            PluginLimits {
                max_report_bytes: given,
                ..LIMITS
            },
        ),
    ] {
        assert_eq!(
            network(plugin),
            Err(LimitsError::PluginLimitTooLarge { limit, given })
        );
    }
    let most = PluginLimits {
        max_query_bytes: usize::MAX,
        ..LIMITS
    };
    assert!(network(most).is_err(), "without overflow");
}

#[test]
fn limits_must_fit_31_bits() {
    let plugin = PluginLimits {
        max_query_bytes: 0,
        max_observation_bytes: MAX_PLUGIN_LIMIT_BYTES,
        max_report_bytes: 0,
    };
    let bytes_capacity = 2 * (7 * 256 + 5 * (1 << 28) + 4 * 64 + 64 + 2 * 4 * 65);
    assert_eq!(
        network(plugin),
        Err(LimitsError::Overflow {
            limit: "the bytes capacity",
            given: bytes_capacity
        })
    );
}

fn signed(observation_bytes: usize) -> SignedObservation {
    SignedObservation {
        observation: vec![0; observation_bytes],
        signature: vec![0; 1000],
    }
}

fn report_req(query_bytes: usize, observations: usize, observation_bytes: usize) -> Message {
    let observer = OracleId::new(0, 4).expect("below n");
    Message::ReportReq {
        at: AT,
        query: vec![0; query_bytes],
        observations: vec![(observer, signed(observation_bytes)); observations],
    }
}

fn attested(report_bytes: usize, signatures: usize) -> AttestedReport {
    let signer = OracleId::new(0, 4).expect("below n");
    AttestedReport {
        at: AT,
        extra_hash: [0; 32],
        report: vec![0; report_bytes],
        signatures: vec![(Some(signer), vec![0; 1000]); signatures],
    }
}

fn report(report_bytes: usize) -> Message {
    let vote = ReportVote {
        report: vec![0; report_bytes],
        ..ReportVote::default()
    };
    Message::Report { at: AT, vote }
}

#[test]
fn longest_messages_pass() {
    let messages = [
        Message::NewEpoch { epoch: Epoch::MAX },
        Message::ObserveReq {
            at: AT,
            query: vec![0; 3],
        },
        Message::Observe {
            at: AT,
            observation: signed(5),
        },
        report_req(3, 31, 5),
        report(7),
        Message::Final(attested(7, 31)),
        Message::FinalEcho(attested(7, 31)),
    ];
    for message in messages {
        assert_eq!(message.check_lengths(&LIMITS), Ok(()));
    }
}

#[test]
fn longer_messages_are_refused() {
    let query = TooLong {
        part: "bytes of the query",
        given: 4,
        most: 3,
    };
    let observation = TooLong {
        part: "bytes of an observation",
        given: 6,
        most: 5,
    };
    let observations = TooLong {
        part: "observations",
        given: 32,
        most: 31,
    };
    let report_bytes = TooLong {
        part: "bytes of the report",
        given: 8,
        most: 7,
    };
    let signatures = TooLong {
        part: "signatures",
        given: 32,
        most: 31,
    };
    let cases = [
        (
            Message::ObserveReq {
                at: AT,
                query: vec![0; 4],
            },
            query,
        ),
        (
            Message::Observe {
                at: AT,
                observation: signed(6),
            },
            observation,
        ),
        (report_req(4, 32, 6), query),
        (report_req(3, 32, 6), observations),
        (report_req(3, 31, 6), observation),
        (report(8), report_bytes),
        (Message::Final(attested(8, 32)), signatures),
        (Message::Final(attested(8, 31)), report_bytes),
        (Message::FinalEcho(attested(8, 31)), report_bytes),
    ];
    for (message, expected) in cases {
        assert_eq!(message.check_lengths(&LIMITS), Err(expected));
    }
}
