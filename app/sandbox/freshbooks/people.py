"""Made-up clients and goods of many countries: long, accented, right-to-left, and nameless ones."""

import random
from typing import Any

COUNTRIES = (
    ("USD", "USA", "Springfield", "IL"),
    ("EUR", "Deutschland", "Köln", "NRW"),
    ("GBP", "United Kingdom", "Llanfairpwllgwyngyll", "Wales"),
    ("CAD", "Canada", "Montréal", "Québec"),
    ("JPY", "日本", "東京", "東京都"),
    ("ILS", "ישראל", "תל אביב", ""),
    ("BRL", "Brasil", "São Paulo", "SP"),
)
FIRST = (
    "Zoë",
    "José",
    "Åsa",
    "Mary-Jane",
    "李",
    "Олена",
    "Nguyễn",
    "مريم",
    "Siobhán",
    "D'Arcy",
    "Œdipe",
    "Ünal",
)
LAST = (
    "O'Brien",
    "Müller",
    "Łukasiewicz",
    "García Márquez",
    "小林",
    "Шевченко",
    "van der Berg",
    "חן",
    "Smith",
)
FIRMS = (
    "{last} & Sons",
    "{last} GmbH & Co. KG",
    "Café {last}",
    "{last} “Quality” Ltd",
    "株式会社{last}",
    "Studio {first} 🎨",
    "{last}, {last} + Partners LLP",
)
GOODS = (
    ("Design", "Logo & brand sheet", "450.00"),
    ("Hosting", "One month of hosting", "19.99"),
    ("Werkvertrag", "Überarbeitung der Website", "1250.00"),
    ("Consulting", "Half a day, on site", "333.33"),
    ("翻訳", "日本語から英語へ", "0.15"),
    ("Photos", "Retouching, per picture", "7.50"),
)
PAYMENT_TYPES = ("Check", "Cash", "Bank Transfer", "Credit Card", "PayPal", "ACH", "VISA", "Other")


def a_client(chance: random.Random) -> dict[str, Any]:
    """Return the body of a new client: most have a firm, some only a name, some only an e-mail."""
    code, country, city, province = chance.choice(COUNTRIES)
    first, last = chance.choice(FIRST), chance.choice(LAST)
    number = chance.randrange(10**6)
    body = {"email": f"client{number}@example.com", "currency_code": code}
    if chance.random() < 0.05:  # noqa: PLR2004 - one in twenty gave an e-mail address only
        return body
    body |= {"fname": first, "lname": last, "bus_phone": f"+1 555 {number:07}"}
    body |= {"p_street": f"{number % 400 + 1} Main St.", "p_city": city, "p_province": province}
    body |= {"p_country": country, "p_code": f"{number % 90000 + 10000}"}
    if chance.random() < 0.8:  # noqa: PLR2004 - four in five have a firm
        body["organization"] = f"{chance.choice(FIRMS).format(first=first, last=last)} {number:06}"
    return body


def some_lines(chance: random.Random) -> list[dict[str, Any]]:
    """Return the bodies of one to three lines; some are taxed, some twice."""
    return [_line(chance) for _ in range(chance.choice((1, 1, 2, 3)))]


def _line(chance: random.Random) -> dict[str, Any]:
    name, description, cost = chance.choice(GOODS)
    line: dict[str, Any] = {
        "type": 0,
        "name": name,
        "description": description,
        "unit_cost": {"amount": cost},
    }
    line["qty"] = chance.choice(("1", "2", "2.5", "40"))
    taxes = chance.choice(((), (), ("VAT", "19"), ("GST", "5"), ("GST", "5", "PST", "9.975")))
    for place, (tax, percent) in enumerate(zip(taxes[::2], taxes[1::2], strict=True), start=1):
        line |= {f"taxName{place}": tax, f"taxAmount{place}": percent}
    return line
