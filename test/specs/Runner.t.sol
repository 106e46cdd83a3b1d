// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessList} from "../../src/interfaces/IAccessList.sol";
import {IAggregatorV2V3} from "../../src/interfaces/IAggregatorV2V3.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {Report as OCR1Report} from "../utils/OCR1Messages.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";
import {Report} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";
import {AccessListSpec} from "./AccessListSpec.sol";
import {AggregatorReadsSpec} from "./AggregatorReadsSpec.sol";
import {OwnershipSpec} from "./OwnershipSpec.sol";

// Each shared suite, run on each implementation. Artifacts are named, not created with `new`: see `OCR2Test.artifact`.

string constant OCR1 = "OffchainAggregator.sol:OffchainAggregator";
string constant GATED_OCR1 = "AccessControlledOffchainAggregator.sol:AccessControlledOffchainAggregator";
string constant OCR2 = "OCR2Aggregator.sol:OCR2Aggregator";
string constant GATED_OCR2 = "AccessControlledOCR2Aggregator.sol:AccessControlledOCR2Aggregator";
string constant WRITE_CONTROLLER = "SimpleWriteAccessController.sol:SimpleWriteAccessController";
string constant READ_CONTROLLER = "SimpleReadAccessController.sol:SimpleReadAccessController";

/// @dev An aggregator nobody configures.
function aggregatorArguments() pure returns (bytes memory) {
    return abi.encode(address(0), 0, 0, address(0), address(0), 0, "");
}

/// @dev The same, of OCR1: its prices come first.
function ocr1AggregatorArguments() pure returns (bytes memory) {
    return abi.encode([uint256(0), 0, 0, 0, 0], address(0), 0, 0, address(0), address(0), 0, "");
}

// -- Ownership --

abstract contract OCR1OwnershipTest is OwnershipSpec {
    function ownerMayProposeItself() internal pure override returns (bool) {
        return true;
    }
}

contract OffchainAggregatorOwnershipTest is OCR1OwnershipTest {
    function createOwned() internal override returns (IOwnable, address) {
        return (IOwnable(deployCode(OCR1, ocr1AggregatorArguments())), address(this));
    }
}

contract AccessControlledOffchainAggregatorOwnershipTest is OCR1OwnershipTest {
    function createOwned() internal override returns (IOwnable, address) {
        return (IOwnable(deployCode(GATED_OCR1, ocr1AggregatorArguments())), address(this));
    }
}

contract OCR2AggregatorOwnershipTest is OwnershipSpec {
    function createOwned() internal override returns (IOwnable, address) {
        return (IOwnable(deployCode(OCR2, aggregatorArguments())), address(this));
    }
}

contract AccessControlledOCR2AggregatorOwnershipTest is OwnershipSpec {
    function createOwned() internal override returns (IOwnable, address) {
        return (IOwnable(deployCode(GATED_OCR2, aggregatorArguments())), address(this));
    }
}

contract SimpleWriteAccessControllerOwnershipTest is OwnershipSpec {
    function createOwned() internal override returns (IOwnable, address) {
        return (IOwnable(deployCode(WRITE_CONTROLLER)), address(this));
    }
}

contract SimpleReadAccessControllerOwnershipTest is OwnershipSpec {
    function createOwned() internal override returns (IOwnable, address) {
        return (IOwnable(deployCode(READ_CONTROLLER)), address(this));
    }
}

contract ConfirmedOwnerOwnershipTest is OwnershipSpec {
    function createOwned() internal override returns (IOwnable, address) {
        address owner = makeAddr("owner");
        return (IOwnable(deployCode("ConfirmedOwner.sol:ConfirmedOwner", abi.encode(owner))), owner);
    }
}

// -- Access lists --

contract AccessControlledOffchainAggregatorAccessListTest is AccessListSpec {
    function createAccessList() internal override returns (IAccessList, address) {
        return (IAccessList(deployCode(GATED_OCR1, ocr1AggregatorArguments())), address(this));
    }

    function originHasAccess() internal pure override returns (bool) {
        return true;
    }
}

contract AccessControlledOCR2AggregatorAccessListTest is AccessListSpec {
    function createAccessList() internal override returns (IAccessList, address) {
        return (IAccessList(deployCode(GATED_OCR2, aggregatorArguments())), address(this));
    }

    function originHasAccess() internal pure override returns (bool) {
        return true;
    }
}

contract SimpleReadAccessControllerAccessListTest is AccessListSpec {
    function createAccessList() internal override returns (IAccessList, address) {
        return (IAccessList(deployCode(READ_CONTROLLER)), address(this));
    }

    function originHasAccess() internal pure override returns (bool) {
        return true;
    }
}

contract SimpleWriteAccessControllerAccessListTest is AccessListSpec {
    function createAccessList() internal override returns (IAccessList, address) {
        return (IAccessList(deployCode(WRITE_CONTROLLER)), address(this));
    }

    function originHasAccess() internal pure override returns (bool) {
        return false;
    }
}

// -- Reads --

abstract contract OCR1ReadsTest is AggregatorReadsSpec, OCR1Test {
    function setUp() public override(AggregatorReadsSpec, OCR1Test) {
        OCR1Test.setUp();
        AggregatorReadsSpec.setUp();
    }

    function createFeed() internal virtual override returns (IAggregatorV2V3) {
        return IAggregatorV2V3(address(aggregator));
    }

    function bounds() internal pure override returns (int192, int192) {
        return (type(int192).min, type(int192).max);
    }

    function startOf(uint32) internal view override returns (uint256) {
        return block.timestamp;
    }

    function refusesImpossibleRounds() internal pure override returns (bool) {
        return true;
    }

    function report(int192 answer, uint32) internal override {
        OCR1Report memory content = reportOf(array(answer, answer, answer));
        transmit(transmissionOf(content));
    }
}

contract OffchainAggregatorReadsTest is OCR1ReadsTest {}

contract AccessControlledOffchainAggregatorReadsTest is OCR1ReadsTest {
    function artifact() internal pure override returns (string memory) {
        return GATED_OCR1;
    }

    function createFeed() internal override returns (IAggregatorV2V3) {
        callAs(OWNER, abi.encodeCall(IAccessList.addAccess, (address(this))));
        return super.createFeed();
    }
}

abstract contract OCR2ReadsTest is AggregatorReadsSpec, OCR2Test {
    function setUp() public override(AggregatorReadsSpec, OCR2Test) {
        OCR2Test.setUp();
        AggregatorReadsSpec.setUp();
    }

    function createFeed() internal virtual override returns (IAggregatorV2V3) {
        return IAggregatorV2V3(address(aggregator));
    }

    function bounds() internal pure override returns (int192, int192) {
        return (type(int192).min, type(int192).max);
    }

    function report(int192 answer, uint32 observationsTimestamp) internal override {
        Report memory content = reportOf(3);
        (content.observations[0], content.observations[1], content.observations[2]) = (answer, answer, answer);
        content.observationsTimestamp = observationsTimestamp;
        transmit(transmissionOf(content));
    }
}

contract OCR2AggregatorReadsTest is OCR2ReadsTest {}

contract AccessControlledOCR2AggregatorReadsTest is OCR2ReadsTest {
    function artifact() internal pure override returns (string memory) {
        return GATED_OCR2;
    }

    function createFeed() internal override returns (IAggregatorV2V3) {
        callAs(OWNER, abi.encodeCall(IAccessList.addAccess, (address(this))));
        return super.createFeed();
    }
}
