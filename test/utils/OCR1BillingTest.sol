// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OCR1Test} from "./OCR1Test.sol";
import {MockLink} from "./mocks/MockLink.sol";

/// @notice An OCR1 aggregator with money, whose prices are 2 LINK-gwei an observation and 5 a transmission.
abstract contract OCR1BillingTest is OCR1Test {
    uint32 internal constant OBSERVATION_LINK_GWEI = 2;
    uint32 internal constant TRANSMISSION_LINK_GWEI = 5;
    uint256 internal constant FUNDS_JUELS = 1000e18;

    function setUp() public virtual override {
        super.setUp();
        setRewards(OBSERVATION_LINK_GWEI, TRANSMISSION_LINK_GWEI);
        link.mint(address(aggregator), FUNDS_JUELS);
    }

    /// @dev Oracle 0 transmits `count` times what all oracles observed.
    function transmitRounds(uint256 count) internal {
        for (uint256 i = 0; i < count; i++) {
            transmitNext();
        }
    }

    /// @dev What `count` of these rounds earn an oracle.
    function earned(uint256 oracle, uint256 count) internal pure returns (uint256) {
        return count * (OBSERVATION_LINK_GWEI + (oracle == 0 ? TRANSMISSION_LINK_GWEI : 0)) * JUELS_PER_LINK_GWEI;
    }

    /// @dev Calls `callData`, which must pay all oracles, `first` before any other, with each way the token can refuse.
    /// What a token that has not got the money reverts with is passed on.
    function assertPayoutRefusals(bytes memory callData, uint256 first) internal {
        link.setTransferMode(MockLink.TransferMode.ReturnsFalse);
        assertReverts(OWNER, callData, "insufficient funds");
        link.setTransferMode(MockLink.TransferMode.ReturnsNothing);
        assertRevertsEmpty(OWNER, callData);
        link.setTransferMode(MockLink.TransferMode.Reverts);
        uint256 owed = aggregator.owedPayment(transmitter(first));
        assertRevertData(
            address(aggregator),
            OWNER,
            callData,
            abi.encodeWithSelector(MockLink.TransferRefused.selector, payee(first), owed)
        );
        link.setTransferMode(MockLink.TransferMode.Honest);

        uint256 snapshot = vm.snapshotState();
        vm.prank(address(aggregator));
        assertTrue(link.transfer(STRANGER, FUNDS_JUELS));
        assertPanics(OWNER, callData, ARITHMETIC_PANIC);
        assertEq(aggregator.owedPayment(transmitter(first)), owed);
        vm.revertToState(snapshot);
    }
}
