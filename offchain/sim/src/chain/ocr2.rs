//! OCR2's guards. Source: contracts-ocr2 5.3.

use alloy_primitives::{Address, I256, U256, keccak256};
use ocr_protocol::id::EpochRound;
use ocr_protocol::int192::Int192;

use super::{Accepted, Call, Contract, MAX_ORACLES, Refusal, list_at, require, round_of, word};

/// Timestamp, observers, offset of the observations, juels per fee coin.
const HEAD_BYTES: usize = 128;

/// The greatest recovery id whose `v` is a byte.
const MAX_RECOVERY_ID: u8 = u8::MAX - 27;

pub(super) fn transmit(
    contract: &Contract,
    latest: EpochRound,
    call: &Call,
) -> Result<Accepted, Refusal> {
    let config = &contract.config;
    let at = round_of(&call.context[1]);
    require(at > latest, "stale report")?;
    require(
        config.transmitters.contains(&call.sender),
        "unauthorized transmitter",
    )?;
    require(config.digest.0 == call.context[0], "configDigest mismatch")?;
    require(call.has_right_length(), "calldata length mismatch")?;
    require(
        call.rs.len() == usize::from(config.f) + 1,
        "wrong number of signatures",
    )?;
    require(
        call.rs.len() == call.ss.len(),
        "signatures out of registration",
    )?;
    check_signers(&config.signers, call)?;

    let observations = decode(&call.report).ok_or(Refusal::Empty)?;
    let k = observations.len();
    require(
        call.report.len() == HEAD_BYTES + 32 * (k + 1),
        "report length mismatch",
    )?;
    require(k <= MAX_ORACLES, "num observations out of bounds")?;
    require(k > usize::from(config.f), "too few values to trust median")?;
    let answer = observations[k / 2];
    require(
        contract.is_in_range(answer),
        "median is out of min-max range",
    )?;
    Ok(Accepted { at, answer })
}

fn check_signers(signers: &[Address], call: &Call) -> Result<(), Refusal> {
    let context = call.context.as_flattened();
    let hash = keccak256([keccak256(&call.report).as_slice(), context].concat()).0;
    let mut seen = [0; MAX_ORACLES];
    for place in 0..call.rs.len() {
        if call.raw_vs[place] > MAX_RECOVERY_ID {
            return Err(Refusal::Panic(0x11));
        }
        let signer = call.signer(&hash, place);
        let index = signers.iter().position(|known| Some(*known) == signer);
        seen[index.ok_or(Refusal::Reason("signature error"))?] += 1;
    }
    require(seen.iter().all(|&count| count <= 1), "duplicate signer")
}

/// Returns the observations of a report that a strict decoder takes.
fn decode(report: &[u8]) -> Option<Vec<Int192>> {
    if report.len() < HEAD_BYTES || U256::from_be_bytes(word(report, 0)?).bit_len() > 32 {
        return None;
    }
    let number = |word: &[u8; 32]| Int192::try_from(I256::from_be_bytes(*word)).ok();
    number(&word(report, 96)?)?;
    list_at(report, 2)?.iter().map(number).collect()
}
