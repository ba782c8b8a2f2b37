"""Scenarios: typed, dated changes of law and of the cost of trade.

Examples
--------
>>> from advalorem.law.load import load_lawbook
>>> from advalorem.scenario import Scenario, load_scenario
>>> book = load_lawbook()
>>> Scenario().apply(book) is book
True
>>> load_scenario("usmca-lapses").apply(book).version == book.version
False
"""

from advalorem.scenario.errors import OverlapError, ScenarioError
from advalorem.scenario.files import load_scenario, read_scenario, shipped, write_scenario
from advalorem.scenario.model import Scenario

__all__ = [
    "OverlapError",
    "Scenario",
    "ScenarioError",
    "load_scenario",
    "read_scenario",
    "shipped",
    "write_scenario",
]
