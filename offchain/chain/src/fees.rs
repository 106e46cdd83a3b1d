use std::time::Duration;

use alloy::eips::BlockNumberOrTag;
use alloy::eips::eip1559::Eip1559Estimation;
use alloy::providers::Provider;
use alloy::providers::utils::Eip1559Estimator;

use crate::error::ChainError;
use crate::rpc::Rpc;

/// What a transaction may cost, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePolicy {
    /// Most that is ever offered for a unit of gas, tip included.
    pub max_fee_per_gas_wei: u128,
    /// Blocks a transaction may wait before it is replaced by one that offers an eighth more.
    pub bump_after_blocks: u64,
    /// Time after which the outcome is not awaited any longer.
    pub give_up_after: Duration,
}

/// What is offered for a unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fees {
    pub(crate) max_fee_wei: u128,
    pub(crate) tip_wei: u128,
}

impl Fees {
    /// What the next blocks ask for: twice the base fee, and the tip of recent blocks.
    pub(crate) async fn estimate(rpc: &Rpc) -> Result<Self, ChainError> {
        let estimator = Eip1559Estimator::new(|base_fee_wei: u128, rewards: &[Vec<u128>]| {
            let tip_wei = median_tip_wei(rewards);
            Eip1559Estimation {
                max_fee_per_gas: base_fee_wei.saturating_mul(2).saturating_add(tip_wei),
                max_priority_fee_per_gas: tip_wei,
            }
        });
        let fees = rpc.provider().estimate_eip1559_fees_with(estimator).await;
        let fees = rpc.answer("eth_feeHistory", fees)?;
        Ok(Self {
            max_fee_wei: fees.max_fee_per_gas,
            tip_wei: fees.max_priority_fee_per_gas,
        })
    }

    /// Lowers the offer to the cap.
    pub(crate) fn capped(self, cap_wei: u128) -> Self {
        let max_fee_wei = self.max_fee_wei.min(cap_wei);
        Self {
            max_fee_wei,
            tip_wei: self.tip_wei.min(max_fee_wei),
        }
    }

    /// The least offer that may replace this one: an eighth more, and one wei for rounding.
    pub(crate) fn bumped(self) -> Self {
        let bump = |wei: u128| wei.saturating_add(wei / 8).saturating_add(1);
        Self {
            max_fee_wei: bump(self.max_fee_wei),
            tip_wei: bump(self.tip_wei),
        }
    }

    /// The offer that replaces `earlier`, where this one is what blocks ask for; nothing if that is
    /// more than the cap.
    pub(crate) fn replacing(self, earlier: Self, cap_wei: u128) -> Option<Self> {
        let least = earlier.bumped();
        if least.max_fee_wei > cap_wei {
            return None;
        }
        let max_fee_wei = self.max_fee_wei.min(cap_wei).max(least.max_fee_wei);
        Some(Self {
            max_fee_wei,
            tip_wei: self.tip_wei.max(least.tip_wei).min(max_fee_wei),
        })
    }
}

/// The median of the tips that were paid in recent blocks; one wei if none was.
fn median_tip_wei(rewards: &[Vec<u128>]) -> u128 {
    let mut tips: Vec<u128> = rewards
        .iter()
        .filter_map(|block| block.first())
        .copied()
        .filter(|tip| *tip > 0)
        .collect();
    tips.sort_unstable();
    tips.get(tips.len() / 2).copied().unwrap_or(1)
}

/// Base fee of the latest block.
pub(crate) async fn base_fee_wei(rpc: &Rpc) -> Result<u128, ChainError> {
    let head = rpc.head(BlockNumberOrTag::Latest).await?;
    let missing = || {
        rpc.nonsense(
            "eth_getBlockByNumber",
            "the chain has no base fee (EIP-1559)",
        )
    };
    head.base_fee_wei.map(u128::from).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn fees(max_fee_wei: u128, tip_wei: u128) -> Fees {
        Fees {
            max_fee_wei,
            tip_wei,
        }
    }

    #[test]
    fn a_replacement_offers_at_least_an_eighth_more_of_both() {
        for old in [fees(0, 0), fees(7, 1), fees(8, 8), fees(1_000_000_007, 3)] {
            let new = old.bumped();
            assert!(
                new.max_fee_wei * 8 >= old.max_fee_wei * 9,
                "{old:?} -> {new:?}"
            );
            assert!(new.tip_wei * 8 >= old.tip_wei * 9, "{old:?} -> {new:?}");
        }
    }

    #[test]
    fn a_replacement_follows_the_market_but_not_above_the_cap() {
        let old = fees(800, 80);
        assert_eq!(fees(10, 1).replacing(old, 2_000), Some(fees(901, 91)));
        assert_eq!(
            fees(1_500, 200).replacing(old, 2_000),
            Some(fees(1_500, 200))
        );
        assert_eq!(
            fees(9_000, 5_000).replacing(old, 2_000),
            Some(fees(2_000, 2_000))
        );
        assert_eq!(fees(9_000, 1).replacing(old, 900), None);
        assert_eq!(
            fees(1, 1).replacing(fees(u128::MAX, 1), u128::MAX),
            Some(fees(u128::MAX, 2))
        );
    }

    #[test]
    fn an_offer_is_capped_tip_included() {
        assert_eq!(fees(100, 60).capped(50), fees(50, 50));
        assert_eq!(fees(100, 60).capped(80), fees(80, 60));
        assert_eq!(fees(100, 60).capped(200), fees(100, 60));
    }

    #[test]
    fn the_tip_is_the_median_of_those_paid() {
        assert_eq!(median_tip_wei(&[]), 1);
        assert_eq!(median_tip_wei(&[vec![0], vec![]]), 1);
        assert_eq!(median_tip_wei(&[vec![5], vec![0], vec![1], vec![9]]), 5);
    }
}
