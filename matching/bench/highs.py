"""Child process of the benchmark: cover, worst-off minimum and total fit by HiGHS."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]


def main(path: str) -> None:
    """Solve the three objectives one after the other and print values and seconds of solving."""
    # Without stubs, and only installed for tests.
    highspy: Any = import_module("highspy")

    with np.load(path) as archive:
        data = {name: archive[name] for name in archive.files}
    mentee, mentor, capacity = data["mentee"], data["mentor"], data["capacity"]
    mentees = int(mentee.max()) + 1
    spent = 0.0

    def solver() -> Any:
        model = highspy.Highs()
        model.setOptionValue("output_flag", False)
        model.setOptionValue("mip_rel_gap", 0.0)
        model.setOptionValue("mip_abs_gap", 0.0)
        return model

    def solve(worth: Column, allowed: NDArray[np.bool_], at_least: int, lowest: bool) -> Column:
        """Binary per allowed pair; with ``lowest`` one more column holds the minimum."""
        model = solver()
        rows = np.flatnonzero(allowed)
        count = len(rows)
        for at in range(count):
            model.addCol(float(worth[rows[at]]), 0.0, 1.0, 0, [], [])
            model.changeColIntegrality(at, highspy.HighsVarType.kInteger)
        model.changeObjectiveSense(highspy.ObjSense.kMaximize)
        infinite = highspy.kHighsInf
        by_mentee = [np.flatnonzero(mentee[rows] == e) for e in range(mentees)]
        for mine in by_mentee:
            model.addRow(-infinite, 1.0, len(mine), mine.tolist(), [1.0] * len(mine))
        for o, room in enumerate(capacity.tolist()):
            mine = np.flatnonzero(mentor[rows] == o)
            model.addRow(-infinite, float(room), len(mine), mine.tolist(), [1.0] * len(mine))
        if at_least:
            model.addRow(float(at_least), infinite, count, list(range(count)), [1.0] * count)
        if lowest:
            top = float(data["satisfaction"].max())
            model.addCol(1.0, 0.0, top, 0, [], [])
            for mine in by_mentee:
                # lowest <= satisfaction of the pair, or anything when the mentee has none.
                slack = (top - data["satisfaction"][rows[mine]]).astype(float)
                model.addRow(-infinite, top, len(mine) + 1, [*mine.tolist(), count],
                             [*slack.tolist(), 1.0])  # fmt: skip
        nonlocal spent
        begin = time.perf_counter()
        model.run()
        spent += time.perf_counter() - begin
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(str(model.getModelStatus()))
        values = np.array(model.getSolution().col_value[:count])
        return rows[values > 0.5]

    every = np.ones(len(mentee), bool)
    none = np.zeros(len(mentee), np.int64)
    cover = len(solve(none + 1, every, 0, False))
    lowest = int(data["satisfaction"][solve(none, every, cover, True)].min())
    chosen = solve(data["fit"], data["satisfaction"] >= lowest, cover, False)
    values = [cover, lowest, int(data["fit"][chosen].sum())]
    print(json.dumps({"values": values, "seconds": spent}))


if __name__ == "__main__":
    main(sys.argv[1])
