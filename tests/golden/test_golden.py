"""The numbers of a small seeded network stay what they were."""

import numpy as np
import pytest

from tests.golden.make_golden import FIELDS, FILE, tiny_output


@pytest.mark.parametrize("name", ["aonet", "aonet_lens"])
def test_tiny_network_gives_the_stored_tensors(name):
    output = tiny_output(name)
    with np.load(FILE) as stored:
        for field in FIELDS:
            expected = stored[f"{name}.{field}"]
            np.testing.assert_allclose(output[field], expected, atol=1e-4, err_msg=field)
