"""A company's register of claims, kept in Excel: read, understood, judged row by row.

`reader` opens the file, `columns` tells what each column means, `cells` reads one cell,
`validation` makes claims of rows or says what is wrong with them. None of these touches the database.
"""
