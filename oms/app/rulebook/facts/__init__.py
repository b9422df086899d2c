"""The facts that rules may ask for, by what they speak of; each is bound to an order in memory and to one stored."""
