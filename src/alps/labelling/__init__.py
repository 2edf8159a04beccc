"""People label: the project file, the server, and the page on which they answer."""
