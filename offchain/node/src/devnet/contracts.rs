//! The contracts of a local feed, deployed and funded.

use std::time::Duration;

use alloy_primitives::{Address, U256};
use ocr_chain::anvil::Anvil;
use ocr_chain::contracts::{AggregatorArgs, ILinkToken, IOCR2Aggregator};
use ocr_chain::deploy::Owner;
use ocr_chain::{Account, FeePolicy, Rpc};

use super::error::DevnetError;
use super::{DECIMALS, MAX_FEE_GWEI};
use crate::feed::FeedParameters;

/// The first of the chain's own accounts owns everything.
pub(super) fn local_owner(anvil: &Anvil, rpc: &Rpc) -> Owner {
    let policy = FeePolicy {
        max_fee_per_gas_wei: u128::from(MAX_FEE_GWEI) * 1_000_000_000,
        bump_after_blocks: 3,
        give_up_after: Duration::from_secs(30),
    };
    Owner::new(Account::new(
        rpc.clone(),
        anvil.accounts()[0].clone(),
        policy,
    ))
}

/// Deploys and funds everything; returns the aggregator.
pub(super) async fn deploy(
    owner: &Owner,
    parameters: &FeedParameters,
    transmitters: Vec<Address>,
) -> Result<Address, DevnetError> {
    let bounds = parameters.onchain.bounds()?;
    let link = owner.deploy_link_test_token().await?;
    let billing_access_controller = owner.deploy_write_access_controller().await?;
    let requester_access_controller = owner.deploy_write_access_controller().await?;
    let args = AggregatorArgs {
        link,
        min_answer: bounds.min().get(),
        max_answer: bounds.max().get(),
        billing_access_controller,
        requester_access_controller,
        decimals: DECIMALS,
        description: "S&P 500".to_owned(),
    };
    let contract = owner.deploy_access_controlled_aggregator(&args).await?;
    owner
        .add_access(billing_access_controller, owner.address())
        .await?;
    owner
        .add_access(requester_access_controller, owner.address())
        .await?;
    let thousand_link = U256::from(1_000) * U256::from(10).pow(U256::from(18));
    owner
        .call(
            link,
            ILinkToken::transferCall {
                to: contract,
                value: thousand_link,
            },
        )
        .await?;
    owner
        .set_billing(
            contract,
            IOCR2Aggregator::setBillingCall {
                maximumGasPriceGwei: 100,
                reasonableGasPriceGwei: 10,
                observationPaymentGjuels: 1_000,
                transmissionPaymentGjuels: 1_000,
                accountingGas: alloy_primitives::Uint::from(10_000),
            },
        )
        .await?;
    owner
        .set_payees(contract, transmitters.clone(), transmitters.clone())
        .await?;
    for transmitter in transmitters {
        owner
            .fund(transmitter, U256::from(10).pow(U256::from(19)))
            .await?;
    }
    Ok(contract)
}
