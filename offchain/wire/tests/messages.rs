//! Messages: round trips, refusals, and bytes that nobody honest sends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{Committee, Epoch, EpochRound, OracleId};
use ocr_protocol::limits::PluginLimits;
use ocr_protocol::message::{Message, ReportVote, TooLong};
use ocr_protocol::observation::SignedObservation;
use ocr_wire::ProtobufError;
use ocr_wire::message::{DecodeError, decode, encode};
use proptest::collection::vec;
use proptest::prelude::*;

const LIMITS: PluginLimits = PluginLimits {
    max_query_bytes: 10,
    max_observation_bytes: 20,
    max_report_bytes: 30,
};

const AT: EpochRound = EpochRound::new(7, 3);

fn largest() -> Committee {
    Committee::new(31, 10).unwrap()
}

fn oracle(index: usize) -> OracleId {
    OracleId::new(index, 31).unwrap()
}

fn signed(observation_bytes: usize) -> SignedObservation {
    SignedObservation {
        observation: vec![1; observation_bytes],
        signature: vec![2; 64],
    }
}

fn report_req(count: usize, query_bytes: usize, observation_bytes: usize) -> Message {
    let observations = (0..count)
        .map(|i| (oracle(i % 31), signed(observation_bytes)))
        .collect();
    Message::ReportReq {
        at: AT,
        query: vec![0; query_bytes],
        observations,
    }
}

fn attested(count: usize, report_bytes: usize) -> AttestedReport {
    AttestedReport {
        at: AT,
        extra_hash: [5; 32],
        report: vec![6; report_bytes],
        signatures: (0..count)
            .map(|i| (Some(oracle(i % 31)), vec![7; 65]))
            .collect(),
    }
}

fn vote(report_bytes: usize) -> Message {
    let vote = ReportVote {
        skip: false,
        report: vec![1; report_bytes],
        signature: vec![2; 65],
    };
    Message::Report { at: AT, vote }
}

#[test]
fn parts_may_be_as_long_as_the_plugin_allows_and_no_longer() {
    let query = |len| Message::ObserveReq {
        at: AT,
        query: vec![0; len],
    };
    let observe = |len| Message::Observe {
        at: AT,
        observation: signed(len),
    };
    let cases = [
        (Message::NewEpoch { epoch: Epoch::MAX }, None),
        (query(10), None),
        (query(11), Some(10)),
        (observe(20), None),
        (observe(21), Some(20)),
        (report_req(31, 10, 20), None),
        (report_req(31, 11, 20), Some(10)),
        (report_req(31, 10, 21), Some(20)),
        (report_req(32, 10, 20), Some(31)),
        (vote(30), None),
        (vote(31), Some(30)),
        (Message::Final(attested(31, 30)), None),
        (Message::Final(attested(31, 31)), Some(30)),
        (Message::Final(attested(32, 30)), Some(31)),
        (Message::FinalEcho(attested(31, 30)), None),
        (Message::FinalEcho(attested(31, 31)), Some(30)),
        (Message::FinalEcho(attested(32, 30)), Some(31)),
    ];
    for (message, exceeded) in cases {
        match (decode(&encode(&message), largest(), &LIMITS), exceeded) {
            (Ok(decoded), None) => assert_eq!(decoded, message),
            (Err(DecodeError::TooLong(TooLong { given, most, .. })), Some(exceeded)) => {
                assert_eq!((given, most), (exceeded + 1, exceeded), "{message:?}");
            }
            (result, _) => panic!("{message:?} gave {result:?}"),
        }
    }
}

#[test]
fn signatures_may_have_any_length() {
    let mut report = attested(1, 0);
    report.signatures[0].1 = vec![0; 1000];
    let message = Message::Final(report);
    assert_eq!(decode(&encode(&message), largest(), &LIMITS), Ok(message));
}

#[test]
fn oracles_named_must_be_of_the_committee() {
    let four = Committee::new(4, 1).unwrap();
    let mut report = attested(1, 0);
    for index in [3, 4, 30] {
        let observations = vec![(oracle(index), signed(1))];
        report.signatures[0].0 = Some(oracle(index));
        let cases = [
            (
                "an observation",
                Message::ReportReq {
                    at: AT,
                    query: vec![],
                    observations,
                },
            ),
            ("a signature", Message::Final(report.clone())),
            ("a signature", Message::FinalEcho(report.clone())),
        ];
        for (part, message) in cases {
            let expected = match index {
                3 => Ok(message.clone()),
                _ => Err(DecodeError::UnknownOracle {
                    part,
                    given: index as u8,
                    n: 4,
                }),
            };
            assert_eq!(
                decode(&encode(&message), four, &LIMITS),
                expected,
                "{message:?}"
            );
        }
    }
}

#[test]
fn groups_inside_each_other_are_skipped_up_to_10_001_deep_in_any_message() {
    let groups = |depth| [vec![0x7b; depth], vec![0x7c; depth]].concat();
    let in_new_epoch = |bytes: &[u8]| {
        // Field 2 of the wrapper, with a length of up to three digits.
        let len = bytes.len();
        let len = [len as u8 | 0x80, (len >> 7) as u8 | 0x80, (len >> 14) as u8];
        [&[0x12], &len[..], bytes].concat()
    };
    let message = Message::NewEpoch { epoch: Epoch::ZERO };
    let deepest = groups(10_001);
    let beside = [deepest.clone(), encode(&message)].concat();
    assert_eq!(decode(&beside, largest(), &LIMITS), Ok(message.clone()));
    assert_eq!(
        decode(&in_new_epoch(&deepest), largest(), &LIMITS),
        Ok(message.clone())
    );

    let too_deep = groups(10_002);
    let error = Err(DecodeError::Protobuf(ProtobufError::GroupsTooDeep));
    let beside = [too_deep.clone(), encode(&message)].concat();
    assert_eq!(decode(&beside, largest(), &LIMITS), error);
    assert_eq!(decode(&in_new_epoch(&too_deep), largest(), &LIMITS), error);
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..40)
}

