"""mAP by the share of the body that is hidden."""

import math

import numpy as np
import pytest

from aonet_core.analysis.by_hidden import precision_by_hidden


def test_queries_fall_into_ranges_and_forms_are_compared_query_by_query():
    hidden = np.array([0.0, 0.29, 0.3, 0.49, 0.5, 1.0, np.nan, 0.1])
    plain = np.array([0.5, 0.7, 0.2, 0.4, 0.1, 0.3, 0.9, np.nan])
    weighted = np.array([0.6, 0.6, 0.3, 0.5, 0.5, 0.3, 0.0, np.nan])
    low, middle, high = precision_by_hidden({"unweighted": plain, "other": weighted}, hidden)
    assert [each["num_queries"] for each in (low, middle, high)] == [2, 2, 2]
    assert (low["above"], low["below"], high["above"], high["below"]) == (0.0, 0.3, 0.5, 1.0)
    assert low["mean_ap"] == {"unweighted": pytest.approx(0.6), "other": pytest.approx(0.6)}
    assert middle["mean_ap"] == {"unweighted": pytest.approx(0.3), "other": pytest.approx(0.4)}
    assert high["gain"] == {"other": pytest.approx(0.2)}
    assert middle["gain_interval"]["other"] == pytest.approx([0.1, 0.1])
    assert low["gain_interval"]["other"] == pytest.approx([-0.1, 0.1])


def test_a_range_without_queries_has_no_figures():
    ranges = precision_by_hidden({"unweighted": np.array([0.5]), "x": np.ones(1)}, np.array([0.2]))
    assert [each["num_queries"] for each in ranges] == [1, 0, 0]
    assert math.isnan(ranges[2]["mean_ap"]["x"]) and math.isnan(ranges[2]["gain"]["x"])
