"""The text of a CSV file as spreadsheets save it: UTF-8 or UTF-16; comma, semicolon or tab."""

from studyapp.errors import ImportFailed


def decode_csv(name: str, content: bytes) -> str:
    """Return the text of the file of that name. Raises ImportFailed where it is neither UTF-8 nor marked UTF-16."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise ImportFailed(f"{name} is not UTF-8 text: save it as CSV UTF-8") from None


def delimiter_of(text: str) -> str:
    """Return what parts the cells: the commonest of comma, semicolon and tab in the header.

    >>> delimiter_of("stimulus;fake_score\\none;0,5")
    ';'
    """
    return max(",;\t", key=text.split("\n", 1)[0].count)
