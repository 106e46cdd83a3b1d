// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {OCR2AggregatorHandler} from "./OCR2AggregatorHandler.sol";

/// @dev Source: contracts-ocr2 10.
contract OCR2AggregatorInvariants is Test {
    uint256 private constant MAX_ORACLES = 31;

    OCR2AggregatorHandler private _handler;
    IOCR2Aggregator private _aggregator;

    function setUp() public {
        _handler = new OCR2AggregatorHandler();
        _handler.setUp();
        (_aggregator,,,) = _handler.world();

        bytes4[] memory actions = new bytes4[](9);
        actions[0] = OCR2AggregatorHandler.transmitNewer.selector;
        actions[1] = OCR2AggregatorHandler.transmitStale.selector;
        actions[2] = OCR2AggregatorHandler.transmitForged.selector;
        actions[3] = OCR2AggregatorHandler.reconfigure.selector;
        actions[4] = OCR2AggregatorHandler.reprice.selector;
        actions[5] = OCR2AggregatorHandler.fund.selector;
        actions[6] = OCR2AggregatorHandler.withdrawFunds.selector;
        actions[7] = OCR2AggregatorHandler.withdrawPayment.selector;
        actions[8] = OCR2AggregatorHandler.withdrawPaymentOfAnother.selector;
        targetSelector(FuzzSelector(address(_handler), actions));
        targetContract(address(_handler));
    }

    /// @dev The handler only ever moves it up, and tries to move it down.
    function invariant_epochAndRound_onlyRisesWithinAConfig() public {
        vm.prank(address(this), address(this));
        (, uint32 epoch, uint8 round,,) = _aggregator.latestTransmissionDetails();
        assertEq(epoch, _handler.latestEpoch());
        assertEq(round, _handler.latestRound());
    }

    function invariant_roundId_countsTransmissions() public view {
        assertEq(_aggregator.latestRound(), _handler.rounds().length);
    }

    function invariant_rounds_areImmutableAndInRange() public view {
        OCR2AggregatorHandler.Round[] memory rounds = _handler.rounds();
        for (uint256 i = 0; i < rounds.length; i++) {
            (, int256 answer, uint256 startedAt, uint256 updatedAt,) = _aggregator.getRoundData(uint80(i + 1));
            assertEq(answer, rounds[i].answer);
            assertEq(startedAt, rounds[i].startedAt);
            assertEq(updatedAt, rounds[i].updatedAt);
            assertGe(answer, _aggregator.minAnswer());
            assertLe(answer, _aggregator.maxAnswer());
        }
    }

    function invariant_config_isWhatWasSet() public view {
        (, uint256 n, uint8 f, bytes32 digest) = _handler.world();
        (uint32 configCount,, bytes32 latest) = _aggregator.latestConfigDetails();
        assertEq(configCount, _handler.configCount());
        assertEq(latest, digest);
        assertEq(uint256(latest) >> 240, 0x0001);
        assertGt(f, 0);
        assertGt(n, 3 * uint256(f));

        address[] memory transmitters = _aggregator.getTransmitters();
        assertEq(transmitters.length, n);
        for (uint256 i = 0; i < n; i++) {
            assertEq(transmitters[i], _handler.transmitterOf(_handler.firstOracle() + i));
        }
    }

    function invariant_owed_isExact() public view {
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            address transmitter = _handler.transmitterOf(i);
            assertEq(_aggregator.owedPayment(transmitter), _handler.owed(i));
            uint256 unpaid = _handler.isConfigured(i) ? _handler.rounds().length - _handler.rewardFrom(i) : 0;
            assertEq(_aggregator.oracleObservationCount(transmitter), unpaid);
        }
    }

    function invariant_owed_sumsUpToWhatIsNotAvailable() public view {
        uint256 owed;
        address[] memory transmitters = _aggregator.getTransmitters();
        for (uint256 i = 0; i < transmitters.length; i++) {
            owed += _aggregator.owedPayment(transmitters[i]);
        }
        int256 balance = int256(_handler.linkOf(address(_aggregator)));
        assertEq(int256(owed), balance - _aggregator.linkAvailableForPayment());
    }

    function invariant_link_isConserved() public view {
        uint256 total = _handler.linkOf(address(_aggregator)) + _handler.linkOf(_handler.recipient());
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            uint256 received = _handler.linkOf(_handler.payeeOf(i));
            assertEq(received, _handler.paid(i));
            total += received;
        }
        assertEq(_handler.linkOf(_handler.recipient()), _handler.withdrawn());
        assertEq(total, _handler.minted());
    }
}
