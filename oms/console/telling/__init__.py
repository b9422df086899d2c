"""How codes, events and holds read wherever they are met; the words of one room's pages live in that room."""
