"""GraphQL as a server speaks it: text to tree, a schema from its text, checks, inputs, cost and execution.

Nothing here knows a platform: the schema and the functions behind its fields are given from outside.
"""
