// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @dev Source: contracts-ocr1 6.6.
contract OffchainAggregatorSetPayeesTest is OCR1Test {
    /// @dev Nobody has a payee.
    function setUp() public override {
        super.setUp();
        aggregator = deploy();
    }

    function test_setPayees_emitsForEach() public {
        for (uint256 i = 0; i < 3; i++) {
            expectEmit();
            emit IOffchainAggregator.PayeeshipTransferred(transmitter(i), address(0), payee(i));
        }
        setPayees(3);
    }

    function test_setPayees_acceptsTransmittersThatAreNotConfigured() public {
        expectEmit();
        emit IOffchainAggregator.PayeeshipTransferred(STRANGER, address(0), payee(0));
        callAs(OWNER, callDataOf(STRANGER, payee(0)));
    }

    function test_setPayees_emitsNothingForUnchangedOnes() public {
        setPayees(3);
        vm.recordLogs();
        setPayees(4);
        assertEq(countLogs(), 1);

        callAs(OWNER, callDataOf(STRANGER, address(0)));
        vm.recordLogs();
        callAs(OWNER, callDataOf(STRANGER, address(0)));
        assertEq(countLogs(), 0);
    }

    function test_setPayees_acceptsNone() public {
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setPayees, (new address[](0), new address[](0))));
    }

    function test_setPayees_acceptsOnePayeeForMany() public {
        callAs(OWNER, callDataOf(transmitter(0), payee(0)));
        callAs(OWNER, callDataOf(transmitter(1), payee(0)));
    }

    /// @dev The order of the list counts.
    function test_setPayees_revertsIf_payeeIsAlreadySet() public {
        setPayees(1);
        assertReverts(OWNER, callDataOf(transmitter(0), payee(1)), "payee already set");
        assertReverts(OWNER, callDataOf(transmitter(0), address(0)), "payee already set");

        address[] memory transmitters = new address[](2);
        address[] memory payees = new address[](2);
        (transmitters[0], transmitters[1]) = (transmitter(1), transmitter(1));
        (payees[0], payees[1]) = (payee(1), payee(2));
        assertReverts(OWNER, abi.encodeCall(IOffchainAggregator.setPayees, (transmitters, payees)), "payee already set");
    }

    function test_setPayees_revertsIf_lengthsDiffer() public {
        assertReverts(
            OWNER,
            abi.encodeCall(IOffchainAggregator.setPayees, (new address[](1), new address[](2))),
            "transmitters.size != payees.size"
        );
        assertReverts(
            OWNER,
            abi.encodeCall(IOffchainAggregator.setPayees, (new address[](2), new address[](1))),
            "transmitters.size != payees.size"
        );
    }

    /// @dev Owner before lengths.
    function test_setPayees_revertsIf_callerIsNotOwner() public {
        bytes memory callData = abi.encodeCall(IOffchainAggregator.setPayees, (new address[](1), new address[](2)));
        assertReverts(STRANGER, callData, "Only callable by owner");
        assertReverts(BILLING_ADMIN, callData, "Only callable by owner");
    }

    /// @dev An element is decoded when it is reached, after what its predecessors revert with.
    function test_setPayees_decodesElementsWhenReached() public {
        setPayees(1);
        bytes memory callData = dirtyPair(transmitter(0), payee(1));
        assertReverts(STRANGER, callData, "Only callable by owner");
        assertReverts(OWNER, callData, "payee already set");
        assertRevertsEmpty(OWNER, dirtyPair(transmitter(0), payee(0)));
    }

    /// @dev `transmitter_` and `payee_`, then a pair of words that are no addresses.
    function dirtyPair(address transmitter_, address payee_) private pure returns (bytes memory) {
        bytes32 dirty = bytes32(type(uint256).max);
        return bytes.concat(
            IOffchainAggregator.setPayees.selector,
            abi.encode(64, 160, 2, transmitter_, dirty),
            abi.encode(2, payee_, dirty)
        );
    }

    function callDataOf(address transmitter_, address payee_) private pure returns (bytes memory) {
        address[] memory transmitters = new address[](1);
        address[] memory payees = new address[](1);
        (transmitters[0], payees[0]) = (transmitter_, payee_);
        return abi.encodeCall(IOffchainAggregator.setPayees, (transmitters, payees));
    }
}
