"""工作台: where everybody begins, with what is wrong and what a team should know of."""
