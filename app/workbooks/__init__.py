"""Needs and offers by XLSX workbook, for work without a connection."""
