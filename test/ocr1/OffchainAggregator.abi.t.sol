// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessController} from "../../src/interfaces/IAccessController.sol";
import {IAccessList} from "../../src/interfaces/IAccessList.sol";
import {IAggregatorValidator} from "../../src/interfaces/IAggregatorValidator.sol";
import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {OCR1Messages, Transmission} from "../utils/OCR1Messages.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @notice Selectors, topics and the strictness of decoding, against the published ABI.
/// @dev Source: contracts-ocr1 1, 8 and 13.
contract OffchainAggregatorAbiTest is OCR1Test {
    using OCR1Messages for Transmission;

    function test_abi_selectors() public pure {
        assertSelector(IOwnable.acceptOwnership.selector, 0x79ba5097);
        assertSelector(IOffchainAggregator.acceptPayeeship.selector, 0xb121e147);
        assertSelector(IAccessList.addAccess.selector, 0xa118f249);
        assertSelector(IOffchainAggregator.billingAccessController.selector, 0x996e8298);
        assertSelector(IAccessList.checkEnabled.selector, 0xdc7f0124);
        assertSelector(IOffchainAggregator.decimals.selector, 0x313ce567);
        assertSelector(IOffchainAggregator.description.selector, 0x7284e416);
        assertSelector(IAccessList.disableAccessCheck.selector, 0x0a756983);
        assertSelector(IAccessList.enableAccessCheck.selector, 0x8038e4a1);
        assertSelector(IOffchainAggregator.getAnswer.selector, 0xb5ab58dc);
        assertSelector(IOffchainAggregator.getBilling.selector, 0x29937268);
        assertSelector(IOffchainAggregator.getLinkToken.selector, 0xe76d5168);
        assertSelector(IOffchainAggregator.getRoundData.selector, 0x9a6fc8f5);
        assertSelector(IOffchainAggregator.getTimestamp.selector, 0xb633620c);
        assertSelector(IAccessController.hasAccess.selector, 0x6b14daf8);
        assertSelector(IOffchainAggregator.latestAnswer.selector, 0x50d25bcd);
        assertSelector(IOffchainAggregator.latestConfigDetails.selector, 0x81ff7048);
        assertSelector(IOffchainAggregator.latestRound.selector, 0x668a0f02);
        assertSelector(IOffchainAggregator.latestRoundData.selector, 0xfeaf968c);
        assertSelector(IOffchainAggregator.latestTimestamp.selector, 0x8205bf6a);
        assertSelector(IOffchainAggregator.latestTransmissionDetails.selector, 0xe5fe4577);
        assertSelector(IOffchainAggregator.linkAvailableForPayment.selector, 0xd09dc339);
        assertSelector(IOffchainAggregator.maxAnswer.selector, 0x70da2f67);
        assertSelector(IOffchainAggregator.minAnswer.selector, 0x22adbc78);
        assertSelector(IOffchainAggregator.oracleObservationCount.selector, 0xe4902f82);
        assertSelector(IOffchainAggregator.owedPayment.selector, 0x0eafb25b);
        assertSelector(IOwnable.owner.selector, 0x8da5cb5b);
        assertSelector(IAccessList.removeAccess.selector, 0x8823da6c);
        assertSelector(IOffchainAggregator.requestNewRound.selector, 0x98e5b12a);
        assertSelector(IOffchainAggregator.requesterAccessController.selector, 0x70efdf2d);
        assertSelector(IOffchainAggregator.setBilling.selector, 0xbd824706);
        assertSelector(IOffchainAggregator.setBillingAccessController.selector, 0xfbffd2c1);
        assertSelector(IOffchainAggregator.setConfig.selector, 0x585aa7de);
        assertSelector(IOffchainAggregator.setLinkToken.selector, 0x4fb17470);
        assertSelector(IOffchainAggregator.setPayees.selector, 0x9c849b30);
        assertSelector(IOffchainAggregator.setRequesterAccessController.selector, 0x9e3ceeab);
        assertSelector(IOffchainAggregator.setValidatorConfig.selector, 0xeb457163);
        assertSelector(IOwnable.transferOwnership.selector, 0xf2fde38b);
        assertSelector(IOffchainAggregator.transferPayeeship.selector, 0xeb5dcd6c);
        assertSelector(IOffchainAggregator.transmit.selector, 0xc9807539);
        assertSelector(IOffchainAggregator.transmitters.selector, 0x81411834);
        assertSelector(IOffchainAggregator.typeAndVersion.selector, 0x181f5a77);
        assertSelector(IOffchainAggregator.validatorConfig.selector, 0x8e0566de);
        assertSelector(IOffchainAggregator.version.selector, 0x54fd4d50);
        assertSelector(IOffchainAggregator.withdrawFunds.selector, 0xc1075329);
        assertSelector(IOffchainAggregator.withdrawPayment.selector, 0x8ac28d5a);
        assertSelector(IAggregatorValidator.validate.selector, 0xbeed9b51);
    }

    function test_abi_eventTopics() public pure {
        bytes32[19] memory ours = [
            IAccessList.AddedAccess.selector,
            IOffchainAggregator.AnswerUpdated.selector,
            IOffchainAggregator.BillingAccessControllerSet.selector,
            IOffchainAggregator.BillingSet.selector,
            IAccessList.CheckAccessDisabled.selector,
            IAccessList.CheckAccessEnabled.selector,
            IOffchainAggregator.ConfigSet.selector,
            IOffchainAggregator.LinkTokenSet.selector,
            IOffchainAggregator.NewRound.selector,
            IOffchainAggregator.NewTransmission.selector,
            IOffchainAggregator.OraclePaid.selector,
            IOwnable.OwnershipTransferRequested.selector,
            IOwnable.OwnershipTransferred.selector,
            IOffchainAggregator.PayeeshipTransferRequested.selector,
            IOffchainAggregator.PayeeshipTransferred.selector,
            IAccessList.RemovedAccess.selector,
            IOffchainAggregator.RequesterAccessControllerSet.selector,
            IOffchainAggregator.RoundRequested.selector,
            IOffchainAggregator.ValidatorConfigSet.selector
        ];
        bytes32[19] memory published = [
            bytes32(0x87286ad1f399c8e82bf0c4ef4fcdc570ea2e1e92176e5c848b6413545b885db4),
            0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f,
            0x793cb73064f3c8cde7e187ae515511e6e56d1ee89bf08b82fa60fb70f8d48912,
            0xd0d9486a2c673e2a4b57fc82e4c8a556b3e2b82dd5db07e2c04a920ca0f469b6,
            0x3be8a977a014527b50ae38adda80b56911c267328965c98ddc385d248f539638,
            0xaebf329500988c6488a0074e5a0a9ff304561fc5c6fc877aeb1d59c8282c3480,
            0x25d719d88a4512dd76c7442b910a83360845505894eb444ef299409e180f8fb9,
            0x4966a50c93f855342ccf6c5c0d358b85b91335b2acedc7da0932f691f351711a,
            0x0109fc6f55cf40689f02fbaad7af7fe7bbac8a3d2186600afc7d3e10cac60271,
            0xf6a97944f31ea060dfde0566e4167c1a1082551e64b60ecb14d599a9d023d451,
            0xd0b1dac935d85bd54cf0a33b0d41d39f8cf53a968465fc7ea2377526b8ac712c,
            0xed8889f560326eb138920d842192f0eb3dd22b4f139c87a2c57538e05bae1278,
            0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0,
            0x84f7c7c80bb8ed2279b4aab5f61cd05e6374073d38f46d7f32de8c30e9e38367,
            0x78af32efdcad432315431e9b03d27e6cd98fb79c405fdc5af7c1714d9c0f75b3,
            0x3d68a6fce901d20453d1a7aa06bf3950302a735948037deb182a8db66df2a0d1,
            0x27b89aede8b560578baaa25ee5ce3852c5eecad1e114b941bbd89e1eb4bae634,
            0x3ea16a923ff4b1df6526e854c9e3a995c43385d70e73359e10623c74f0b52037,
            0xb04e3a37abe9c0fcdfebdeae019a8e2b12ddf53f5d55ffb0caccc1bedaca1541
        ];
        for (uint256 i = 0; i < ours.length; i++) {
            assertEq(ours[i], published[i]);
        }
    }

    function test_abi_takesNoValue() public {
        vm.deal(OWNER, 2);
        bytes[4] memory calls = [
            bytes(""),
            abi.encodeCall(IOffchainAggregator.requestNewRound, ()),
            abi.encodeCall(IOffchainAggregator.setBilling, (0, 0, 0, 0, 0)),
            abi.encodeCall(IOffchainAggregator.latestAnswer, ())
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
        assertRevertsEmpty(OWNER, hex"c98075");
        assertRevertsEmpty(OWNER, hex"deadbeef");
    }

    /// @dev Arguments are decoded before any guard: a stranger with a dirty word learns nothing. The original masks it.
    function test_abi_refusesDirtyArguments() public {
        uint256 dirtyAddress = uint256(uint160(STRANGER)) | (1 << 160);
        bytes[9] memory calls = [
            abi.encodeWithSelector(IOwnable.transferOwnership.selector, dirtyAddress),
            abi.encodeWithSelector(IOffchainAggregator.owedPayment.selector, dirtyAddress),
            abi.encodeWithSelector(IOffchainAggregator.setBilling.selector, uint256(1) << 32, 0, 0, 0, 0),
            abi.encodeWithSelector(IOffchainAggregator.setBilling.selector, 0, 0, 0, 0, uint256(1) << 32),
            abi.encodeWithSelector(IOffchainAggregator.setValidatorConfig.selector, dirtyAddress, 0),
            abi.encodeWithSelector(IOffchainAggregator.setValidatorConfig.selector, 0, uint256(1) << 32),
            abi.encodeWithSelector(IOffchainAggregator.setLinkToken.selector, 0, dirtyAddress),
            abi.encodeWithSelector(IOffchainAggregator.getRoundData.selector, uint256(1) << 80),
            abi.encodeWithSelector(IOffchainAggregator.withdrawPayment.selector, dirtyAddress)
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
        assertReverts(STRANGER, setConfigCall(signers, 1, 2), "faulty-oracle threshold too high");
    }

    function test_abi_refusesTruncatedArguments() public {
        bytes[4] memory calls = [
            abi.encodePacked(IOffchainAggregator.setBilling.selector, new bytes(5 * 32 - 1)),
            abi.encodePacked(IOffchainAggregator.setConfig.selector, new bytes(5 * 32 - 1)),
            abi.encodePacked(IOffchainAggregator.transmit.selector, new bytes(4 * 32 - 1)),
            abi.encodePacked(IOwnable.transferOwnership.selector, new bytes(31))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            assertRevertsEmpty(STRANGER, calls[i]);
            assertRevertsEmpty(OWNER, calls[i]);
        }
    }

    /// @dev One oracle, whose arrays and bytes are encoded by hand.
    function setConfigCall(uint256[1] memory signers, uint256 threshold_, uint256 version)
        private
        pure
        returns (bytes memory)
    {
        return bytes.concat(
            IOffchainAggregator.setConfig.selector,
            abi.encode(160, 224, threshold_, version, 288),
            abi.encode(1, signers[0], 1, 1, 0)
        );
    }

    function assertSelector(bytes4 ours, uint32 published) private pure {
        assertEq(ours, bytes4(published));
    }
}
