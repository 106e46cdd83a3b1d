//! The contracts of a local feed, deployed and funded.

use std::time::Duration;

use alloy_primitives::aliases::I192;
use alloy_primitives::{Address, U256, Uint, uint};
use ocr_chain::anvil::Anvil;
use ocr_chain::contracts::{
    AggregatorArgs, ILinkToken, IOCR2Aggregator as ocr2, IOffchainAggregator as ocr1,
};
use ocr_chain::deploy::Owner;
use ocr_chain::{Account, FeePolicy, Rpc};
use ocr_protocol::id::Protocol;

use super::error::DevnetError;
use super::{DECIMALS, DESCRIPTION, MAX_ANSWER, MAX_FEE_GWEI, MIN_ANSWER};

const JUELS_PER_LINK: U256 = uint!(1_000_000_000_000_000_000_U256);
const WEI_PER_ETHER: U256 = uint!(1_000_000_000_000_000_000_U256);

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
    protocol: Protocol,
    transmitters: Vec<Address>,
) -> Result<Address, DevnetError> {
    let link = owner.deploy_link_test_token().await?;
    let billing_access_controller = owner.deploy_write_access_controller().await?;
    let requester_access_controller = owner.deploy_write_access_controller().await?;
    let args = AggregatorArgs {
        link,
        min_answer: I192::try_from(MIN_ANSWER).expect("it fits"),
        max_answer: I192::try_from(MAX_ANSWER).expect("it fits"),
        billing_access_controller,
        requester_access_controller,
        decimals: DECIMALS,
        description: DESCRIPTION.to_owned(),
    };
    let contract = deploy_aggregator(owner, protocol, &args).await?;
    for list in [billing_access_controller, requester_access_controller] {
        owner.add_access(list, owner.address()).await?;
    }
    let payment = ILinkToken::transferCall {
        to: contract,
        value: U256::from(1_000) * JUELS_PER_LINK,
    };
    owner.call(link, payment).await?;
    owner
        .set_payees(contract, transmitters.clone(), transmitters.clone())
        .await?;
    for transmitter in transmitters {
        owner
            .fund(transmitter, U256::from(10) * WEI_PER_ETHER)
            .await?;
    }
    Ok(contract)
}

/// Deploys an aggregator with the prices of a local feed.
async fn deploy_aggregator(
    owner: &Owner,
    protocol: Protocol,
    args: &AggregatorArgs,
) -> Result<Address, DevnetError> {
    match protocol {
        Protocol::Ocr1 => {
            let prices = ocr1::setBillingCall {
                _maximumGasPrice: 100,
                _reasonableGasPrice: 10,
                _microLinkPerEth: 7_000,
                _linkGweiPerObservation: 1_000,
                _linkGweiPerTransmission: 1_000,
            };
            Ok(owner
                .deploy_access_controlled_offchain_aggregator(args, &prices)
                .await?)
        }
        Protocol::Ocr2 => {
            let contract = owner.deploy_access_controlled_aggregator(args).await?;
            let prices = ocr2::setBillingCall {
                maximumGasPriceGwei: 100,
                reasonableGasPriceGwei: 10,
                observationPaymentGjuels: 1_000,
                transmissionPaymentGjuels: 1_000,
                accountingGas: Uint::from(10_000),
            };
            owner.set_billing(contract, prices).await?;
            Ok(contract)
        }
    }
}
