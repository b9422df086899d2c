"""Money of invented trades: fen split so that parts add up, and fen as the text of yuan."""

from collections.abc import Sequence


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals: 19820 → "198.20"."""
    if fen < 0:
        return "-" + yuan(-fen)
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: str) -> int:
    """Yuan text as fen: "198.20" → 19820."""
    whole, _, rest = text.lstrip("-").partition(".")
    amount = int(whole) * 100 + int((rest + "00")[:2])
    return -amount if text.startswith("-") else amount


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount split in proportion to weights; the largest remainders take what is left over."""
    total = sum(weights)
    if amount == 0 or total == 0:
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % total), n))
    for n in by_remainder[: amount - sum(parts)]:
        parts[n] += 1
    return parts
