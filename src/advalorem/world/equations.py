"""Caliendo-Parro equilibrium in relative changes, one function per numbered equation.

Read beside Caliendo and Parro (2015), Review of Economic Studies 82(1), equations (10) to (15)
and the welfare formula that follows them. Axes are always n importer, i exporter, j sector,
k input sector. A hat is new over old and has no unit; a prime is a new level.

Every function takes NumPy or JAX arrays and returns the same kind, so the solver, the gradients
and the batched solver share this one text. Nothing here iterates: see `solve`.

Two products of the data and the shock are formed once and reused in every evaluation:
`trade_weight` = pi kappa_hat^-theta and `net_weight` = trade_weight / (1 + tau'). With them one
evaluation needs only N x J exponentials and batched matrix-vector products. Sectors at the end in
which nobody trades may be left out of both weights; there everybody buys at home at c_hat.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "all_sectors",
    "balance_gap",
    "cost_power",
    "expenditure",
    "income",
    "kappa_hat",
    "log_input_cost_hat",
    "log_price_hat",
    "price_power",
    "purchases",
    "real_wage_hat",
    "sales",
    "trade_share",
    "trade_weight",
]

Array = Any


def kappa_hat(tau: Array, tau_new: Array, d_hat: Array) -> Array:
    """Change in the cost of crossing the border, (n, i, j); definition above eq. (10).

    kappa_hat = (1 + tau') / (1 + tau) d_hat, tariffs as fractions.

    >>> import numpy as np
    >>> kappa_hat(np.array([0.0]), np.array([0.25]), np.array([1.0]))
    array([1.25])
    """
    return (1.0 + tau_new) / (1.0 + tau) * d_hat


def trade_weight(pi: Array, kappa: Array, theta: Array) -> Array:
    """Return base shares weighted by what the border now costs, pi kappa_hat^-theta, (n, i, j).

    >>> import numpy as np
    >>> trade_weight(np.array([[[0.5]]]), np.array([[[2.0]]]), np.array([3.0]))
    array([[[0.0625]]])
    """
    xp = kappa.__array_namespace__()
    return pi * xp.exp(-theta * xp.log(kappa))


def log_input_cost_hat(
    log_w: Array, log_price: Array, value_added_share: Array, gamma: Array, log_productivity: Array
) -> Array:
    """Log change in the cost of the input bundle, (n, j); eq. (10).

    c_hat = w_hat^va prod_k P_hat_k^gamma_kj / A_hat, with `gamma` (n, k, j) and shares that sum
    to one over k with `value_added_share`. A_hat is a productivity shock, 1 in the paper.

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> log_input_cost_hat(np.log([2.0]), 0 * one, one, 0 * one[None], 0 * one)
    array([[0.69314718]])
    """
    xp = gamma.__array_namespace__()
    inputs = xp.matmul(xp.swapaxes(gamma, 1, 2), log_price[:, :, None])[:, :, 0]
    return value_added_share * log_w[:, None] + inputs - log_productivity


def cost_power(log_cost: Array, theta: Array) -> Array:
    """Input costs in the form in which they enter trade, c_hat^-theta, (n, j).

    >>> import numpy as np
    >>> cost_power(np.log([[2.0]]), np.array([2.0])).round(6)
    array([[0.25]])
    """
    xp = log_cost.__array_namespace__()
    return xp.exp(-theta * log_cost)


def price_power(weight: Array, cost: Array) -> Array:
    """Sum of eq. (11), P_hat^-theta = sum_i pi (kappa_hat c_hat)^-theta, (n, j).

    >>> import numpy as np
    >>> price_power(np.array([[[0.25], [0.75]]]), np.array([[1.0], [2.0]]))
    array([[1.75]])
    """
    return _over_exporters(weight, cost)


def log_price_hat(power: Array, theta: Array) -> Array:
    """Log change in importer n's price of sector j, (n, j); eq. (11).

    >>> import numpy as np
    >>> log_price_hat(np.array([[1.0]]), np.array([4.0])) + 0.0
    array([[0.]])
    """
    xp = power.__array_namespace__()
    return -xp.log(power) / theta


def trade_share(weight: Array, cost: Array, power: Array) -> Array:
    """Return the new expenditure shares pi', (n, i, j), which sum to one over i; eq. (12).

    >>> import numpy as np
    >>> weight, cost = np.array([[[0.25], [0.75]]]), np.array([[1.0], [2.0]])
    >>> trade_share(weight, cost, price_power(weight, cost)).sum()
    np.float64(1.0)
    """
    return weight * cost[None, :, :] / power[:, None, :]


def sales(net_weight: Array, cost: Array, power: Array, spending: Array) -> Array:
    """Sales of i in all markets, domestic too, net of tariffs, (i, j); inner sum of eq. (13).

    Y'_i = sum_n pi'_ni / (1 + tau'_ni) X'_n, with `spending` X' (n, j) in the economy's currency.

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> sales(one[None] / 1.25, one, one, 10 * one)
    array([[8.]])
    """
    return cost * _over_importers(net_weight, spending / power)


def purchases(net_weight: Array, cost: Array, power: Array, spending: Array) -> Array:
    """Purchases of n from all origins, domestic too, net of tariffs, (n, j); left of eq. (14).

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> purchases(one[None] / 1.25, one, one, 10 * one)
    array([[8.]])
    """
    return spending / power * _over_exporters(net_weight, cost)


def income(factor_income: Array, tariff_revenue: Array, deficit: Array) -> Array:
    """Income of n: factors, tariff revenue and deficit, (n); definition under eq. (13).

    >>> import numpy as np
    >>> income(np.array([100.0]), np.array([5.0]), np.array([-2.0]))
    array([103.])
    """
    return factor_income + tariff_revenue + deficit


def expenditure(gamma: Array, alpha: Array, output: Array, income: Array) -> Array:
    """Return the new expenditure on sector j, inputs and final use, (n, j); eq. (13).

    X'_j = sum_k gamma_jk Y'_k + alpha_j I', with Y' from `sales`.

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> expenditure(0.5 * one[None], one, 10 * one, np.array([5.0]))
    array([[10.]])
    """
    xp = gamma.__array_namespace__()
    return xp.matmul(gamma, output[:, :, None])[:, :, 0] + alpha * income[:, None]


def balance_gap(bought: Array, sold: Array, deficit: Array) -> Array:
    """Purchases less deficit less sales, (n), zero in equilibrium; eq. (14).

    >>> import numpy as np
    >>> balance_gap(np.array([[12.0]]), np.array([[10.0]]), np.array([2.0]))
    array([0.])
    """
    return bought.sum(axis=1) - deficit - sold.sum(axis=1)


def real_wage_hat(log_w: Array, log_price: Array, alpha: Array) -> Array:
    """Change in the real wage, w_hat / prod_j P_hat_j^alpha_j, (n); left of eq. (15).

    >>> import numpy as np
    >>> real_wage_hat(np.log([1.1]), np.log([[1.1]]), np.array([[1.0]]))
    array([1.])
    """
    xp = log_price.__array_namespace__()
    return xp.exp(log_w - (alpha * log_price).sum(axis=1))


def all_sectors(weight: Array, sectors: int) -> Array:
    """Return weights for all sectors, (n, i, j): those left out are one at home, zero abroad.

    >>> import numpy as np
    >>> all_sectors(np.full((2, 2, 1), 0.5), 2)[0]
    array([[0.5, 1. ],
           [0.5, 0. ]])
    """
    missing = sectors - weight.shape[2]
    if missing == 0:
        return weight
    xp = weight.__array_namespace__()
    home = xp.broadcast_to(xp.eye(weight.shape[0])[:, :, None], (*weight.shape[:2], missing))
    return xp.concatenate([weight, home], axis=2)


def _over_exporters(weight: Array, values: Array) -> Array:
    """Sum over i of weight (n, i, j) times values (i, j)."""
    return _with_home(_by_sector(weight, (2, 0, 1), values), values)


def _over_importers(weight: Array, values: Array) -> Array:
    """Sum over n of weight (n, i, j) times values (n, j)."""
    return _with_home(_by_sector(weight, (2, 1, 0), values), values)


def _by_sector(weight: Array, axes: tuple[int, int, int], values: Array) -> Array:
    """Return the matrix-vector product of every sector that `weight` holds, (n, j)."""
    xp = weight.__array_namespace__()
    columns = values.T[: weight.shape[2], :, None]
    return xp.matmul(xp.permute_dims(weight, axes), columns)[:, :, 0].T


def _with_home(products: Array, values: Array) -> Array:
    """Add the sectors that are not traded, in which everybody buys at home."""
    if products.shape[1] == values.shape[1]:
        return products
    xp = products.__array_namespace__()
    return xp.concatenate([products.T, values.T[products.shape[1] :]], axis=0).T
