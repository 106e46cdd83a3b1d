// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ILinkToken} from "../../src/interfaces/ILinkToken.sol";

/// @notice What `transferAndCall` calls.
interface ITransferReceiver {
    /// @param sender Who sent the tokens.
    /// @param value How many, in juels.
    /// @param data What the sender adds.
    function onTokenTransfer(address sender, uint256 value, bytes calldata data) external;
}

/// @title LINK for local networks
/// @notice Behaves as LINK does: refuses the zero address and itself as recipients. Worth nothing; not for networks
/// that have LINK.
contract LinkTestToken is ILinkToken {
    /// @notice `value` juels went from `from` to `to`.
    event Transfer(address indexed from, address indexed to, uint256 value);

    /// @notice `value` juels went from `from` to `to`, with a call.
    event Transfer(address indexed from, address indexed to, uint256 value, bytes data);

    /// @notice `spender` may take `value` juels from `owner`.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice Thrown when the recipient or spender is the zero address or the token.
    error InvalidRecipient(address recipient);

    /// @notice Thrown when `owner` has fewer juels than it would send.
    error BalanceTooLow(address owner, uint256 balance, uint256 value);

    /// @notice Thrown when `spender` may take fewer juels than it would.
    error AllowanceTooLow(address owner, address spender, uint256 allowance, uint256 value);

    /// @inheritdoc ILinkToken
    string public constant override name = "LINK for local networks";

    /// @inheritdoc ILinkToken
    string public constant override symbol = "LINK";

    /// @inheritdoc ILinkToken
    uint8 public constant override decimals = 18;

    /// @inheritdoc ILinkToken
    uint256 public constant override totalSupply = 1e27;

    /// @inheritdoc ILinkToken
    mapping(address owner => uint256 balance) public override balanceOf;

    /// @inheritdoc ILinkToken
    mapping(address owner => mapping(address spender => uint256 remaining)) public override allowance;

    /// @notice Gives the whole supply, a billion, to the deployer.
    constructor() {
        balanceOf[msg.sender] = totalSupply;
        emit Transfer(address(0), msg.sender, totalSupply);
    }

    /// @inheritdoc ILinkToken
    function transfer(address to, uint256 value) external override returns (bool success) {
        _transfer(msg.sender, to, value);
        return true;
    }

    /// @inheritdoc ILinkToken
    function transferFrom(address from, address to, uint256 value) external override returns (bool success) {
        uint256 remaining = allowance[from][msg.sender];
        if (remaining < value) revert AllowanceTooLow(from, msg.sender, remaining, value);
        allowance[from][msg.sender] = remaining - value;
        _transfer(from, to, value);
        return true;
    }

    /// @inheritdoc ILinkToken
    function transferAndCall(address to, uint256 value, bytes calldata data) external override returns (bool success) {
        _transfer(msg.sender, to, value);
        emit Transfer(msg.sender, to, value, data);
        if (to.code.length > 0) ITransferReceiver(to).onTokenTransfer(msg.sender, value, data);
        return true;
    }

    /// @inheritdoc ILinkToken
    function approve(address spender, uint256 value) external override returns (bool success) {
        _approve(spender, value);
        return true;
    }

    /// @inheritdoc ILinkToken
    /// @dev The names of the parameters of this and the next are LINK's own, exchanged.
    function increaseApproval(address spender, uint256 subtractedValue) external override {
        _approve(spender, allowance[msg.sender][spender] + subtractedValue);
    }

    /// @inheritdoc ILinkToken
    function decreaseApproval(address spender, uint256 addedValue) external override returns (bool success) {
        uint256 remaining = allowance[msg.sender][spender];
        _approve(spender, addedValue < remaining ? remaining - addedValue : 0);
        return true;
    }

    function _approve(address spender, uint256 value) private {
        _requireRecipient(spender);
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    function _transfer(address from, address to, uint256 value) private {
        _requireRecipient(to);
        uint256 balance = balanceOf[from];
        if (balance < value) revert BalanceTooLow(from, balance, value);
        balanceOf[from] = balance - value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }

    function _requireRecipient(address recipient) private view {
        if (recipient == address(0) || recipient == address(this)) revert InvalidRecipient(recipient);
    }
}
