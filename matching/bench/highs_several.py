"""Child process of the benchmark: HiGHS, where several mentors are wanted by each."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np


def main(path: str, seconds: float) -> None:
    """Solve both objectives, one after the other, and print values and seconds of solving."""
    # Without stubs, and only installed for tests.
    highspy: Any = import_module("highspy")
    with np.load(path) as archive:
        data = {name: archive[name] for name in archive.files}
    mentee, mentor, score = data["mentee"], data["mentor"], data["score"]
    count, mentees, mentors = len(mentee), len(data["wanted"]), len(data["capacity"])
    infinite = highspy.kHighsInf
    spent = 0.0

    def solve(floor: int | None) -> float | None:
        """Total with everyone at the floor, or the highest floor; None when time is up."""
        nonlocal spent
        rows = [mentee, mentees + mentor, mentees + mentors + mentee]
        columns, values = [np.arange(count)] * 3, [np.ones(count), np.ones(count), score]
        if floor is None:
            rows.append(mentees + mentors + np.arange(mentees))
            columns.append(np.full(mentees, count))
            values.append(-np.ones(mentees))
        row, column, value = (np.concatenate(parts) for parts in (rows, columns, values))
        order = np.lexsort((column, row))
        start = np.searchsorted(row[order], np.arange(2 * mentees + mentors))
        model = highspy.Highs()
        for option, setting in (
            ("output_flag", False), ("mip_rel_gap", 0.0), ("mip_abs_gap", 0.0), ("threads", 1),
            ("time_limit", seconds),
        ):  # fmt: skip
            model.setOptionValue(option, setting)
        size = count + (floor is None)
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = size, 2 * mentees + mentors
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = score.astype(float) if floor is not None else np.eye(1, size, count)[0]
        program.col_lower_ = np.zeros(size)
        program.col_upper_ = np.append(np.ones(count), np.full(size - count, infinite))
        program.row_lower_ = np.concatenate(
            [np.full(mentees + mentors, -infinite), np.full(mentees, float(floor or 0))]
        )
        program.row_upper_ = np.concatenate(
            [data["wanted"], data["capacity"], np.full(mentees, infinite)]
        ).astype(float)
        program.integrality_ = [highspy.HighsVarType.kInteger] * count + [
            highspy.HighsVarType.kContinuous
        ] * (size - count)
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.append(start, len(row))
        program.a_matrix_.index_ = column[order]
        program.a_matrix_.value_ = value[order].astype(float)
        model.passModel(program)
        begin = time.perf_counter()
        model.run()
        spent += time.perf_counter() - begin
        done = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(model.getObjectiveValue()) if done else None

    lowest = solve(None)
    total = None if lowest is None else solve(round(lowest))
    values = None if lowest is None or total is None else [round(lowest), round(total)]
    print(json.dumps({"values": values, "seconds": spent}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
