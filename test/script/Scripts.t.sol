// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AcceptOwnership} from "../../script/AcceptOwnership.s.sol";
import {Chaincheck} from "../../script/Chaincheck.s.sol";
import {Deploy} from "../../script/Deploy.s.sol";
import {LocalNetwork} from "../../script/LocalNetwork.s.sol";
import {SetBilling} from "../../script/SetBilling.s.sol";
import {SetConfig} from "../../script/SetConfig.s.sol";
import {SetPayees} from "../../script/SetPayees.s.sol";
import {SetValidator} from "../../script/SetValidator.s.sol";
import {TransferOwnership} from "../../script/TransferOwnership.s.sol";
import {Feed, Protocol} from "../../script/utils/Feed.sol";
import {FeedFile} from "../../script/utils/FeedFile.sol";
import {FeedReads} from "../../script/utils/FeedReads.sol";
import {DeployedFeedScript, FeedScript} from "../../script/utils/FeedScript.sol";
import {SetConfigFile} from "../../script/utils/SetConfigFile.sol";
import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {Test} from "forge-std/Test.sol";

/// @notice An account that runs a script.
contract Sender {
    function run(DeployedFeedScript script, Feed calldata feed, address aggregator) external {
        script.act(feed, aggregator);
    }
}

/// @notice Every script, on the feed of script/feeds/example.toml; once for each contract a feed may be.
abstract contract ScriptsTest is Test {
    Feed internal feed;
    address internal aggregator;

    function setUp() public {
        string memory example = vm.readFile("script/feeds/example.toml");
        feed = FeedFile.parse(edited(vm.replace(example, '"OCR2Aggregator"', contractName())));
        feed.setConfigPath = setConfigPath();
        feed.owner = address(new Sender());
        feed.link = deployCode("LinkTestToken.sol:LinkTestToken");
        feed.billingAccessController = deployCode("SimpleWriteAccessController.sol:SimpleWriteAccessController");
        feed.requesterAccessController = deployCode("SimpleWriteAccessController.sol:SimpleWriteAccessController");
        aggregator = new Deploy().deploy(feed);
    }

    /// @dev In quotes.
    function contractName() internal pure virtual returns (string memory);

    /// @dev The example with what the protocol needs beside the contract's name.
    function edited(string memory toml) internal pure virtual returns (string memory) {
        return toml;
    }

    function setConfigPath() internal pure virtual returns (string memory) {
        return "script/feeds/example.set-config.json";
    }

    // -- Deploy --

    function test_deploy_makesWhatTheFileSays() public {
        IOCR2Aggregator deployed = IOCR2Aggregator(aggregator);
        assertEq(vm.split(deployed.typeAndVersion(), " ")[0], feed.contractName);
        assertEq(deployed.minAnswer(), feed.minAnswer);
        assertEq(deployed.maxAnswer(), feed.maxAnswer);
        assertEq(deployed.decimals(), feed.decimals);
        assertEq(deployed.getLinkToken(), feed.link);
        vm.prank(address(this), address(this));
        assertEq(deployed.description(), feed.description);
        assertEq(FeedReads.billingAccessController(feed, aggregator), feed.billingAccessController);
        assertEq(FeedReads.requesterAccessController(feed, aggregator), feed.requesterAccessController);
        assertEq(IOwnable(aggregator).owner(), address(this));
    }

    function test_deploy_revertsIf_linkIsNoContract() public {
        feed.link = address(0xbad);
        assertDeployRefuses("link");
    }

    function test_deploy_revertsIf_billingAccessControllerIsNoContract() public {
        feed.billingAccessController = address(0xbad);
        assertDeployRefuses("billing_access_controller");
    }

    function test_deploy_revertsIf_requesterAccessControllerIsNoContract() public {
        feed.requesterAccessController = address(0xbad);
        assertDeployRefuses("requester_access_controller");
    }

    function test_deploy_doesWithoutAccessControllers() public {
        feed.billingAccessController = address(0);
        feed.requesterAccessController = address(0);
        aggregator = new Deploy().deploy(feed);
        assertEq(FeedReads.billingAccessController(feed, aggregator), address(0));
    }

    function test_run_revertsIf_chainIsAnother() public {
        vm.chainId(1);
        Deploy deploy = new Deploy();
        vm.expectRevert(abi.encodeWithSelector(FeedScript.WrongChain.selector, 1, 31337));
        deploy.run("script/feeds/example.toml");
        SetBilling setBilling = new SetBilling();
        vm.expectRevert(abi.encodeWithSelector(FeedScript.WrongChain.selector, 1, 31337));
        setBilling.run("script/feeds/example.toml");
    }

    // -- The others --

    function test_setConfig_putsTheFilesOraclesInCharge() public {
        new SetPayees().act(feed, aggregator);
        SetConfig script = new SetConfig();
        script.act(feed, aggregator);
        (uint64 configCount, bytes32 digest) = FeedReads.latestConfig(aggregator);
        assertEq(configCount, 1);
        assertEq(digest, SetConfigFile.digest(feed.protocol, SetConfigFile.read(feed), aggregator, 1));
        assertDoesNothing(script);
    }

    function test_setConfig_saysWhatTheAggregatorSays() public {
        new TransferOwnership().act(feed, aggregator);
        accept();
        SetConfig script = new SetConfig();
        vm.expectRevert("Only callable by owner");
        script.act(feed, aggregator);
    }

    function test_setConfig_revertsIf_digestIsNotTheOracles() public {
        new SetPayees().act(feed, aggregator);
        SetConfig script = new SetConfig();
        bytes32 expected = SetConfigFile.digest(feed.protocol, SetConfigFile.read(feed), aggregator, 1);
        bytes memory details = abi.encode(1, block.number, bytes32("another"));
        vm.mockCall(aggregator, abi.encodeCall(IOCR2Aggregator.latestConfigDetails, ()), details);
        vm.expectRevert(abi.encodeWithSelector(SetConfig.OtherDigest.selector, bytes32("another"), expected));
        script.act(feed, aggregator);
    }

    function test_setBilling_setsPrices() public {
        SetBilling script = new SetBilling();
        feed.billing[0]++;
        script.act(feed, aggregator);
        assertEq(abi.encode(FeedReads.billing(aggregator)), abi.encode(feed.billing));
        assertDoesNothing(script);
    }

    function test_setPayees_setsPayees() public {
        SetPayees script = new SetPayees();
        script.act(feed, aggregator);
        // Only a payee may.
        for (uint256 i = 0; i < feed.payees.length; i++) {
            vm.prank(feed.payees[i]);
            IOCR2Aggregator(aggregator).transferPayeeship(feed.transmitters[i], address(this));
        }
        // The same again is no error, another payee is.
        script.act(feed, aggregator);
        feed.payees[0] = address(this);
        vm.expectRevert("payee already set");
        script.act(feed, aggregator);
    }

    function test_setPayees_doesNothingWithoutPayees() public {
        delete feed.transmitters;
        delete feed.payees;
        assertDoesNothing(new SetPayees());
    }

    function test_setValidator_setsValidator() public {
        SetValidator script = new SetValidator();
        assertDoesNothing(script);
        feed.validator = address(0xabc);
        feed.validatorGasLimit = 100_000;
        script.act(feed, aggregator);
        (address validator, uint32 gasLimit) = FeedReads.validator(feed, aggregator);
        assertEq(validator, feed.validator);
        assertEq(gasLimit, feed.validatorGasLimit);
        assertDoesNothing(script);
    }

    function test_ownership_passesInTwoSteps() public {
        new TransferOwnership().act(feed, aggregator);
        assertEq(IOwnable(aggregator).owner(), address(this));
        AcceptOwnership script = new AcceptOwnership();
        vm.expectRevert("Must be proposed owner");
        script.act(feed, aggregator);
        accept();
        assertEq(IOwnable(aggregator).owner(), feed.owner);
        assertDoesNothing(script);
        assertDoesNothing(new TransferOwnership());
    }

    function test_localNetwork_deploysAtTheFilesAddresses() public {
        LocalNetwork script = new LocalNetwork();
        uint64 nonce = vm.getNonce(address(this));
        feed.link = vm.computeCreateAddress(address(this), nonce);
        feed.billingAccessController = vm.computeCreateAddress(address(this), nonce + 1);
        feed.requesterAccessController = vm.computeCreateAddress(address(this), nonce + 2);
        script.surround(feed);
        new Deploy().deploy(feed);
    }

    function test_localNetwork_revertsIf_addressIsAnother() public {
        LocalNetwork script = new LocalNetwork();
        address deployed = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.expectRevert(abi.encodeWithSelector(LocalNetwork.OtherAddress.selector, "link", deployed, feed.link));
        script.surround(feed);
    }

    // -- Chaincheck --

    function test_chaincheck_findsNothingOnAFeedThatIsAsItShould() public {
        assertEq(complete().check(feed, aggregator), 0);
    }

    function test_chaincheck_findsWhatIsNotDone() public {
        // Owner, configuration, payees; prices too where the constructor does not take them.
        uint256 expected = 2 + 4 + (feed.protocol == Protocol.OCR1 ? 0 : 5);
        assertEq(new Chaincheck().check(feed, aggregator), expected);
    }

    function test_chaincheck_findsEachDifference() public {
        Chaincheck script = complete();
        Feed memory right = feed;

        feed.description = "BTC / USD";
        assertFinds(script, right, "description");
        feed.decimals++;
        assertFinds(script, right, "decimals");
        feed.link = address(this);
        assertFinds(script, right, "link");
        feed.owner = address(this);
        assertFinds(script, right, "owner");
        feed.billingAccessController = address(0);
        assertFinds(script, right, "billing_access_controller");
        feed.requesterAccessController = address(0);
        assertFinds(script, right, "requester_access_controller");
        for (uint256 i = 0; i < 5; i++) {
            feed.billing[i]++;
            assertFinds(script, right, FeedFile.billingKeys(feed.protocol)[i]);
        }
        feed.validator = address(this);
        assertFinds(script, right, "validator.address");
        feed.validatorGasLimit = 1;
        assertFinds(script, right, "validator.gas_limit");
        for (uint256 i = 0; i < 4; i++) {
            feed.payees[i] = address(this);
            assertFinds(script, right, "payees");
        }
    }

    function test_chaincheck_findsAnotherConfiguration() public {
        Chaincheck script = complete();
        // Other oracles in charge than the file's.
        address[] memory signers = new address[](4);
        for (uint256 i = 0; i < 4; i++) {
            signers[i] = vm.addr(i + 1);
        }
        vm.prank(feed.owner);
        (bool ok,) = aggregator.call(setConfigCall(signers));
        assertTrue(ok);
        assertEq(script.check(feed, aggregator), 1);
    }

    function test_chaincheck_findsTheOtherContract() public {
        Chaincheck script = complete();
        feed.contractName = "Aggregator";
        assertEq(script.check(feed, aggregator), 1);
    }

    function test_chaincheck_leavesPayeesAsTheyAre() public {
        Chaincheck script = complete();
        vm.prank(feed.payees[0]);
        IOCR2Aggregator(aggregator).transferPayeeship(feed.transmitters[0], address(this));
        assertEq(script.check(feed, aggregator), 0);
        // The proposal still stands.
        IOCR2Aggregator(aggregator).acceptPayeeship(feed.transmitters[0]);
    }

    // -- Tools --

    /// @dev Runs every script, as docs/deploying.md says.
    function complete() internal returns (Chaincheck) {
        new SetPayees().act(feed, aggregator);
        new SetConfig().act(feed, aggregator);
        new SetBilling().act(feed, aggregator);
        new SetValidator().act(feed, aggregator);
        new TransferOwnership().act(feed, aggregator);
        accept();
        return new Chaincheck();
    }

    /// @dev The proposed owner accepts.
    function accept() internal {
        Sender(feed.owner).run(new AcceptOwnership(), feed, aggregator);
    }

    function setConfigCall(address[] memory signers) internal view virtual returns (bytes memory) {
        bytes memory onchainConfig = abi.encodePacked(uint8(1), feed.minAnswer, feed.maxAnswer);
        return abi.encodeCall(IOCR2Aggregator.setConfig, (signers, feed.transmitters, 1, onchainConfig, 2, hex"abcd"));
    }

    function assertDeployRefuses(string memory key) internal {
        Deploy script = new Deploy();
        vm.expectRevert(abi.encodeWithSelector(Deploy.NotAContract.selector, key, address(0xbad)));
        script.deploy(feed);
    }

    /// @dev Each change of an aggregator emits an event.
    function assertDoesNothing(DeployedFeedScript script) internal {
        vm.recordLogs();
        script.act(feed, aggregator);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    /// @dev One difference, for the key that was changed; puts the feed right again.
    function assertFinds(Chaincheck script, Feed memory right, string memory key) internal {
        assertEq(script.check(feed, aggregator), 1, key);
        feed = right;
    }
}

contract OCR2ScriptsTest is ScriptsTest {
    function contractName() internal pure override returns (string memory) {
        return '"OCR2Aggregator"';
    }
}

contract AccessControlledOCR2ScriptsTest is ScriptsTest {
    function contractName() internal pure override returns (string memory) {
        return '"AccessControlledOCR2Aggregator"';
    }
}

contract OCR1ScriptsTest is ScriptsTest {
    function contractName() internal pure virtual override returns (string memory) {
        return '"OffchainAggregator"';
    }

    function edited(string memory toml) internal pure override returns (string memory) {
        toml = vm.replace(toml, "observation_payment_gjuels = ", "micro_link_per_eth = ");
        toml = vm.replace(toml, "transmission_payment_gjuels = ", "link_gwei_per_observation = ");
        return vm.replace(toml, "accounting_gas = ", "link_gwei_per_transmission = ");
    }

    function setConfigPath() internal pure override returns (string memory) {
        return "test/script/ocr1.set-config.json";
    }

    function setConfigCall(address[] memory signers) internal view override returns (bytes memory) {
        return abi.encodeCall(IOffchainAggregator.setConfig, (signers, feed.transmitters, 1, 1, hex"abcd"));
    }

    function test_setConfig_revertsIf_payeesAreMissing() public {
        SetConfig script = new SetConfig();
        vm.expectRevert("payee must be set");
        script.act(feed, aggregator);
    }
}

contract AccessControlledOCR1ScriptsTest is OCR1ScriptsTest {
    function contractName() internal pure override returns (string memory) {
        return '"AccessControlledOffchainAggregator"';
    }
}
