// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessList} from "../../src/interfaces/IAccessList.sol";
import {IAggregatorV2V3} from "../../src/interfaces/IAggregatorV2V3.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {Report} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";
import {AccessListSpec} from "./AccessListSpec.sol";
import {AggregatorReadsSpec} from "./AggregatorReadsSpec.sol";
import {OwnershipSpec} from "./OwnershipSpec.sol";

// Each shared suite, run on each implementation. Artifacts are named, not created with `new`: see `OCR2Test.artifact`.

string constant OCR2 = "OCR2Aggregator.sol:OCR2Aggregator";
string constant GATED_OCR2 = "AccessControlledOCR2Aggregator.sol:AccessControlledOCR2Aggregator";
string constant WRITE_CONTROLLER = "SimpleWriteAccessController.sol:SimpleWriteAccessController";
string constant READ_CONTROLLER = "SimpleReadAccessController.sol:SimpleReadAccessController";

/// @dev An aggregator nobody configures.
function aggregatorArguments() pure returns (bytes memory) {
    return abi.encode(address(0), 0, 0, address(0), address(0), 0, "");
}

// -- Ownership --

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