fn arbitrary_at() -> impl Strategy<Value = EpochRound> {
    (any::<u32>(), any::<u8>()).prop_map(|(epoch, round)| EpochRound::new(epoch, round))
}

fn arbitrary_oracle() -> impl Strategy<Value = OracleId> {
    (0..31_usize).prop_map(oracle)
}

fn arbitrary_signed() -> impl Strategy<Value = SignedObservation> {
    (bytes(), bytes()).prop_map(|(observation, signature)| SignedObservation {
        observation,
        signature,
    })
}

fn arbitrary_attested() -> impl Strategy<Value = AttestedReport> {
    (
        arbitrary_at(),
        any::<[u8; 32]>(),
        bytes(),
        vec((arbitrary_oracle().prop_map(Some), bytes()), 0..32),
    )
        .prop_map(|(at, extra_hash, report, signatures)| AttestedReport {
            at,
            extra_hash,
            report,
            signatures,
        })
}

fn arbitrary_message() -> impl Strategy<Value = Message> {
    let at = arbitrary_at;
    let observations = vec((arbitrary_oracle(), arbitrary_signed()), 0..32);
    let vote = (any::<bool>(), bytes(), bytes()).prop_map(|(skip, report, signature)| ReportVote {
        skip,
        report,
        signature,
    });
    prop_oneof![
        at().prop_map(|at| Message::NewEpoch { epoch: at.epoch }),
        (at(), bytes()).prop_map(|(at, query)| Message::ObserveReq { at, query }),
        (at(), arbitrary_signed())
            .prop_map(|(at, observation)| Message::Observe { at, observation }),
        (at(), bytes(), observations).prop_map(|(at, query, observations)| Message::ReportReq {
            at,
            query,
            observations
        }),
        (at(), vote).prop_map(|(at, vote)| Message::Report { at, vote }),
        arbitrary_attested().prop_map(Message::Final),
        arbitrary_attested().prop_map(Message::FinalEcho),
    ]
}

/// How many bytes the parts of `message` hold, and how many entries its list has.
fn size(message: &Message) -> (usize, usize) {
    match message {
        Message::NewEpoch { .. } => (0, 0),
        Message::ObserveReq { query, .. } => (query.len(), 0),
        Message::Observe { observation, .. } => (signed_bytes(observation), 0),
        Message::ReportReq {
            query,
            observations,
            ..
        } => {
            let parts = observations
                .iter()
                .map(|(_, signed)| signed_bytes(signed))
                .sum::<usize>();
            (query.len() + parts, observations.len())
        }
        Message::Report { vote, .. } => (vote.report.len() + vote.signature.len(), 0),
        Message::Final(attested) | Message::FinalEcho(attested) => {
            let parts = attested
                .signatures
                .iter()
                .map(|(_, bytes)| bytes.len())
                .sum::<usize>();
            (attested.report.len() + parts, attested.signatures.len())
        }
    }
}

fn signed_bytes(signed: &SignedObservation) -> usize {
    signed.observation.len() + signed.signature.len()
}

const LARGE: PluginLimits = PluginLimits {
    max_query_bytes: 1000,
    max_observation_bytes: 1000,
    max_report_bytes: 1000,
};

proptest! {
    #[test]
    fn decodes_what_it_encodes(message in arbitrary_message()) {
        prop_assert_eq!(decode(&encode(&message), largest(), &LARGE), Ok(message));
    }

    #[test]
    fn any_bytes_give_a_message_no_larger_than_they_are_or_an_error(
        bytes in vec(any::<u8>(), 0..300),
    ) {
        if let Ok(message) = decode(&bytes, largest(), &LARGE) {
            let (parts, entries) = size(&message);
            prop_assert!(parts <= bytes.len() && entries <= bytes.len());
        }
    }

    #[test]
    fn spoiled_messages_give_a_message_no_larger_than_they_are_or_an_error(
        messages in vec(arbitrary_message(), 1..3),
        spoiled in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = messages.iter().flat_map(encode).collect::<Vec<_>>();
        for (index, byte) in spoiled {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        bytes.truncate(end.index(bytes.len()) + 1);
        if let Ok(message) = decode(&bytes, largest(), &LARGE) {
            let (parts, entries) = size(&message);
            prop_assert!(parts <= bytes.len() && entries <= bytes.len());
            prop_assert_eq!(decode(&encode(&message), largest(), &LARGE), Ok(message));
        }
    }

    #[test]
    fn of_two_kinds_of_message_the_last_counts(
        first in arbitrary_message(),
        last in arbitrary_message(),
    ) {
        prop_assume!(core::mem::discriminant(&first) != core::mem::discriminant(&last));
        let both = [encode(&first), encode(&last)].concat();
        prop_assert_eq!(decode(&both, largest(), &LARGE), Ok(last));
    }
}
