// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ILinkToken} from "../interfaces/ILinkToken.sol";
import {IOffchainAggregator} from "../interfaces/IOffchainAggregator.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {LenientCallLib} from "../libraries/LenientCallLib.sol";
import {ObserversLib} from "../libraries/ObserversLib.sol";
import {ReimbursementLib} from "../libraries/ReimbursementLib.sol";
import {OffchainAggregatorValidation} from "./OffchainAggregatorValidation.sol";

/// @title Prices, credits, payouts and payees
abstract contract OffchainAggregatorBilling is OffchainAggregatorValidation {
    uint256 private constant JUELS_PER_LINK_GWEI = 1e9;

    constructor() {
        for (uint256 i = 0; i < MAX_ORACLES; ++i) {
            _observationCountsPlusOne[i] = 1;
            _reimbursementsPlusOneJuels[i] = 1;
        }
    }

    // -- Prices --

    /// @inheritdoc IOffchainAggregator
    function setBilling(
        uint32 _maximumGasPrice,
        uint32 _reasonableGasPrice,
        uint32 _microLinkPerEth,
        uint32 _linkGweiPerObservation,
        uint32 _linkGweiPerTransmission
    ) external override {
        _requireBillingAdmin();
        // At the old prices.
        _payOracles();
        _setBilling(
            Billing({
                maximumGasPriceGwei: _maximumGasPrice,
                reasonableGasPriceGwei: _reasonableGasPrice,
                microLinkPerEth: _microLinkPerEth,
                linkGweiPerObservation: _linkGweiPerObservation,
                linkGweiPerTransmission: _linkGweiPerTransmission
            })
        );
    }

    /// @inheritdoc IOffchainAggregator
    function getBilling()
        external
        view
        override
        returns (
            uint32 maximumGasPrice,
            uint32 reasonableGasPrice,
            uint32 microLinkPerEth,
            uint32 linkGweiPerObservation,
            uint32 linkGweiPerTransmission
        )
    {
        Billing memory billing = _billing;
        return (
            billing.maximumGasPriceGwei,
            billing.reasonableGasPriceGwei,
            billing.microLinkPerEth,
            billing.linkGweiPerObservation,
            billing.linkGweiPerTransmission
        );
    }

    /// @inheritdoc IOffchainAggregator
    function setBillingAccessController(address _billingAccessController) external override onlyOwner {
        _setBillingAccessController(_billingAccessController);
    }

    /// @inheritdoc IOffchainAggregator
    function billingAccessController() external view override returns (address) {
        return _billingController;
    }

    function _setBilling(Billing memory billing) internal {
        _billing = billing;
        emit BillingSet(
            billing.maximumGasPriceGwei,
            billing.reasonableGasPriceGwei,
            billing.microLinkPerEth,
            billing.linkGweiPerObservation,
            billing.linkGweiPerTransmission
        );
    }

    function _setBillingAccessController(address current) internal {
        address old = _billingController;
        if (old == current) return;
        _billingController = current;
        emit BillingAccessControllerSet(old, current);
    }

    function _requireBillingAdmin() private view {
        if (!_mayCall(_billingController)) revert(ErrorsLib.ONLY_OWNER_OR_BILLING_ADMIN);
    }

    // -- Credits --

    /// @dev Credits each observer of a report with one observation. Sets as `ObserversLib.toSet` gives them.
    function _creditObservers(uint256 low, uint256 high) internal {
        uint256 slot;
        assembly ("memory-safe") {
            slot := _observationCountsPlusOne.slot
        }
        _creditSixteen(slot, low);
        _creditSixteen(slot + 1, high);
    }

    function _creditSixteen(uint256 slot, uint256 set) private {
        // No observers among them: the word need not be read.
        if (set == 0) return;
        uint256 counters;
        assembly ("memory-safe") {
            counters := sload(slot)
        }
        counters = ObserversLib.credited(counters, set);
        assembly ("memory-safe") {
            sstore(slot, counters)
        }
    }

    /// @dev Credits an oracle for gas and for the transmission itself.
    /// @param initialGas Gas when `transmit` began, below 2^32.
    function _creditTransmitter(uint256 index, uint256 initialGas) internal {
        Billing memory billing = _billing;
        uint256 priceGwei = ReimbursementLib.gasPriceGwei(
            tx.gasprice / 1 gwei, billing.reasonableGasPriceGwei, billing.maximumGasPriceGwei
        );
        uint256 gas = ReimbursementLib.ocr1UsedGas(initialGas, gasleft(), msg.data.length);
        uint256 costJuels = ReimbursementLib.ocr1GasCostJuels(gas, priceGwei, billing.microLinkPerEth);
        // At most 2^140 each time.
        unchecked {
            _reimbursementsPlusOneJuels[index] += costJuels + billing.linkGweiPerTransmission * JUELS_PER_LINK_GWEI;
        }
    }

    // -- Payouts --

    /// @inheritdoc IOffchainAggregator
    function withdrawPayment(address _transmitter) external override {
        if (msg.sender != _payeeOf[_transmitter]) revert(ErrorsLib.ONLY_PAYEE_CAN_WITHDRAW);
        (bool configured, uint256 index) = _hotVars.oracleSet.oracleOf(_transmitter);
        if (configured) _payOracle(_transmitter, index);
    }

    /// @inheritdoc IOffchainAggregator
    function owedPayment(address _transmitter) external view override returns (uint256) {
        (bool configured, uint256 index) = _hotVars.oracleSet.oracleOf(_transmitter);
        return configured ? _owedJuels(index) : 0;
    }

    /// @inheritdoc IOffchainAggregator
    function oracleObservationCount(address _signerOrTransmitter) external view override returns (uint16) {
        (bool configured, uint256 index) = _hotVars.oracleSet.oracleOf(_signerOrTransmitter);
        return configured ? _observationCountsPlusOne[index] - 1 : 0;
    }

    /// @dev Pays every configured oracle what it is owed, in oracle order.
    function _payOracles() internal {
        address[] memory oracles = _hotVars.oracleSet.transmitters();
        for (uint256 i = 0; i < oracles.length; ++i) {
            _payOracle(oracles[i], i);
        }
    }

    /// @dev Pays a configured oracle what it is owed. One that is owed nothing keeps its count: observations at a price
    /// of 0 are paid once the price rises.
    /// @param account Its transmitter or its signer: the one with the payee.
    function _payOracle(address account, uint256 index) internal {
        uint256 owedJuels = _owedJuels(index);
        if (owedJuels == 0) return;
        // The books are closed before the token is called.
        _observationCountsPlusOne[index] = 1;
        _reimbursementsPlusOneJuels[index] = 1;
        address payee = _payeeOf[account];
        address linkToken = _token;
        if (!LenientCallLib.transfer(linkToken, payee, owedJuels)) revert(ErrorsLib.INSUFFICIENT_FUNDS);
        emit OraclePaid(account, payee, owedJuels, linkToken);
    }

    /// @dev Juels owed to oracle `index`.
    function _owedJuels(uint256 index) private view returns (uint256) {
        // Neither is ever 0, and a count makes less than 2^80 juels.
        unchecked {
            uint256 observations = _observationCountsPlusOne[index] - 1;
            return observations * _billing.linkGweiPerObservation * JUELS_PER_LINK_GWEI
                + _reimbursementsPlusOneJuels[index] - 1;
        }
    }

    /// @dev Juels owed to all oracles. An observer that is not configured is credited too: whoever takes its place is
    /// owed that.
    function _dueJuels() private view returns (uint256 dueJuels) {
        for (uint256 i = 0; i < MAX_ORACLES; ++i) {
            dueJuels += _owedJuels(i);
        }
    }

    // -- Funds --

    /// @inheritdoc IOffchainAggregator
    function setLinkToken(address _linkToken, address _recipient) external override onlyOwner {
        address oldLinkToken = _token;
        if (oldLinkToken == _linkToken) return;
        // Reverts unless there is a token.
        ILinkToken(_linkToken).balanceOf(address(this));
        _payOracles();
        uint256 remainingJuels = ILinkToken(oldLinkToken).balanceOf(address(this));
        if (!LenientCallLib.transfer(oldLinkToken, _recipient, remainingJuels)) {
            revert(ErrorsLib.REMAINING_FUNDS_NOT_TRANSFERRED);
        }
        _setLinkToken(_linkToken);
    }

    /// @inheritdoc IOffchainAggregator
    function getLinkToken() external view override returns (address linkToken) {
        return _token;
    }

    /// @inheritdoc IOffchainAggregator
    function linkAvailableForPayment() external view override returns (int256 availableBalance) {
        // Neither comes near 2^255.
        return int256(ILinkToken(_token).balanceOf(address(this))) - int256(_dueJuels());
    }

    /// @inheritdoc IOffchainAggregator
    function withdrawFunds(address _recipient, uint256 _amount) external override {
        _requireBillingAdmin();
        address linkToken = _token;
        uint256 dueJuels = _dueJuels();
        uint256 balanceJuels = ILinkToken(linkToken).balanceOf(address(this));
        if (balanceJuels < dueJuels) revert(ErrorsLib.INSUFFICIENT_BALANCE);
        uint256 availableJuels = balanceJuels - dueJuels;
        uint256 amountJuels = _amount < availableJuels ? _amount : availableJuels;
        if (!LenientCallLib.transfer(linkToken, _recipient, amountJuels)) revert(ErrorsLib.INSUFFICIENT_FUNDS);
    }

    function _setLinkToken(address current) internal {
        emit LinkTokenSet(_token, current);
        _token = current;
    }

    // -- Payees --

    /// @inheritdoc IOffchainAggregator
    function setPayees(address[] calldata _transmitters, address[] calldata _payees) external override onlyOwner {
        if (_transmitters.length != _payees.length) revert(ErrorsLib.PAYEES_LENGTH_MISMATCH);
        for (uint256 i = 0; i < _transmitters.length; ++i) {
            address transmitter = _transmitters[i];
            address payee = _payees[i];
            address current = _payeeOf[transmitter];
            if (current == payee) continue;
            if (current != address(0)) revert(ErrorsLib.PAYEE_ALREADY_SET);
            _payeeOf[transmitter] = payee;
            emit PayeeshipTransferred(transmitter, current, payee);
        }
    }

    /// @inheritdoc IOffchainAggregator
    function transferPayeeship(address _transmitter, address _proposed) external override {
        if (msg.sender != _payeeOf[_transmitter]) revert(ErrorsLib.ONLY_PAYEE_CAN_UPDATE);
        if (msg.sender == _proposed) revert(ErrorsLib.PAYEESHIP_TO_SELF);
        if (_proposedPayeeOf[_transmitter] == _proposed) return;
        _proposedPayeeOf[_transmitter] = _proposed;
        emit PayeeshipTransferRequested(_transmitter, msg.sender, _proposed);
    }

    /// @inheritdoc IOffchainAggregator
    function acceptPayeeship(address _transmitter) external override {
        if (msg.sender != _proposedPayeeOf[_transmitter]) revert(ErrorsLib.ONLY_PROPOSED_PAYEE);
        address previous = _payeeOf[_transmitter];
        _payeeOf[_transmitter] = msg.sender;
        _proposedPayeeOf[_transmitter] = address(0);
        emit PayeeshipTransferred(_transmitter, previous, msg.sender);
    }
}
