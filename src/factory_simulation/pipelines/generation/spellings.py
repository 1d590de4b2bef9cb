"""How people and systems spell one name in many ways.

The first spelling is always the clean one. The pipeline does not know these lists: it matches
names by what all spellings share.
"""

_ABBREVIATION_LENGTH = 3


def product_spellings(product_name: str) -> list[str]:
    """Return the clean name of a product and fourteen other ways to write it."""
    words = product_name.split()
    lower = [word.lower() for word in words]
    return [
        product_name,
        "".join(words),
        "_".join(lower),
        "_".join(lower).upper(),
        " ".join(lower),
        product_name.upper(),
        f"{product_name}s",
        "-".join(lower),
        "-".join(words),
        "".join([lower[0], *words[1:]]),
        f" {product_name} ",
        "  ".join(words),
        f"{'_'.join(lower)}s",
        f"{'-'.join(words)}s".upper(),
        ".".join(words),
    ]


def machine_spellings(machine_id: str) -> list[str]:
    """Return the clean id of a machine and eight other ways to write it."""
    kind, digits = machine_id.split("-")
    number = int(digits)
    abbreviation = _consonants(kind)[:_ABBREVIATION_LENGTH].capitalize()
    return [
        machine_id,
        f"{kind}_{digits}",
        f"{kind.capitalize()}-{number}",
        f"{kind.capitalize()} #{number}",
        f"{kind.lower()}{number}",
        f"{kind.capitalize()} {digits}",
        f"{kind}{digits}",
        f"{kind.lower()}-{number:03d}",
        f"{abbreviation}-{number}",
    ]


def _consonants(word: str) -> str:
    """Return the first letter and the later consonants, doubled ones once."""
    kept = word[0]
    for letter in word[1:]:
        if letter not in "AEIOU" and letter != kept[-1]:
            kept += letter
    return kept


PRODUCT_SPELLING_COUNT = len(product_spellings("Iron Plate"))
MACHINE_SPELLING_COUNT = len(machine_spellings("SMELTER-01"))
