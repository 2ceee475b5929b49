"""The sheets of the pool workbook, one a file."""
