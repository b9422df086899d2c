"""试算: variants of how orders find their stock points, tried over real orders beside what is in force."""
