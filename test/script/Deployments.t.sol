// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Deployments} from "../../script/utils/Deployments.sol";
import {Feed} from "../../script/utils/Feed.sol";
import {Test} from "forge-std/Test.sol";

contract DeploymentsTest is Test {
    /// @dev External, for its reverts.
    function aggregatorOf(Feed memory feed) external view returns (address) {
        return Deployments.aggregatorOf(feed);
    }

    /// @dev External, for its reverts.
    function requireNotDeployed(Feed memory feed) external view {
        Deployments.requireNotDeployed(feed);
    }

    function test_write_isReadBack() public {
        Feed memory feed = feedNamed("forge-test-written");
        Deployments.write(feed, address(this));
        assertEq(Deployments.aggregatorOf(feed), address(this));
        string memory json = vm.readFile(Deployments.pathOf(feed));
        assertEq(vm.parseJsonString(json, ".contract"), "OCR2Aggregator");
        vm.removeFile(Deployments.pathOf(feed));
    }

    function test_pathOf_isByChainAndName() public pure {
        assertEq(Deployments.pathOf(feedNamed("eth-usd")), "deployments/31337/eth-usd.json");
    }

    function test_aggregatorOf_revertsIf_feedWasNotDeployed() public {
        Feed memory feed = feedNamed("forge-test-none");
        vm.expectRevert(abi.encodeWithSelector(Deployments.NotDeployed.selector, Deployments.pathOf(feed)));
        this.aggregatorOf(feed);
    }

    function test_aggregatorOf_revertsIf_chainForgotTheAggregator() public {
        Feed memory feed = feedNamed("forge-test-forgotten");
        Deployments.write(feed, address(0xdead));
        vm.expectRevert(abi.encodeWithSelector(Deployments.NoCode.selector, Deployments.pathOf(feed), address(0xdead)));
        this.aggregatorOf(feed);
        // And may be deployed anew.
        Deployments.requireNotDeployed(feed);
        vm.removeFile(Deployments.pathOf(feed));
    }

    function test_requireNotDeployed_revertsIf_aggregatorIsThere() public {
        Feed memory feed = feedNamed("forge-test-there");
        Deployments.requireNotDeployed(feed);
        Deployments.write(feed, address(this));
        vm.expectRevert(
            abi.encodeWithSelector(Deployments.AlreadyDeployed.selector, Deployments.pathOf(feed), address(this))
        );
        this.requireNotDeployed(feed);
        vm.removeFile(Deployments.pathOf(feed));
    }

    /// @dev Files are shared by all tests, so each has its own.
    function feedNamed(string memory name) internal pure returns (Feed memory feed) {
        feed.name = name;
        feed.chainId = 31337;
        feed.contractName = "OCR2Aggregator";
    }
}
