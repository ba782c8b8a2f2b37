"""Every equation against a plain loop over its indices, and the page that maps them."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from advalorem.world import equations as eq

ROOT = Path(__file__).resolve().parents[2]
N, J = 3, 2
RNG = np.random.default_rng(7)


def share(shape, axis):
    values = RNG.uniform(0.1, 1.0, shape)
    return values / values.sum(axis=axis, keepdims=True)


PI = share((N, N, J), 1)
TAU, TAU_NEW = RNG.uniform(0, 0.4, (2, N, N, J))
D_HAT = RNG.uniform(0.8, 1.2, (N, N, J))
KAPPA = (1 + TAU_NEW) / (1 + TAU) * D_HAT
THETA = np.array([3.0, 8.0])
TECH = share((N, J + 1, J), 1)
GAMMA, VA = TECH[:, :J], TECH[:, J]
ALPHA = share((N, J), 1)
W, P, A = RNG.uniform(0.8, 1.2, N), *RNG.uniform(0.8, 1.2, (2, N, J))
C = RNG.uniform(0.8, 1.2, (N, J))
X = RNG.uniform(50, 100, (N, J))
D = RNG.uniform(-3, 3, N)


def loop_cost(n, j):
    cost = W[n] ** VA[n, j] / A[n, j]
    for k in range(J):
        cost *= P[n, k] ** GAMMA[n, k, j]
    return cost


def loop_price(n, j):
    total = 0.0
    for i in range(N):
        total += PI[n, i, j] * (KAPPA[n, i, j] * C[i, j]) ** -THETA[j]
    return total ** (-1 / THETA[j])


def loop_share(n, i, j):
    return PI[n, i, j] * (C[i, j] * KAPPA[n, i, j] / loop_price(n, j)) ** -THETA[j]


def loop_sales(i, j):
    total = 0.0
    for n in range(N):
        total += loop_share(n, i, j) / (1 + TAU_NEW[n, i, j]) * X[n, j]
    return total


def loop_purchases(n, j):
    total = 0.0
    for i in range(N):
        total += loop_share(n, i, j) / (1 + TAU_NEW[n, i, j]) * X[n, j]
    return total


def loop_expenditure(n, j, income):
    total = ALPHA[n, j] * income[n]
    for k in range(J):
        total += GAMMA[n, j, k] * loop_sales(n, k)
    return total


def table(function, *sizes):
    return np.array([function(*at) for at in np.ndindex(*sizes)]).reshape(sizes)


@pytest.fixture(scope="module")
def weight():
    return eq.trade_weight(PI, eq.kappa_hat(TAU, TAU_NEW, D_HAT), THETA)


@pytest.fixture(scope="module")
def cost():
    return eq.cost_power(np.log(C), THETA)


def test_kappa_hat():
    loop = table(
        lambda n, i, j: (1 + TAU_NEW[n, i, j]) / (1 + TAU[n, i, j]) * D_HAT[n, i, j], N, N, J
    )
    np.testing.assert_allclose(eq.kappa_hat(TAU, TAU_NEW, D_HAT), loop, rtol=1e-14)


def test_input_cost_equation_10():
    found = eq.log_input_cost_hat(np.log(W), np.log(P), VA, GAMMA, np.log(A))
    np.testing.assert_allclose(np.exp(found), table(loop_cost, N, J), rtol=1e-13)


def test_price_equation_11(weight, cost):
    found = np.exp(eq.log_price_hat(eq.price_power(weight, cost), THETA))
    np.testing.assert_allclose(found, table(loop_price, N, J), rtol=1e-13)


def test_trade_share_equation_12(weight, cost):
    found = eq.trade_share(weight, cost, eq.price_power(weight, cost))
    np.testing.assert_allclose(found, table(loop_share, N, N, J), rtol=1e-13)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-13)


def test_sales_and_purchases(weight, cost):
    power, net = eq.price_power(weight, cost), weight / (1 + TAU_NEW)
    np.testing.assert_allclose(eq.sales(net, cost, power, X), table(loop_sales, N, J), rtol=1e-13)
    bought = eq.purchases(net, cost, power, X)
    np.testing.assert_allclose(bought, table(loop_purchases, N, J), rtol=1e-13)


def test_expenditure_equation_13():
    income = eq.income(W, X.sum(axis=1), D)
    np.testing.assert_allclose(income, [W[n] + X[n].sum() + D[n] for n in range(N)], rtol=1e-14)
    output = table(loop_sales, N, J)
    loop = table(lambda n, j: loop_expenditure(n, j, income), N, J)
    np.testing.assert_allclose(eq.expenditure(GAMMA, ALPHA, output, income), loop, rtol=1e-13)


def test_trade_balance_equation_14():
    bought, sold = table(loop_purchases, N, J), table(loop_sales, N, J)
    loop = [sum(bought[n]) - D[n] - sum(sold[n]) for n in range(N)]
    np.testing.assert_allclose(eq.balance_gap(bought, sold, D), loop, rtol=1e-12)


def test_real_wage_equation_15():
    def loop(n):
        return W[n] / math.prod(P[n, j] ** ALPHA[n, j] for j in range(J))

    found = eq.real_wage_hat(np.log(W), np.log(P), ALPHA)
    np.testing.assert_allclose(found, table(loop, N), rtol=1e-13)


def test_sectors_left_out_of_the_weights_are_bought_at_home(weight, cost):
    whole = weight.copy()
    whole[:, :, 1] = np.eye(N)
    cut = whole[:, :, :1]
    np.testing.assert_array_equal(eq.all_sectors(cut, J), whole)
    np.testing.assert_allclose(eq.price_power(cut, cost), eq.price_power(whole, cost))
    power = eq.price_power(whole, cost)
    np.testing.assert_allclose(eq.sales(cut, cost, power, X), eq.sales(whole, cost, power, X))


def test_equations_give_the_same_in_jax(weight, cost):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        power = eq.price_power(jax.numpy.asarray(weight), jax.numpy.asarray(cost))
        found = eq.sales(
            jax.numpy.asarray(weight), jax.numpy.asarray(cost), power, jax.numpy.asarray(X)
        )
    assert type(found).__module__.startswith("jax")
    np.testing.assert_allclose(found, eq.sales(weight, cost, np.asarray(power), X), rtol=1e-13)


def documented():
    """Rows of the table in docs/equations.md: equation, function, gives, axes."""
    text = (ROOT / "docs" / "equations.md").read_text(encoding="utf-8")
    rows = [line.strip("| \n").split("|") for line in text.splitlines() if line.startswith("| (")]
    return {re.search(r"`(\w+)`", row[1])[1]: [cell.strip() for cell in row] for row in rows}


def test_page_of_equations_names_every_function():
    assert set(documented()) == set(eq.__all__)


def test_page_of_equations_agrees_with_the_docstrings():
    for name, (number, _, _, axes, *_) in documented().items():
        text = getattr(eq, name).__doc__
        if number.strip("()").isdigit():
            assert f"eq. {number}" in text, name
        assert axes.strip("`") in text, name
