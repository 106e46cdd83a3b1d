// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAggregatorV2V3} from "../../src/interfaces/IAggregatorV2V3.sol";
import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {OCR2Messages, Transmission} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @notice Selectors, topics and the strictness of decoding, against the published ABI.
/// @dev Source: contracts-ocr2 1, 8 and 13.
contract OCR2AggregatorAbiTest is OCR2Test {
    using OCR2Messages for Transmission;

    function test_abi_selectors() public pure {
        assertSelector(IOwnable.acceptOwnership.selector, 0x79ba5097);
        assertSelector(IOwnable.owner.selector, 0x8da5cb5b);
        assertSelector(IOwnable.transferOwnership.selector, 0xf2fde38b);
        assertSelector(IOCR2Aggregator.acceptPayeeship.selector, 0xb121e147);
        assertSelector(IOCR2Aggregator.decimals.selector, 0x313ce567);
        assertSelector(IOCR2Aggregator.description.selector, 0x7284e416);
        assertSelector(IOCR2Aggregator.getAnswer.selector, 0xb5ab58dc);
        assertSelector(IOCR2Aggregator.getBilling.selector, 0x29937268);
        assertSelector(IOCR2Aggregator.getBillingAccessController.selector, 0xc4c92b37);
        assertSelector(IOCR2Aggregator.getLinkToken.selector, 0xe76d5168);
        assertSelector(IOCR2Aggregator.getRequesterAccessController.selector, 0xdaffc4b5);
        assertSelector(IOCR2Aggregator.getRoundData.selector, 0x9a6fc8f5);
        assertSelector(IOCR2Aggregator.getTimestamp.selector, 0xb633620c);
        assertSelector(IOCR2Aggregator.getTransmitters.selector, 0x666cab8d);
        assertSelector(IOCR2Aggregator.getValidatorConfig.selector, 0x9bd2c0b1);
        assertSelector(IOCR2Aggregator.latestAnswer.selector, 0x50d25bcd);
        assertSelector(IOCR2Aggregator.latestConfigDetails.selector, 0x81ff7048);
        assertSelector(IOCR2Aggregator.latestConfigDigestAndEpoch.selector, 0xafcb95d7);
        assertSelector(IOCR2Aggregator.latestRound.selector, 0x668a0f02);
        assertSelector(IOCR2Aggregator.latestRoundData.selector, 0xfeaf968c);
        assertSelector(IOCR2Aggregator.latestTimestamp.selector, 0x8205bf6a);
        assertSelector(IOCR2Aggregator.latestTransmissionDetails.selector, 0xe5fe4577);
        assertSelector(IOCR2Aggregator.linkAvailableForPayment.selector, 0xd09dc339);
        assertSelector(IOCR2Aggregator.maxAnswer.selector, 0x70da2f67);
        assertSelector(IOCR2Aggregator.minAnswer.selector, 0x22adbc78);
        assertSelector(IOCR2Aggregator.oracleObservationCount.selector, 0xe4902f82);
        assertSelector(IOCR2Aggregator.owedPayment.selector, 0x0eafb25b);
        assertSelector(IOCR2Aggregator.requestNewRound.selector, 0x98e5b12a);
        assertSelector(IOCR2Aggregator.setBilling.selector, 0x643dc105);
        assertSelector(IOCR2Aggregator.setBillingAccessController.selector, 0xfbffd2c1);
        assertSelector(IOCR2Aggregator.setConfig.selector, 0xe3d0e712);
        assertSelector(IOCR2Aggregator.setLinkToken.selector, 0x4fb17470);
        assertSelector(IOCR2Aggregator.setPayees.selector, 0x9c849b30);
        assertSelector(IOCR2Aggregator.setRequesterAccessController.selector, 0x9e3ceeab);
        assertSelector(IOCR2Aggregator.setValidatorConfig.selector, 0xeb457163);
        assertSelector(IOCR2Aggregator.transferPayeeship.selector, 0xeb5dcd6c);
        assertSelector(IOCR2Aggregator.transmit.selector, 0xb1dc65a4);
        assertSelector(IOCR2Aggregator.typeAndVersion.selector, 0x181f5a77);
        assertSelector(IOCR2Aggregator.version.selector, 0x54fd4d50);
        assertSelector(IOCR2Aggregator.withdrawFunds.selector, 0xc1075329);
        assertSelector(IOCR2Aggregator.withdrawPayment.selector, 0x8ac28d5a);
    }

    function test_abi_eventTopics() public pure {
        bytes32[17] memory ours = [
            IOCR2Aggregator.AnswerUpdated.selector,
            IOCR2Aggregator.BillingAccessControllerSet.selector,
            IOCR2Aggregator.BillingSet.selector,
            IOCR2Aggregator.ConfigSet.selector,
            IOCR2Aggregator.LinkTokenSet.selector,
            IOCR2Aggregator.NewRound.selector,
            IOCR2Aggregator.NewTransmission.selector,
            IOCR2Aggregator.OraclePaid.selector,
            IOwnable.OwnershipTransferRequested.selector,
            IOwnable.OwnershipTransferred.selector,
            IOCR2Aggregator.PayeeshipTransferRequested.selector,
            IOCR2Aggregator.PayeeshipTransferred.selector,
            IOCR2Aggregator.RequesterAccessControllerSet.selector,
            IOCR2Aggregator.RoundRequested.selector,
            IOCR2Aggregator.Transmitted.selector,
            IOCR2Aggregator.ValidatorConfigSet.selector,
            IAggregatorV2V3.AnswerUpdated.selector
        ];
        bytes32[17] memory published = [
            bytes32(0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f),
            0x793cb73064f3c8cde7e187ae515511e6e56d1ee89bf08b82fa60fb70f8d48912,
            0x0bf184bf1bba9699114bdceddaf338a1b364252c5e497cc01918dde92031713f,
            0x1591690b8638f5fb2dbec82ac741805ac5da8b45dc5263f4875b0496fdce4e05,
            0x4966a50c93f855342ccf6c5c0d358b85b91335b2acedc7da0932f691f351711a,
            0x0109fc6f55cf40689f02fbaad7af7fe7bbac8a3d2186600afc7d3e10cac60271,
            0xc797025feeeaf2cd924c99e9205acb8ec04d5cad21c41ce637a38fb6dee6016a,
            0xd0b1dac935d85bd54cf0a33b0d41d39f8cf53a968465fc7ea2377526b8ac712c,
            0xed8889f560326eb138920d842192f0eb3dd22b4f139c87a2c57538e05bae1278,
            0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0,
            0x84f7c7c80bb8ed2279b4aab5f61cd05e6374073d38f46d7f32de8c30e9e38367,
            0x78af32efdcad432315431e9b03d27e6cd98fb79c405fdc5af7c1714d9c0f75b3,
            0x27b89aede8b560578baaa25ee5ce3852c5eecad1e114b941bbd89e1eb4bae634,
            0x41e3990591fd372502daa15842da15bc7f41c75309ab3ff4f56f1848c178825c,
            0xb04e63db38c49950639fa09d29872f21f5d49d614f3a969d8adf3d4b52e41a62,
            0xb04e3a37abe9c0fcdfebdeae019a8e2b12ddf53f5d55ffb0caccc1bedaca1541,
            0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f
        ];
        for (uint256 i = 0; i < ours.length; i++) {
            assertEq(ours[i], published[i]);
        }
    }

    function test_abi_takesNoValue() public {
        vm.deal(OWNER, 2);
        bytes[4] memory calls = [
            bytes(""),
            abi.encodeCall(IOCR2Aggregator.requestNewRound, ()),
            abi.encodeCall(IOCR2Aggregator.setBilling, (0, 0, 0, 0, 0)),
            abi.encodeCall(IOCR2Aggregator.latestAnswer, ())
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            vm.prank(OWNER);
            (bool success, bytes memory returned) = address(aggregator).call{value: 1}(calls[i]);
            assertFalse(success);
            assertEq(returned, "");
        }

        bytes memory callData = nextTransmission().encodeCall();
        vm.deal(transmitter(0), 1);
        vm.prank(transmitter(0));
        (bool transmitted,) = address(aggregator).call{value: 1}(callData);
        assertFalse(transmitted);
    }

    function test_abi_hasNoFallback() public {
        assertRevertsEmpty(OWNER, "");
        assertRevertsEmpty(OWNER, hex"b1dc65");
        assertRevertsEmpty(OWNER, hex"deadbeef");
    }

    /// @dev Arguments are decoded before any guard: a stranger with a dirty word learns nothing.
    function test_abi_refusesDirtyArguments() public {
        uint256 dirtyAddress = uint256(uint160(STRANGER)) | (1 << 160);
        bytes[9] memory calls = [
            abi.encodeWithSelector(IOwnable.transferOwnership.selector, dirtyAddress),
            abi.encodeWithSelector(IOCR2Aggregator.owedPayment.selector, dirtyAddress),
            abi.encodeWithSelector(IOCR2Aggregator.setBilling.selector, uint256(1) << 32, 0, 0, 0, 0),
            abi.encodeWithSelector(IOCR2Aggregator.setBilling.selector, 0, 0, 0, 0, uint256(1) << 24),
            abi.encodeWithSelector(IOCR2Aggregator.setValidatorConfig.selector, dirtyAddress, 0),
            abi.encodeWithSelector(IOCR2Aggregator.setValidatorConfig.selector, 0, uint256(1) << 32),
            abi.encodeWithSelector(IOCR2Aggregator.setLinkToken.selector, 0, dirtyAddress),
            abi.encodeWithSelector(IOCR2Aggregator.getRoundData.selector, uint256(1) << 80),
            abi.encodeWithSelector(IOCR2Aggregator.withdrawPayment.selector, dirtyAddress)
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            assertRevertsEmpty(STRANGER, calls[i]);
        }
    }

    function test_abi_refusesDirtySetConfig() public {
        uint256[1] memory signers = [uint256(uint160(STRANGER)) | (1 << 255)];
        assertRevertsEmpty(STRANGER, setConfigCall(signers, 1, 2));
        signers[0] = uint160(STRANGER);
        assertRevertsEmpty(STRANGER, setConfigCall(signers, 256, 2));
        assertRevertsEmpty(STRANGER, setConfigCall(signers, 1, uint256(1) << 64));
        assertReverts(STRANGER, setConfigCall(signers, 1, 2), "Only callable by owner");
    }

    function test_abi_refusesTruncatedArguments() public {
        bytes[3] memory calls = [
            abi.encodePacked(IOCR2Aggregator.setBilling.selector, new bytes(5 * 32 - 1)),
            abi.encodePacked(IOCR2Aggregator.setConfig.selector, new bytes(6 * 32 - 1)),
            abi.encodePacked(IOwnable.transferOwnership.selector, new bytes(31))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            assertRevertsEmpty(STRANGER, calls[i]);
            assertRevertsEmpty(OWNER, calls[i]);
        }
    }

    /// @dev One oracle, whose arrays and bytes are encoded by hand.
    function setConfigCall(uint256[1] memory signers, uint256 f_, uint256 version) private pure returns (bytes memory) {
        return bytes.concat(
            IOCR2Aggregator.setConfig.selector,
            abi.encode(192, 256, f_, 320, version, 352),
            abi.encode(1, signers[0], 1, 1, 0, 0)
        );
    }

    function assertSelector(bytes4 ours, uint32 published) private pure {
        assertEq(ours, bytes4(published));
    }
}
