"""A `View` of a report, and one file per format that writes it: table, markdown, csv, json, html."""
