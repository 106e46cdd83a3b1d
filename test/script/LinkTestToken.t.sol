// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LinkTestToken} from "../../script/local/LinkTestToken.sol";
import {Test} from "forge-std/Test.sol";

contract LinkTestTokenTest is Test {
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);

    LinkTestToken internal link;

    // What `onTokenTransfer` was told.
    address internal sender;
    uint256 internal value;
    bytes internal data;

    function setUp() public {
        vm.prank(ALICE);
        link = new LinkTestToken();
    }

    function onTokenTransfer(address sender_, uint256 value_, bytes calldata data_) external {
        (sender, value, data) = (sender_, value_, data_);
    }

    function test_constructor_givesAllToTheDeployer() public view {
        assertEq(link.totalSupply(), 1e27);
        assertEq(link.balanceOf(ALICE), 1e27);
        assertEq(link.decimals(), 18);
    }

    function testFuzz_transfer_movesTheValue(uint256 amount) public {
        amount = bound(amount, 0, 1e27);
        vm.expectEmit(address(link));
        emit LinkTestToken.Transfer(ALICE, BOB, amount);
        vm.prank(ALICE);
        assertTrue(link.transfer(BOB, amount));
        assertEq(link.balanceOf(BOB), amount);
        assertEq(link.balanceOf(ALICE), 1e27 - amount);
    }

    function test_transfer_toOneselfChangesNothing() public {
        vm.prank(ALICE);
        assertTrue(link.transfer(ALICE, 5));
        assertEq(link.balanceOf(ALICE), 1e27);
    }

    function test_transfer_revertsIf_balanceIsLow() public {
        vm.expectRevert(abi.encodeWithSelector(LinkTestToken.BalanceTooLow.selector, BOB, 0, 1));
        vm.prank(BOB);
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        link.transfer(ALICE, 1);
    }

    function test_transfer_revertsIf_recipientIsInvalid() public {
        address[2] memory invalid = [address(0), address(link)];
        for (uint256 i = 0; i < invalid.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(LinkTestToken.InvalidRecipient.selector, invalid[i]));
            vm.prank(ALICE);
            // forge-lint: disable-next-line(erc20-unchecked-transfer)
            link.transfer(invalid[i], 1);
        }
    }

    function test_transferAndCall_tellsTheRecipient() public {
        vm.prank(ALICE);
        assertTrue(link.transferAndCall(address(this), 7, "abc"));
        assertEq(link.balanceOf(address(this)), 7);
        assertEq(sender, ALICE);
        assertEq(value, 7);
        assertEq(data, "abc");
    }

    function test_transferAndCall_toAnAccount() public {
        vm.prank(ALICE);
        assertTrue(link.transferAndCall(BOB, 7, "abc"));
        assertEq(link.balanceOf(BOB), 7);
    }

    function test_transferFrom_usesTheAllowance() public {
        vm.prank(ALICE);
        link.approve(BOB, 10);
        vm.startPrank(BOB);
        assertTrue(link.transferFrom(ALICE, BOB, 6));
        assertEq(link.balanceOf(BOB), 6);
        assertEq(link.allowance(ALICE, BOB), 4);
        vm.expectRevert(abi.encodeWithSelector(LinkTestToken.AllowanceTooLow.selector, ALICE, BOB, 4, 5));
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        link.transferFrom(ALICE, BOB, 5);
    }

    function test_approval_risesAndFallsToZero() public {
        vm.startPrank(ALICE);
        link.increaseApproval(BOB, 10);
        assertEq(link.allowance(ALICE, BOB), 10);
        link.decreaseApproval(BOB, 4);
        assertEq(link.allowance(ALICE, BOB), 6);
        link.decreaseApproval(BOB, 7);
        assertEq(link.allowance(ALICE, BOB), 0);
    }
}
