//! OCR1's guards. Source: contracts-ocr1 5.4.

use alloy_primitives::keccak256;
use ocr_protocol::id::EpochRound;
use ocr_protocol::int192::Int192;

use super::{Accepted, Call, Contract, MAX_ORACLES, Refusal, list_at, require, round_of, word};

/// Context, observers, offset of the observations.
const HEAD_BYTES: usize = 96;

pub(super) fn transmit(
    contract: &Contract,
    latest: EpochRound,
    call: &Call,
) -> Result<Accepted, Refusal> {
    let config = &contract.config;
    require(call.has_right_length(), "transmit message too long")?;
    let Report {
        context,
        observers,
        observations,
    } = decode(&call.report).ok_or(Refusal::Empty)?;
    require(
        context[11..27] == *config.digest.on_chain(),
        "configDigest mismatch",
    )?;
    let at = round_of(&context);
    require(at > latest, "stale report")?;

    let (threshold, k) = (usize::from(config.f), observations.len());
    require(call.rs.len() > threshold, "not enough signatures")?;
    require(call.rs.len() <= MAX_ORACLES, "too many signatures")?;
    require(
        call.ss.len() == call.rs.len(),
        "signatures out of registration",
    )?;
    require(k <= MAX_ORACLES, "num observations out of bounds")?;
    require(k > 2 * threshold, "too few values to trust median")?;
    check_observers(&observers[..k])?;
    require(
        config.transmitters.contains(&call.sender),
        "unauthorized transmitter",
    )?;
    check_signers(contract, call)?;

    require(observations.is_sorted(), "observations not sorted")?;
    let answer = observations[k / 2];
    require(
        contract.is_in_range(answer),
        "median is out of min-max range",
    )?;
    Ok(Accepted { at, answer })
}

struct Report {
    context: [u8; 32],
    observers: [u8; 32],
    observations: Vec<Int192>,
}

/// Upper bits of observations may be anything.
fn decode(report: &[u8]) -> Option<Report> {
    if report.len() < HEAD_BYTES {
        return None;
    }
    let low_bits =
        |word: &[u8; 32]| Int192::from_be_bytes(*word.last_chunk().expect("24 of 32 bytes"));
    Some(Report {
        context: word(report, 0)?,
        observers: word(report, 32)?,
        observations: list_at(report, 2)?.iter().map(low_bits).collect(),
    })
}

/// Index by index, out of range before repeated.
fn check_observers(observers: &[u8]) -> Result<(), Refusal> {
    let mut seen = [false; MAX_ORACLES];
    for &observer in observers {
        let seen = seen
            .get_mut(usize::from(observer))
            .ok_or(Refusal::Panic(0x32))?;
        require(!core::mem::replace(seen, true), "observer index repeated")?;
    }
    Ok(())
}

/// Signature by signature, unknown before repeated.
fn check_signers(contract: &Contract, call: &Call) -> Result<(), Refusal> {
    let hash = keccak256(&call.report).0;
    let mut seen = Vec::new();
    for place in 0..call.rs.len() {
        let signer = call.signer(&hash, place);
        let signer = signer.filter(|signer| contract.config.signers.contains(signer));
        let signer = signer.ok_or(Refusal::Reason("address not authorized to sign"))?;
        require(!seen.contains(&signer), "non-unique signature")?;
        seen.push(signer);
    }
    Ok(())
}
