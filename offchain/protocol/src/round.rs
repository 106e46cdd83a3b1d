//! One round: the leader collects observations, then votes on the report; all follow.

mod follower;
mod leader;

pub use follower::{Follower, Output, SignedMarks};
pub use leader::{Leader, Phase};

use crate::attestation::AttestationError;
use crate::drop_reason::DropReason;
use crate::int192::Int192;
use crate::observation::SignedObservation;

/// What is asked in a round. The median asks nothing.
///
/// Source: offchain-ocr2 6.3.3.
const QUERY: &[u8] = &[];

/// The number that an observation of OCR1 is.
fn value_of(signed: &SignedObservation) -> Option<Int192> {
    Int192::decode(&signed.observation)
}

/// P71: the guards of an attested report.
impl From<AttestationError> for DropReason {
    fn from(error: AttestationError) -> Self {
        match error {
            AttestationError::WrongSignatureCount { .. } => Self::SignatureCountWrong,
            AttestationError::DuplicateSigner(_) => Self::SignerRepeated,
            AttestationError::InvalidSignature(_) | AttestationError::UnknownSigner { .. } => {
                Self::SignatureInvalid
            }
        }
    }
}
