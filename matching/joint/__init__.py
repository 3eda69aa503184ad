"""One plan of mentorships, study visits, missions and trainings together.

``build`` turns an Instance into a :class:`~matching.joint.model.JointProblem`; ``plan`` solves
it; ``matching.joint.check`` checks plans from the statement in ``model`` alone.
"""
