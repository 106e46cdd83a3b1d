// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Which protocol fills a feed: decides names, arguments and digests of its aggregator.
enum Protocol {
    OCR1,
    OCR2
}

/// @notice A feed as its TOML file describes it, every value checked. Made by `FeedFile`.
struct Feed {
    // The TOML file's name without its extension; names the deployment.
    string name;
    uint256 chainId;
    // Contract to deploy, one of `FeedFile.contractNames`.
    string contractName;
    Protocol protocol;
    string description;
    uint8 decimals;
    int192 minAnswer;
    int192 maxAnswer;
    address link;
    address owner;
    address billingAccessController;
    address requesterAccessController;
    // JSON that `ocr setconfig encode` writes.
    string setConfigPath;
    // Arguments of `setBilling`, in its order; `FeedFile.billingKeys` names them.
    uint256[5] billing;
    address validator;
    uint32 validatorGasLimit;
    // `payees[i]` is paid for `transmitters[i]`.
    address[] transmitters;
    address[] payees;
}
