"""Record to rows: fields, stages, roll-ups. Pure, total, and short enough to check against the screen."""
