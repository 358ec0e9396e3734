"""The sentence of every rule: what is wrong and what to do, with named placeholders.

Nothing is translated here. Whoever shows a problem translates the sentence, then fills it with
`Problem.sentence_values()`, where `field` is replaced by the field's name in the reader's language.
"""

from __future__ import annotations

import re


def N_(message: str) -> str:  # noqa: N802  the usual name, by which the extraction finds it
    """Marks a sentence for the catalogue."""
    return message


FILE_MESSAGES = {
    "file_empty": N_("The file is empty. Check that you chose the right file and that it was saved."),
    "file_too_large": N_(
        "The file has %(size)s MB; at most %(limit)s MB can be read. "
        "Delete pictures and sheets that are not needed, or split the list."
    ),
    "file_encrypted": N_(
        "The file is protected by a password. Open it in Excel or WPS, remove the password and save it again."
    ),
    "file_html": N_(
        "The file is called a spreadsheet but is a web page, as some systems export it. "
        "Open it in Excel or WPS, save it as .xlsx and import that file."
    ),
    "file_other_format": N_("A file of the kind %(kind)s cannot be read. Save the list as .xlsx and import that file."),
    "file_not_table": N_("The file is not a table. Choose an .xlsx, .xls or .csv file."),
    "file_damaged": N_(
        "The file is damaged or incomplete. Open it in Excel or WPS and save it again as .xlsx, or ask for it again."
    ),
    "file_encoding": N_(
        "The characters of the text file cannot be read (neither UTF-8 nor GB18030). Save the list as .xlsx."
    ),
    "file_unpacks_too_large": N_(
        "Unpacked, the file would need more than %(limit)s MB. Copy the list into a new workbook and import that one."
    ),
    "file_too_heavy": N_(
        "Reading the file would need more memory than a list of people ever does. "
        "Copy the list into a new workbook and import that one."
    ),
    "file_too_slow": N_(
        "Reading the file takes far longer than its size explains, so it was stopped. "
        "Copy the list into a new workbook and import that one."
    ),
    "csv_quotes": N_(
        "From row %(row)s on a quotation mark is not closed, so that rows would run together. "
        "Correct the quotation marks there, or save the list as .xlsx."
    ),
    "too_many_rows": N_(
        "Sheet “%(sheet)s” has a value in row %(rows)s; at most %(limit)s rows can be read. "
        "Delete what stands far below the list, or split the list."
    ),
    "too_many_columns": N_(
        "Sheet “%(sheet)s” has a value in column %(columns)s; at most %(limit)s columns can be read. "
        "Delete what stands far to the right of the list."
    ),
}
FILE_MESSAGES |= {
    "no_list_found": N_(
        "No sheet of the file has the headings of a list. Put name, village and day of arrival as headings above "
        "the columns, or copy the rows into the empty template."
    ),
    "list_empty": N_("The list has headings but no rows. Add the people and give the file again."),
    "import_failed": N_(
        "The list could not be imported because of a fault of the program; nothing of it was written. "
        "Tell the administrator; the log has the reason."
    ),
}
SHEET_MESSAGES = {
    "sheet_skipped": N_(
        "Sheet “%(sheet)s” (%(rows)s rows) was not read: no headings of a list were found in it. "
        "If it holds people, give it the headings of the template."
    ),
    "missing_column": N_(
        "Sheet “%(sheet)s” has no column for %(field)s. Add the column, or name its heading as in the template."
    ),
    "unknown_column": N_(
        "Column %(column)s “%(value)s” of sheet “%(sheet)s” belongs to no known field; "
        "it is kept beside each row but not used. If it is needed, name its heading as in the template."
    ),
    "ambiguous_column": N_(
        "Column %(column)s “%(value)s” of sheet “%(sheet)s” means %(field)s like column %(used)s, "
        "which is used. "
        "If column %(column)s is the right one, rename the other."
    ),
    "rows_left_out": N_(
        "%(rows)s rows of sheet “%(sheet)s” are no people but totals, notes, examples or repeated headings, "
        "and were left out: row %(numbers)s. If a person is among them, write the row as the others are written."
    ),
    "possibly_truncated": N_(
        "Sheet “%(sheet)s” ends exactly at row %(rows)s, the last that its format can hold; "
        "the rest of the list may be cut off. Compare with the original, or split the list."
    ),
}
ROW_MESSAGES = {
    "no_name": N_("The name is missing. Add the person's name."),
    "name_digits": N_("The name “%(value)s” has digits in it. Write the name alone."),
    "name_too_long": N_(
        "“%(value)s” is too long for a name (at most %(limit)s characters). "
        "Leave only the name here; put the rest under remarks."
    ),
    "id_damaged": N_(
        "The identity number is stored as a number, which changes its last digits (%(value)s). "
        "Format the column as text and enter all 18 characters again from the document."
    ),
    "id_check": N_(
        "The check character of the identity number %(value)s is wrong, so at least one character "
        "is mistyped. "
        "Compare with the document."
    ),
    "id_date": N_("The identity number %(value)s holds an impossible date of birth. Compare with the document."),
    "id_format": N_(
        "“%(value)s” is not an identity number: 18 characters (15 on old documents), digits, at "
        "the end possibly X. "
        "Correct it, or leave it empty if there is no document."
    ),
    "no_village": N_("The village is missing. Add the village or community where the person lives now."),
    "unknown_village": N_(
        "“%(value)s” is not a village of %(area)s. Nearest names: %(nearest)s. "
        "Correct the name, or have the village added first."
    ),
    "unknown_unit": N_(
        "“%(value)s” is not one unit of this area. Write its name as in the organisation, or add the unit there first."
    ),
    "no_date": N_("%(field)s is missing. Enter the day, for example 2020-02-08."),
    "bad_date": N_(
        "“%(value)s” under %(field)s is not a possible date. Enter it as year-month-day, for example 2020-02-08."
    ),
    "ambiguous_date": N_(
        "“%(value)s” under %(field)s can mean %(first)s or %(second)s. "
        "Enter it as year-month-day, for example 2020-02-08."
    ),
    "date_without_year": N_(
        "“%(value)s” under %(field)s has no year. Enter it as year-month-day, for example 2020-02-08."
    ),
    "future_date": N_(
        "%(value)s under %(field)s lies after the day of the list (%(limit)s). Check year, month and day."
    ),
    "no_time": N_("%(field)s has no hour. Enter it, for example 14:30."),
    "bad_time": N_("“%(value)s” under %(field)s is not a possible time. Enter it, for example, as 14:30."),
    "bad_temperature": N_("“%(value)s” is not a temperature. Enter one number in °C, for example 36.5."),
    "temperature_range": N_(
        "A temperature of %(value)s °C is not possible (%(low)s to %(high)s). "
        "Check the decimal point, or measure again."
    ),
    "bad_phone": N_(
        "“%(value)s” is not a telephone number: 11 digits for a mobile, area code and number for a "
        "fixed line. "
        "Correct it or leave it empty."
    ),
    "bad_sex": N_("“%(value)s” is not a sex. Enter 男 or 女 (male or female), or leave it empty."),
    "sex_contradicts_id": N_(
        "The list says %(value)s, the identity number %(expected)s. Compare with the document and correct one of them."
    ),
    "birth_contradicts_id": N_(
        "The list gives %(value)s as date of birth, the identity number %(expected)s. "
        "Compare with the document and correct one of them."
    ),
    "origin_unknown": N_(
        "“%(value)s” cannot be placed in any province, city or county, so that a stay in a key "
        "area cannot be "
        "recognised. Write province and city in full, for example 山西省太原市."
    ),
    "text_became_date": N_(
        "The spreadsheet program took the text under %(field)s for a date (%(value)s). "
        "Format the column as text and enter it again."
    ),
    "place_unclear": N_(
        "“%(value)s” names no village of the area. The row waits until somebody says which village it belongs to."
    ),
    "cell_error": N_(
        "The cell under %(field)s shows %(value)s instead of a value. Repair the formula, or enter the value itself."
    ),
    "bad_residence": N_(
        "“%(value)s” is not a kind of residence. Enter permanent, mobile or special, or leave it empty."
    ),
    "unknown_care": N_(
        "“%(value)s” is no known reason of particular care. Use one of the words of the template, or the remarks."
    ),
    "unknown_grid": N_(
        "“%(value)s” is not a grid of the village. Use the grid's name or its code of 15 digits, "
        "or have the grid added first."
    ),
}
MESSAGES: dict[str, str] = {**FILE_MESSAGES, **SHEET_MESSAGES, **ROW_MESSAGES}


def placeholders(rule: str) -> set[str]:
    """The names that the sentence of the rule is filled with."""
    return set(re.findall(r"%\((\w+)\)s", MESSAGES[rule]))
