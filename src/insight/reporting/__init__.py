"""From an executed notebook to a page, its record and the site around it."""
