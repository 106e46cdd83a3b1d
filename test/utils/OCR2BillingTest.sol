// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OCR2Test} from "./OCR2Test.sol";
import {PaymentModel} from "./PaymentModel.sol";
import {MockLink} from "./mocks/MockLink.sol";

/// @notice An aggregator with payees and money, whose prices are 2 gjuels an observation and 5 a transmission.
abstract contract OCR2BillingTest is OCR2Test {
    uint256 internal constant GJUEL = PaymentModel.JUELS_PER_GJUEL;
    uint32 internal constant OBSERVATION_GJUELS = 2;
    uint32 internal constant TRANSMISSION_GJUELS = 5;
    uint256 internal constant FUNDS_JUELS = 1000e18;

    function setUp() public virtual override {
        super.setUp();
        setPayees(n);
        setRewards(OBSERVATION_GJUELS, TRANSMISSION_GJUELS);
        link.mint(address(aggregator), FUNDS_JUELS);
    }

    /// @dev Oracle 0 transmits `count` times.
    function transmitRounds(uint256 count) internal {
        for (uint256 i = 0; i < count; i++) {
            transmitNext();
        }
    }

    /// @dev What `count` rounds transmitted by oracle 0 earn an oracle.
    function earned(uint256 oracle, uint256 count) internal pure returns (uint256) {
        return count * (OBSERVATION_GJUELS + (oracle == 0 ? TRANSMISSION_GJUELS : 0)) * GJUEL;
    }

    /// @dev Calls `callData`, which must pay all oracles, with each way the token can refuse.
    function assertPayoutRefusals(bytes memory callData) internal {
        link.setTransferMode(MockLink.TransferMode.ReturnsFalse);
        assertReverts(OWNER, callData, "insufficient funds");
        link.setTransferMode(MockLink.TransferMode.ReturnsNothing);
        assertRevertsEmpty(OWNER, callData);
        link.setTransferMode(MockLink.TransferMode.ReturnsTwo);
        assertRevertsEmpty(OWNER, callData);
        link.setTransferMode(MockLink.TransferMode.Reverts);
        uint256 owed = aggregator.owedPayment(transmitter(0));
        assertRevertData(
            address(aggregator),
            OWNER,
            callData,
            abi.encodeWithSelector(MockLink.TransferRefused.selector, payee(0), owed)
        );
        link.setTransferMode(MockLink.TransferMode.Honest);
    }
}
