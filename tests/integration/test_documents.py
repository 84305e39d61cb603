"""The documents' examples, executed: a flow's blocks are written to a folder and played."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from stripe_flows.tasks.settings import Settings
from stripe_flows.testing import play

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLOW = re.compile(r"# flows/(\S+)\.py\n")


def blocks(text: str, language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(text) if name == language]


@pytest.fixture
def written(flows_folder: Path) -> Path:
    """The README's flows, beside those of a fresh clone."""
    shutil.copytree(ROOT / "flows", flows_folder, dirs_exist_ok=True)
    for body in blocks(README, "python"):
        named = FLOW.match(body)
        if named:
            (flows_folder / f"{named[1]}.py").write_text(body)
    return flows_folder


def test_the_readmes_flow_prints_what_the_readme_says(written: Path) -> None:
    (output,) = blocks(README, "output")
    answers = [{"id": "cus_1"}, {"id": "pi_1", "status": "requires_payment_method"}]
    played = play("welcome", params={"email": "j@example.com"}, answers=answers, flows_dir=written)
    assert played.output == output
    assert len(played.flows) == 3


def test_the_readmes_flow_is_as_short_as_it_says(written: Path) -> None:
    lines = [
        line
        for path in written.glob("welcome*.py")
        for line in path.read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert 0 < len(lines) <= 10


def test_the_readmes_mistake_is_told_as_the_readme_says(written: Path) -> None:
    said = re.search(r"`(flows/welcome\.py:1: .*?)`", README, re.DOTALL)
    assert said is not None
    path = written / "welcome.py"
    lines = path.read_text().splitlines()[1:]  # without the line that names the file
    path.write_text("\n".join(lines).replace(".email(", ".emial("))
    with pytest.raises(Exception, match="emial") as caught:
        play("welcome", params={"email": "j@example.com"}, flows_dir=written)
    assert str(caught.value) == " ".join(said[1].split())


def test_the_readmes_test_passes(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (body,) = [b for b in blocks(README, "python") if "from stripe_flows.testing" in b]
    monkeypatch.chdir(written.parent)
    exec(compile(body, "README.md", "exec"), {})


def test_every_file_that_the_documents_name_exists() -> None:
    missing = []
    for document in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
            if "://" not in link and not (document.parent / link).exists():
                missing.append(f"{document.name}: {link}")
    assert missing == []


def test_every_page_is_listed_at_the_end_of_the_readme() -> None:
    _, _, index = README.partition("\n## More to read\n")
    pages = {str(page.relative_to(ROOT)) for page in DOCUMENTS} - {"README.md"}
    assert set(re.findall(r"\]\(([^)]+)\)", index)) == pages


def test_the_layout_in_the_readme_has_every_folder_of_the_product_and_no_other() -> None:
    (layout,) = [body for body in blocks(README, "") if body.startswith("celeryconfig.py")]
    named, top = set(), ""
    for line in layout.splitlines():
        for name in re.findall(r"^[\w./]+|(?<=  )[\w.]+[/.](?:py)?(?=  )", line):
            top = name if not line.startswith(" ") else top
            named.add(top + name if line.startswith(" ") else name)
    assert [name for name in named if not (ROOT / name).exists()] == []
    folders = {
        f"{path.parent.relative_to(ROOT)}/"
        for floor in ("cli", "local", "dashboard", "simulator", "tasks", "engine")
        for path in (ROOT / floor).rglob("__init__.py")
        if path.parent == ROOT / floor or floor in ("tasks", "engine")
    }
    assert folders - named == set()


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    missing = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"STRIPE_FLOWS_{name.upper()}"
        if f"`{variable}`" not in text:
            missing.append(variable)
    assert missing == []
