// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Feed} from "../../script/utils/Feed.sol";
import {FeedFile} from "../../script/utils/FeedFile.sol";
import {SetConfigArguments, SetConfigFile} from "../../script/utils/SetConfigFile.sol";
import {Test} from "forge-std/Test.sol";

/// @notice Every way in which the JSON of a configuration can be wrong, by one edit of the example.
contract SetConfigFileTest is Test {
    Feed internal feed;
    string internal json;

    function setUp() public {
        feed = FeedFile.read("script/feeds/example.toml");
        json = vm.readFile(feed.setConfigPath);
    }

    /// @dev External, for its reverts.
    function parse(Feed memory feed_, string memory json_) external pure returns (SetConfigArguments memory) {
        return SetConfigFile.parse(feed_, json_);
    }

    /// @dev External, for its reverts.
    function read(Feed memory feed_) external view returns (SetConfigArguments memory) {
        return SetConfigFile.read(feed_);
    }

    function test_read_readsTheExample() public view {
        SetConfigArguments memory arguments = SetConfigFile.read(feed);
        assertEq(arguments.signers.length, 4);
        assertEq(arguments.transmitters[0], 0x6e2F23Cad9bf0e9cba15D4a4Fe3Ed2A72b6a7cc8);
        assertEq(arguments.f, 1);
        assertEq(arguments.onchainConfig, abi.encodePacked(uint8(1), int192(1), int192(1e24)));
        assertEq(arguments.offchainConfigVersion, 2);
        assertGt(arguments.offchainConfig.length, 0);
    }

    function test_read_revertsIf_thereIsNoFile() public {
        feed.setConfigPath = "script/feeds/none.json";
        vm.expectRevert(abi.encodeWithSelector(FeedFile.FileNotFound.selector, feed.setConfigPath));
        this.read(feed);
    }

    function test_parse_revertsIf_argumentCannotBe() public {
        assertWrong('"signers"', '"signer"', "signers", "a list of addresses");
        assertWrong('"transmitters"', '"transmitter"', "transmitters", "a list of addresses");
        assertWrong('"f": 1', '"f": 256', "f", "a whole number from 0 to 255");
        assertWrong('"f": 1', '"f": "one"', "f", "a whole number from 0 to 255");
        assertWrong('"onchainConfig"', '"onChainConfig"', "onchainConfig", "bytes in hexadecimal, with 0x");
        assertWrong(
            '"offchainConfigVersion": 2',
            '"offchainConfigVersion": -2',
            "offchainConfigVersion",
            "a whole number from 0 to 18446744073709551615"
        );
        assertWrong(
            '"offchainConfig": "0x', '"offchainConfig": "0xz', "offchainConfig", "bytes in hexadecimal, with 0x"
        );
        assertWrong('"calldata"', '"data"', "calldata", "bytes in hexadecimal, with 0x");
    }

    function test_parse_revertsIf_fileIsOfTheOtherProtocol() public {
        json = vm.readFile("test/script/ocr1.set-config.json");
        assertRefused(
            abi.encodeWithSelector(
                SetConfigFile.WrongArgument.selector, feed.setConfigPath, "f", "a whole number from 0 to 255"
            )
        );
    }

    function test_parse_revertsIf_boundsAreNotTheFeeds() public {
        bytes memory given = abi.encodePacked(uint8(1), feed.minAnswer, feed.maxAnswer);
        feed.maxAnswer--;
        bytes memory expected = abi.encodePacked(uint8(1), feed.minAnswer, feed.maxAnswer);
        assertRefused(
            abi.encodeWithSelector(SetConfigFile.OtherOnchainConfig.selector, feed.setConfigPath, given, expected)
        );
    }

    function test_parse_revertsIf_fileWasEdited() public {
        // In the list of transmitters, hence not in the calldata.
        json = vm.replace(
            json, '"0x6e2f23cad9bf0e9cba15d4a4fe3ed2a72b6a7cc8"', '"0x000000000000000000000000000000000000dEaD"'
        );
        assertRefused(abi.encodeWithSelector(SetConfigFile.OtherCalldata.selector, feed.setConfigPath));
    }

    function assertWrong(string memory from, string memory to, string memory key, string memory expected) internal {
        string memory original = json;
        json = vm.replace(json, from, to);
        assertTrue(keccak256(bytes(json)) != keccak256(bytes(original)), string.concat("the example has no ", from));
        assertRefused(abi.encodeWithSelector(SetConfigFile.WrongArgument.selector, feed.setConfigPath, key, expected));
        json = original;
    }

    function assertRefused(bytes memory reason) internal {
        vm.expectRevert(reason);
        this.parse(feed, json);
    }
}
