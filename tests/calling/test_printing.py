import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from centralino import calling
from centralino.calling.door import Happening
from centralino.calling.printing import SHOWN, printer


def printed(happening):
    out = io.StringIO()
    printer(Console(file=out, width=120, color_system=None), "caller")(happening)
    return out.getvalue()


def test_a_latency_is_shown_where_there_is_one():
    assert "hears speech after 640 ms" in printed(Happening(1500, "bot_speaks", detail={"latency_ms": 640}))
    assert printed(Happening(1500, "bot_speaks")).rstrip().endswith("hears speech")


def test_what_the_other_end_says_is_never_taken_for_markup_or_format():
    line = printed(Happening(10, "transcript", "[red]{by}[/red]", {"speaker": "bot"}))
    assert "bot: [red]{by}[/red]" in line


@pytest.mark.parametrize("by", ["us", "them", "lost"])
def test_who_ended_is_said_in_words(by):
    assert re.search(
        r"ended by (this end|the other end|a lost connection): done", printed(Happening(9, "ended", "done", {"by": by}))
    )


def test_everything_that_is_told_can_be_shown():
    sources = "".join(path.read_text() for path in Path(calling.__file__).parent.glob("*.py"))
    told = set(re.findall(r'(?:tell|Happening)\((?:0, )?"([a-z]\w*)"', sources)) | {"says", "keys"}
    assert told == set(SHOWN)
