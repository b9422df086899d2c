"""How a scripted run ended: the table for people and the JSON file for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

WORDS = {
    "platform_orders": "平台订单 · orders on the platform",
    "captured": "已归集 · captured",
    "parked": "曾待处理 · parked",
    "still_parked": "仍待处理 · still parked",
    "auto_passed": "自动审核 · passed by rules",
    "reviewed": "人工审核 · passed by people",
    "merged_orders": "合单订单 · merged orders",
    "split_orders": "拆单订单 · split orders",
    "dispatched": "已下发发货单 · fulfilments handed over",
    "shipped": "已发货订单 · orders shipped",
    "written_back": "已回传订单 · orders written back",
    "stopped": "已截停订单 · orders stopped",
    "too_late": "截停失败订单 · stopped too late, flagged",
    "seconds": "秒 · seconds",
}


@dataclass
class Report:
    """The numbers of a run by name, what differed, what was left and where."""

    numbers: dict[str, Any]
    differences: list[str]
    left: list[str] = field(default_factory=list)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 when both ledgers and the hub agree and nothing was left."""
        return 1 if self.differences or self.left else 0

    def write(self, path: Path) -> None:
        """Write FILE for programs."""
        document = {**self.numbers, **self.more, "differences": self.differences, "left": self.left}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")

    def show(self, console: Console) -> None:
        """Print the table, then what differs."""
        table = Table(title="一单到底 · One order all the way")
        table.add_column("")
        table.add_column("", justify="right")
        for name, words in WORDS.items():
            if name in self.numbers:
                table.add_row(words, str(self.numbers[name]))
        console.print(table)
        for line in self.left:
            console.print(f"[yellow]left:[/yellow] {line}", highlight=False, soft_wrap=True)
        for sentence in self.differences:
            console.print(f"[red]differs:[/red] {sentence}", highlight=False, soft_wrap=True)
        count = len(self.differences)
        words = "[green]they agree[/green]"
        if self.exit_code:
            words = f"[red]{count} differences, {len(self.left)} left[/red]"
        console.print(f"Ledgers of the platform and the warehouse against the hub: {words}.", highlight=False)
