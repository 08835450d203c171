"""Rows whose present state matters: it is looked at before they are written, so that people's work stays."""
