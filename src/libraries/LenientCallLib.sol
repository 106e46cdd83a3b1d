// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev `ILinkToken` and `IAccessController` with a word in place of each boolean.
interface IWordAnswers {
    function transfer(address to, uint256 value) external returns (uint256 success);
    function hasAccess(address user, bytes calldata data) external view returns (uint256 granted);
}

/// @title Calls whose answer is any word
/// @notice OCR1 takes every word but 0 for true, where the compiler's decoder takes 1 alone.
/// @dev A callee without code, or with less than a word to say, reverts without data; a callee's revert passes on.
/// Source: contracts-ocr1 1, 8.
library LenientCallLib {
    /// @notice Sends `juels` of `linkToken`; whether the token says that it did.
    function transfer(address linkToken, address to, uint256 juels) internal returns (bool) {
        return IWordAnswers(linkToken).transfer(to, juels) != 0;
    }

    /// @notice Whether `controller` grants `user` the call with this calldata.
    function hasAccess(address controller, address user, bytes calldata data) internal view returns (bool) {
        return IWordAnswers(controller).hasAccess(user, data) != 0;
    }
}
