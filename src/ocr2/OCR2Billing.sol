// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessController} from "../interfaces/IAccessController.sol";
import {ILinkToken} from "../interfaces/ILinkToken.sol";
import {IOCR2Aggregator} from "../interfaces/IOCR2Aggregator.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {ReimbursementLib} from "../libraries/ReimbursementLib.sol";
import {OCR2Validation} from "./OCR2Validation.sol";

/// @title Prices, payouts and payees
abstract contract OCR2Billing is OCR2Validation {
    // -- Prices --

    /// @inheritdoc IOCR2Aggregator
    function setBilling(
        uint32 maximumGasPriceGwei,
        uint32 reasonableGasPriceGwei,
        uint32 observationPaymentGjuels,
        uint32 transmissionPaymentGjuels,
        uint24 accountingGas
    ) external override {
        _requireBillingAdmin();
        // At the old prices.
        _payOracles();
        HotVars storage hotVars = _hotVars;
        hotVars.maximumGasPriceGwei = maximumGasPriceGwei;
        hotVars.reasonableGasPriceGwei = reasonableGasPriceGwei;
        hotVars.observationPaymentGjuels = observationPaymentGjuels;
        hotVars.transmissionPaymentGjuels = transmissionPaymentGjuels;
        hotVars.accountingGas = accountingGas;
        emit BillingSet(
            maximumGasPriceGwei,
            reasonableGasPriceGwei,
            observationPaymentGjuels,
            transmissionPaymentGjuels,
            accountingGas
        );
    }

    /// @inheritdoc IOCR2Aggregator
    function getBilling()
        external
        view
        override
        returns (
            uint32 maximumGasPriceGwei,
            uint32 reasonableGasPriceGwei,
            uint32 observationPaymentGjuels,
            uint32 transmissionPaymentGjuels,
            uint24 accountingGas
        )
    {
        HotVars memory hotVars = _hotVars;
        return (
            hotVars.maximumGasPriceGwei,
            hotVars.reasonableGasPriceGwei,
            hotVars.observationPaymentGjuels,
            hotVars.transmissionPaymentGjuels,
            hotVars.accountingGas
        );
    }

    /// @inheritdoc IOCR2Aggregator
    function setBillingAccessController(address _billingAccessController) external override onlyOwner {
        _setBillingAccessController(IAccessController(_billingAccessController));
    }

    /// @inheritdoc IOCR2Aggregator
    function getBillingAccessController() external view override returns (address) {
        return address(_billingController);
    }

    function _setBillingAccessController(IAccessController current) internal {
        IAccessController old = _billingController;
        if (old == current) return;
        _billingController = current;
        emit BillingAccessControllerSet(address(old), address(current));
    }

    function _requireBillingAdmin() private view {
        if (!_mayCall(_billingController)) revert(ErrorsLib.ONLY_OWNER_OR_BILLING_ADMIN);
    }

    // -- Payouts --

    /// @inheritdoc IOCR2Aggregator
    function withdrawPayment(address transmitter) external override {
        if (msg.sender != _payees[transmitter]) revert(ErrorsLib.ONLY_PAYEE_CAN_WITHDRAW);
        (bool configured, uint256 index) = _oracleIndex(transmitter);
        if (!configured) return;
        _payOracle(_hotVars, transmitter, index);
    }

    /// @inheritdoc IOCR2Aggregator
    function owedPayment(address transmitterAddress) external view override returns (uint256) {
        (bool configured, uint256 index) = _oracleIndex(transmitterAddress);
        return configured ? _owedJuels(_hotVars, transmitterAddress, index) : 0;
    }

    /// @inheritdoc IOCR2Aggregator
    function oracleObservationCount(address transmitterAddress) external view override returns (uint32) {
        (bool configured, uint256 index) = _oracleIndex(transmitterAddress);
        return configured ? _hotVars.latestAggregatorRoundId - _rewardFromRoundId[index] : 0;
    }

    /// @dev Pays every configured oracle what it is owed, in oracle order.
    function _payOracles() internal {
        HotVars memory hotVars = _hotVars;
        address[] memory transmitters = _configInfo.oracleSet.transmitters();
        for (uint256 i = 0; i < transmitters.length; ++i) {
            _payOracle(hotVars, transmitters[i], i);
        }
    }

    /// @dev Pays one configured oracle what it is owed. One that is owed nothing keeps its first unpaid round: rounds
    /// at a price of 0 are paid once the price rises.
    function _payOracle(HotVars memory hotVars, address transmitter, uint256 index) private {
        uint256 owedJuels = _owedJuels(hotVars, transmitter, index);
        if (owedJuels == 0) return;
        // The books are closed before the token is called.
        _rewardFromRoundId[index] = hotVars.latestAggregatorRoundId;
        _transmitters[transmitter].paymentJuels = 0;
        address payee = _payees[transmitter];
        ILinkToken linkToken = _linkToken;
        if (!linkToken.transfer(payee, owedJuels)) revert(ErrorsLib.INSUFFICIENT_FUNDS);
        emit OraclePaid(transmitter, payee, owedJuels, address(linkToken));
    }

    /// @dev Juels owed to a configured oracle.
    function _owedJuels(HotVars memory hotVars, address transmitter, uint256 index) private view returns (uint256) {
        // No reward starts after the latest round. The sum stays below 2^97.
        unchecked {
            uint256 rounds = hotVars.latestAggregatorRoundId - _rewardFromRoundId[index];
            return rounds * hotVars.observationPaymentGjuels * ReimbursementLib.JUELS_PER_GJUEL
                + _transmitters[transmitter].paymentJuels;
        }
    }

    /// @dev Juels owed to all configured oracles.
    function _dueJuels() private view returns (uint256 dueJuels) {
        HotVars memory hotVars = _hotVars;
        address[] memory transmitters = _configInfo.oracleSet.transmitters();
        for (uint256 i = 0; i < transmitters.length; ++i) {
            dueJuels += _owedJuels(hotVars, transmitters[i], i);
        }
    }

    /// @dev Index of a transmitter in the set in force.
    function _oracleIndex(address transmitter) private view returns (bool configured, uint256 index) {
        if (!_transmitters[transmitter].oracleSet.exists()) return (false, 0);
        address[] memory transmitters = _configInfo.oracleSet.transmitters();
        while (transmitters[index] != transmitter) ++index;
        return (true, index);
    }

    // -- Reimbursement --

    /// @dev Credits the caller of `transmit` for gas and for the transmission itself. A negative rate: nothing.
    /// @param hotVars As they were when `transmit` began.
    /// @param initialGas Gas when `transmit` began.
    function _creditTransmitter(HotVars memory hotVars, uint256 initialGas, int192 juelsPerFeeCoin) internal {
        if (juelsPerFeeCoin < 0) return;
        uint256 priceGwei = ReimbursementLib.gasPriceGwei(
            tx.gasprice / 1 gwei, hotVars.reasonableGasPriceGwei, hotVars.maximumGasPriceGwei
        );
        uint256 gas = ReimbursementLib.usedGas(initialGas, gasleft(), msg.data.length, hotVars.accountingGas);
        uint256 costJuels = ReimbursementLib.gasCostJuels(gas, priceGwei, uint192(juelsPerFeeCoin));
        // The validator may have changed the balance, or the configuration: what counts is what it is at this point.
        Transmitter storage transmitter = _transmitters[msg.sender];
        transmitter.paymentJuels =
            ReimbursementLib.credit(transmitter.paymentJuels, costJuels, hotVars.transmissionPaymentGjuels);
    }

    // -- Funds --

    /// @inheritdoc IOCR2Aggregator
    function setLinkToken(address linkToken, address recipient) external override onlyOwner {
        ILinkToken oldLinkToken = _linkToken;
        if (address(oldLinkToken) == linkToken) return;
        // Reverts unless there is a token.
        ILinkToken(linkToken).balanceOf(address(this));
        _payOracles();
        uint256 remainingJuels = oldLinkToken.balanceOf(address(this));
        if (!oldLinkToken.transfer(recipient, remainingJuels)) revert(ErrorsLib.REMAINING_FUNDS_NOT_TRANSFERRED);
        _linkToken = ILinkToken(linkToken);
        emit LinkTokenSet(address(oldLinkToken), linkToken);
    }

    /// @inheritdoc IOCR2Aggregator
    function getLinkToken() external view override returns (address linkToken) {
        return address(_linkToken);
    }

    /// @inheritdoc IOCR2Aggregator
    function linkAvailableForPayment() external view override returns (int256 availableBalance) {
        // Neither comes near 2^255.
        return int256(_linkToken.balanceOf(address(this))) - int256(_dueJuels());
    }

    /// @inheritdoc IOCR2Aggregator
    function withdrawFunds(address recipient, uint256 amount) external override {
        _requireBillingAdmin();
        ILinkToken linkToken = _linkToken;
        uint256 dueJuels = _dueJuels();
        uint256 balanceJuels = linkToken.balanceOf(address(this));
        if (balanceJuels < dueJuels) revert(ErrorsLib.INSUFFICIENT_BALANCE);
        uint256 availableJuels = balanceJuels - dueJuels;
        uint256 amountJuels = amount < availableJuels ? amount : availableJuels;
        if (!linkToken.transfer(recipient, amountJuels)) revert(ErrorsLib.INSUFFICIENT_FUNDS);
    }

    // -- Payees --

    /// @inheritdoc IOCR2Aggregator
    function setPayees(address[] calldata transmitters, address[] calldata payees) external override onlyOwner {
        if (transmitters.length != payees.length) revert(ErrorsLib.PAYEES_LENGTH_MISMATCH);
        for (uint256 i = 0; i < transmitters.length; ++i) {
            address transmitter = transmitters[i];
            address payee = payees[i];
            address current = _payees[transmitter];
            if (current == payee) continue;
            if (current != address(0)) revert(ErrorsLib.PAYEE_ALREADY_SET);
            _payees[transmitter] = payee;
            emit PayeeshipTransferred(transmitter, current, payee);
        }
    }

    /// @inheritdoc IOCR2Aggregator
    function transferPayeeship(address transmitter, address proposed) external override {
        if (msg.sender != _payees[transmitter]) revert(ErrorsLib.ONLY_PAYEE_CAN_UPDATE);
        if (msg.sender == proposed) revert(ErrorsLib.PAYEESHIP_TO_SELF);
        if (_proposedPayees[transmitter] == proposed) return;
        _proposedPayees[transmitter] = proposed;
        emit PayeeshipTransferRequested(transmitter, msg.sender, proposed);
    }

    /// @inheritdoc IOCR2Aggregator
    function acceptPayeeship(address transmitter) external override {
        if (msg.sender != _proposedPayees[transmitter]) revert(ErrorsLib.ONLY_PROPOSED_PAYEE);
        address previous = _payees[transmitter];
        _payees[transmitter] = msg.sender;
        _proposedPayees[transmitter] = address(0);
        emit PayeeshipTransferred(transmitter, previous, msg.sender);
    }
}
