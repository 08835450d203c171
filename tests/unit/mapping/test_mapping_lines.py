"""Where a key stands in a TOML file."""

from streams.mapping.lines import line_of, lines_of

TEXT = '''edition = 1
# [not.a.table]
[ account ]
deleted = "write" # remark = 1
text = """
inside = 1
[neither]
"""

[account.fields]   # here
Name = "x"
"Quoted" = 'y'
dotted . key = 1
'''


def test_tables_and_keys_are_found_by_their_dotted_names() -> None:
    assert lines_of(TEXT) == {
        "edition": 1,
        "account": 3,
        "account.deleted": 4,
        "account.text": 5,
        "account.fields": 10,
        "account.fields.Name": 11,
        "account.fields.Quoted": 12,
        "account.fields.dotted.key": 13,
    }


def test_what_is_missing_stands_where_its_table_begins() -> None:
    lines = lines_of(TEXT)

    assert line_of(lines, "account.fields.Phone") == 10
    assert line_of(lines, "contact.fields.Phone") == 0
