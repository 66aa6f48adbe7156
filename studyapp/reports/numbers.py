"""Numbers as readers see them. Rounding happens here and nowhere before."""

DASH = "–"


def percent(value: float | None, digits: int = 1) -> str:
    """Return a fraction as a percentage, or a dash where there is none.

    >>> percent(0.4903), percent(None)
    ('49.0 %', '–')
    """
    return DASH if value is None else f"{number(100 * value, digits)} %"


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with a fixed number of digits and a true minus sign, or a dash.

    >>> number(-0.0695), number(None), number(-0.001)
    ('−0.07', '–', '0.00')
    """
    if value is None:
        return DASH
    text = f"{value:.{digits}f}"
    if float(text) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def p_value(value: float | None) -> str:
    """Return a p-value as journals print it, or a dash.

    >>> p_value(0.0412), p_value(4.6e-6), p_value(None)
    ('.041', '< .001', '–')
    """
    if value is None:
        return DASH
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def p_statement(value: float | None) -> str:
    """Return "p = .041" or "p < .001".

    >>> p_statement(0.5), p_statement(1e-9)
    ('p = .500', 'p < .001')
    """
    text = p_value(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def percent_interval(interval: dict[str, float] | None, digits: int = 1) -> str:
    """Return an interval of fractions as percentages, or a dash.

    >>> percent_interval({"low": 0.423, "high": 0.557})
    '42.3 to 55.7 %'
    """
    if interval is None:
        return DASH
    return f"{number(100 * interval['low'], digits)} to {number(100 * interval['high'], digits)} %"


def cut_to_shares(interval: dict[str, float] | None) -> tuple[dict[str, float] | None, str]:
    """Return the interval within [0, 1], and in words where it was cut; "" where it was not.

    The t interval of a mean of shares has no bounds, while the mean itself has.

    >>> cut_to_shares({"low": -0.384, "high": 1.05})
    ({'low': 0.0, 'high': 1.0}, 'cut at 0 and 100 %')
    >>> cut_to_shares({"low": 0.2, "high": 0.4})
    ({'low': 0.2, 'high': 0.4}, '')
    """
    if interval is None:
        return None, ""
    ends = ["0"] * (interval["low"] < 0) + ["100"] * (interval["high"] > 1)
    # An interval wholly outside cannot be: its middle is a mean of shares.
    shown = {"low": max(0.0, interval["low"]), "high": min(1.0, interval["high"])}
    return shown, f"cut at {' and '.join(ends)} %" if ends else ""


def number_interval(interval: dict[str, float] | None, digits: int = 2) -> str:
    """Return an interval of plain numbers, or a dash.

    >>> number_interval({"low": -0.1, "high": 0.5})
    '−0.10 to 0.50'
    """
    return DASH if interval is None else f"{number(interval['low'], digits)} to {number(interval['high'], digits)}"


def counted(n: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    >>> counted(1, "listener"), counted(3, "listener")
    ('1 listener', '3 listeners')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def file_size(n_bytes: int) -> str:
    """Return a size in powers of ten, as disks and downloads have it.

    >>> file_size(24_900_277), file_size(1_500), file_size(3)
    ('24.9 MB', '1.5 kB', '3 B')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes} B"
