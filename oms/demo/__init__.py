"""`oms demo`: the whole hub with simulated platforms; set-up, traffic, the scripted main job and its comparison."""
