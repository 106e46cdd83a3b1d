//! Decoded values in the shape of `vectors/ocr2-wire.json`.

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::config::OffchainConfig;
use ocr_protocol::id::{Committee, EpochRound, OracleId};
use ocr_protocol::limits::PluginLimits;
use ocr_protocol::message::Message;
use ocr_protocol::observation::{Observation, SignedObservation};
use ocr_protocol::report::MedianConfig;
use serde_json::{Map, Value, json};

/// A committee as large as there can be.
pub(crate) fn committee() -> Committee {
    Committee::new(31, 10).unwrap()
}

/// Limits that nothing exceeds.
pub(crate) const UNLIMITED: PluginLimits = PluginLimits {
    max_query_bytes: usize::MAX,
    max_observation_bytes: usize::MAX,
    max_report_bytes: usize::MAX,
};

/// A value, or the name of the error, of bytes that should be a `kind`.
pub(crate) fn decode(kind: &str, bytes: &[u8]) -> Result<Value, String> {
    match kind {
        "message" => ocr_wire::message::decode(bytes, committee(), &UNLIMITED)
            .map(|message| message_json(&message))
            .map_err(name),
        "observation" => ocr_wire::median::decode_observation(bytes)
            .map(|observation| observation_json(&observation))
            .map_err(name),
        "median_config" => ocr_wire::median::decode_config(bytes)
            .map(|config| median_config_json(&config))
            .map_err(name),
        "offchain_config" => ocr_wire::offchain_config::decode(bytes)
            .map(|config| offchain_config_json(&config))
            .map_err(name),
        _ => panic!("{kind} is no kind of value"),
    }
}

/// The variant's name.
#[allow(clippy::needless_pass_by_value, reason = "fits map_err")]
fn name(error: impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap()
        .to_owned()
}

fn message_json(message: &Message) -> Value {
    match message {
        Message::NewEpoch { epoch } => json!({"kind": "NewEpoch", "epoch": epoch.get()}),
        Message::ObserveReq { at, query } => {
            with_at("ObserveReq", *at, json!({"query": hex::encode(query)}))
        }
        Message::Observe { at, observation } => with_at("Observe", *at, signed_json(observation)),
        Message::ReportReq {
            at,
            query,
            observations,
        } => {
            let observations = observations.iter().map(|(observer, signed)| {
                merged(json!({"observer": observer.get()}), signed_json(signed))
            });
            let observations: Vec<_> = observations.collect();
            let body = json!({"query": hex::encode(query), "observations": observations});
            with_at("ReportReq", *at, body)
        }
        Message::Report { at, vote } => {
            let body = json!({
                "skip": vote.skip,
                "report": hex::encode(&vote.report),
                "signature": hex::encode(&vote.signature),
            });
            with_at("Report", *at, body)
        }
        Message::Final(attested) => attested_json("Final", attested),
        Message::FinalEcho(attested) => attested_json("FinalEcho", attested),
    }
}

fn attested_json(kind: &str, attested: &AttestedReport) -> Value {
    let signatures = attested.signatures.iter().map(
        |(signer, signature)| json!({"signer": signer.map(OracleId::get), "signature": hex::encode(signature)}),
    );
    let body = json!({
        "extra_hash": hex::encode(attested.extra_hash),
        "report": hex::encode(&attested.report),
        "signatures": signatures.collect::<Vec<_>>(),
    });
    with_at(kind, attested.at, body)
}

fn signed_json(signed: &SignedObservation) -> Value {
    json!({
        "observation": hex::encode(&signed.observation),
        "signature": hex::encode(&signed.signature),
    })
}

fn with_at(kind: &str, at: EpochRound, body: Value) -> Value {
    let head = json!({"kind": kind, "epoch": at.epoch.get(), "round": at.round.get()});
    merged(head, body)
}

fn merged(left: Value, right: Value) -> Value {
    let (Value::Object(left), Value::Object(right)) = (left, right) else {
        panic!("two objects are needed");
    };
    Value::Object(left.into_iter().chain(right).collect::<Map<_, _>>())
}

fn observation_json(observation: &Observation) -> Value {
    json!({
        "timestamp_seconds": observation.timestamp_seconds,
        "value": observation.value.to_string(),
        "juels_per_fee_coin": observation.juels_per_fee_coin.to_string(),
        "gas_price_subunits": observation.gas_price_subunits.map(|price| price.to_string()),
    })
}

fn median_config_json(config: &MedianConfig) -> Value {
    json!({
        "alpha_report_infinite": config.alpha_report_infinite,
        "alpha_report_ppb": config.alpha_report_ppb,
        "alpha_accept_infinite": config.alpha_accept_infinite,
        "alpha_accept_ppb": config.alpha_accept_ppb,
        "delta_c_nanos": u64::try_from(config.delta_c.as_nanos()).unwrap(),
    })
}

fn offchain_config_json(config: &OffchainConfig) -> Value {
    let hex_list = |list: &mut dyn Iterator<Item = String>| list.collect::<Vec<_>>();
    json!({
        "delta_progress_nanos": config.delta_progress_nanos,
        "delta_resend_nanos": config.delta_resend_nanos,
        "delta_round_nanos": config.delta_round_nanos,
        "delta_grace_nanos": config.delta_grace_nanos,
        "delta_stage_nanos": config.delta_stage_nanos,
        "r_max": config.r_max,
        "s": config.s,
        "offchain_public_keys": hex_list(&mut config.offchain_public_keys.iter().map(hex::encode)),
        "peer_ids": config.peer_ids,
        "plugin_config": hex::encode(&config.plugin_config),
        "max_duration_query_nanos": config.max_duration_query_nanos,
        "max_duration_observation_nanos": config.max_duration_observation_nanos,
        "max_duration_report_nanos": config.max_duration_report_nanos,
        "max_duration_should_accept_nanos": config.max_duration_should_accept_nanos,
        "max_duration_should_transmit_nanos": config.max_duration_should_transmit_nanos,
        "diffie_hellman_point": hex::encode(config.shared_secret.diffie_hellman_point),
        "shared_secret_hash": hex::encode(config.shared_secret.hash),
        "encryptions": hex_list(&mut config.shared_secret.encryptions.iter().map(hex::encode)),
        "max_duration_initialization_nanos": config.max_duration_initialization_nanos,
    })
}
