"""One org's REST API: logged in, asked, queried."""
