"""The one package that knows Faust: its agents, tables and transport, bent to our promises."""
