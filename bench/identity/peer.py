"""Splink on the same labelled parties: its own comparisons, trained on the set it scores, as its documentation does."""

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on

from engine.identity.names import fold, name_of

COLUMNS = ("name", "city", "address", "phone", "email", "tax_id")


def predicted(parties):
    """Return the match probability of each pair that Splink's blocking brings together.

    It is given what we compare ourselves: the core of the name, trade and legal form apart, letters folded, the digits
    of numbers, and absent values null.
    """
    from splink.backends.duckdb import DuckDBAPI

    api = DuckDBAPI(duckdb.connect())
    frame = api.register(pa.table(_columns(parties)))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8]),
            cl.ExactMatch("trade"),
            cl.ExactMatch("form"),
            cl.ExactMatch("city"),
            cl.JaroWinklerAtThresholds("address", [0.95, 0.88]),
            cl.ExactMatch("phone"),
            cl.EmailComparison("email"),
            cl.ExactMatch("tax_id"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("phone"), block_on("email"), block_on("substr(name, 1, 5)"), block_on("domain"),
            block_on("tax_id"), block_on("address", "city"),
        ],
    )  # fmt: skip
    linker = Linker(frame, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("tax_id"), block_on("email", "name")], 0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("substr(name, 1, 5)"))
    rows = linker.inference.predict(threshold_match_probability=0.01).as_record_list()
    return {frozenset((row["unique_id_l"], row["unique_id_r"])): row["match_probability"] for row in rows}


def _columns(parties):
    found = {"unique_id": [party.id for party in parties], "domain": []}
    for name in COLUMNS:
        found[name] = [_prepared(name, getattr(party, name)) for party in parties]
    names = [name_of(party.name) for party in parties]
    found["name"] = [each.squeezed or None for each in names]
    found["trade"] = [" ".join(sorted(each.trades)) or None for each in names]
    found["form"] = [" ".join(sorted(each.forms)) or None for each in names]
    found["domain"] = [mail.partition("@")[2] if mail else None for mail in found["email"]]
    return found


def _prepared(name, value):
    if not value:
        return None
    if name == "phone":
        return "".join(letter for letter in value if letter.isdigit())[-9:]
    return value.lower() if name == "email" else fold(value)
