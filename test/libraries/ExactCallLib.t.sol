// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ExactCallLib} from "../../src/libraries/ExactCallLib.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @notice Remembers the gas it was called with.
contract GasMeter {
    uint256 public gasAtEntry;
    bytes public received;

    fallback() external {
        gasAtEntry = gasleft();
        received = msg.data;
    }
}

/// @dev Source: contracts-ocr2 5.2.
contract ExactCallLibTest is RevertAssertions {
    GasMeter internal meter;

    function setUp() public {
        meter = new GasMeter();
    }

    function testFuzz_callWithExactGas_givesItsGas(uint256 limit) public {
        limit = bound(limit, 100_000, 5_000_000);
        assertSucceeds(
            address(this), address(this), abi.encodeCall(this.callWithExactGas, (limit, address(meter), "hi"))
        );
        assertLt(meter.gasAtEntry(), limit);
        assertApproxEqAbs(meter.gasAtEntry(), limit, 500);
        assertEq(meter.received(), "hi");
    }

    function test_callWithExactGas_ignoresTheOutcome() public {
        address[3] memory targets = [address(0), makeAddr("externally owned"), address(vm)];
        for (uint256 i = 0; i < targets.length; i++) {
            bytes memory callData = abi.encodeCall(this.callWithExactGas, (100_000, targets[i], hex"00000000"));
            assertSucceeds(address(this), address(this), callData);
        }
        // One that runs out of the gas it gets.
        bytes memory starving = abi.encodeCall(this.callWithExactGas, (100, address(meter), ""));
        assertSucceeds(address(this), address(this), starving);
        assertEq(meter.gasAtEntry(), 0);
    }

    /// @dev Whenever it does not revert, the callee got all of its gas.
    function testFuzz_callWithExactGas_neverStarves(uint256 gas, uint256 limit) public {
        limit = bound(limit, 60_000, 1_000_000);
        gas = bound(gas, limit, limit + limit / 32 + 60_000);
        bytes memory callData = abi.encodeCall(this.callWithExactGas, (limit, address(meter), ""));
        (bool success, bytes memory returned) = address(this).call{gas: gas}(callData);
        if (success) assertApproxEqAbs(meter.gasAtEntry(), limit, 500);
        else assertEq(returned, abi.encodeWithSignature("Error(string)", "insufficient gas"));
    }

    function test_callWithExactGas_revertsIf_limitIsHuge() public {
        uint256[3] memory limits = [type(uint32).max, uint256(type(uint64).max), type(uint256).max];
        for (uint256 i = 0; i < limits.length; i++) {
            bytes memory callData = abi.encodeCall(this.callWithExactGas, (limits[i], address(meter), ""));
            assertReverts(address(this), address(this), callData, "insufficient gas");
        }
    }

    function callWithExactGas(uint256 limit, address target, bytes memory data) external {
        ExactCallLib.callWithExactGas(limit, target, data);
    }
}
