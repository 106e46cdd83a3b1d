//! Starts late and forgets with each crash what it signed: it signs again in rounds it signed in.

use super::Adversary;

#[derive(Debug)]
pub(super) struct Amnesiac;

impl Adversary for Amnesiac {
    fn forgets(&self) -> bool {
        true
    }
}
