"""Where policies are read from: files, folders, the library; and what is no policy is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foretell.logic.policy import sources
from foretell.logic.policy.sources import LARGEST, library, read_policies
from foretell.model.errors import PolicyError

RULE = "deny(p, X) :- pod(X)."


def refused(*names: object) -> str:
    """Why policies are refused."""
    with pytest.raises(PolicyError) as caught:
        read_policies(map(str, names))
    return str(caught.value)


def test_a_policy_of_the_library_is_read_by_its_name() -> None:
    (policy,) = read_policies(["keeps_ready"])
    assert policy.source == "keeps_ready"
    assert "deny(keeps_ready" in policy.text


def test_a_file_beside_it_is_meant_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("keeps_ready").write_text(RULE)
    assert read_policies(["keeps_ready"])[0].text == RULE


def test_a_folder_is_read_in_order_with_its_folders(tmp_path: Path) -> None:
    for name in ("b.lp", "a.lp", "more/c.lp", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"% {name}")
    found = read_policies([str(tmp_path), str(tmp_path / "a.lp")])
    assert [policy.text for policy in found] == ["% a.lp", "% b.lp", "% more/c.lp"]


def test_a_byte_order_mark_is_no_part_of_a_policy(tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_bytes(b"\xef\xbb\xbf" + RULE.encode())
    assert read_policies([str(path)])[0].text == RULE


def test_an_unknown_name_is_refused_with_what_may_be_meant() -> None:
    assert refused("keep_ready") == (
        "'keep_ready' is neither a file, nor a folder, nor a policy of the library: did you mean keeps_ready?"
    )
    assert "foretell check --library" in refused("zzz")


@pytest.mark.parametrize("name", ["../library/settles", "settles.lp", "sub/settles"])
def test_a_path_is_never_looked_for_in_the_library(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(name) == f"{name}: no such file or directory"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.lp"
    os.mkfifo(pipe)
    assert refused(pipe) == f"{pipe}: it is no file"
    assert refused("/dev/zero") == "/dev/zero: it is no file"


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_bytes(b"%" * LARGEST)
    assert len(read_policies([str(path)])[0].text) == LARGEST
    path.write_bytes(b"%" * 10 * 2**20)
    assert refused(path) == f"{path}: it is larger than 256 KiB"


def test_a_file_that_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "p.lp"
    path.write_bytes(b"% one\n% \xff\n")
    assert refused(path) == f"{path}:2:1: it isn't UTF-8"


def test_a_link_may_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret.lp", tmp_path / "policies"
    secret.write_text(RULE)
    folder.mkdir()
    (folder / "inside.lp").write_text(RULE)
    (folder / "also.lp").symlink_to("inside.lp")
    assert len(read_policies([str(folder)])) == 2
    (folder / "out.lp").symlink_to(secret)
    assert refused(folder) == f"{folder / 'out.lp'}: it leads out of its folder"


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "p.lp"
    link.symlink_to("nowhere")
    assert refused(link) == f"{link}: no such file or directory"
    link.unlink()
    link.symlink_to(link)
    assert "symbolic links" in refused(link)


def test_a_folder_without_policies_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}: there is no policy in it: expected files that end in .lp"


def test_a_folder_of_very_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_FILES", 2)
    for name in "abc":
        (tmp_path / f"{name}.lp").write_text(RULE)
    assert refused(tmp_path) == f"{tmp_path}: there are more than 2 policies in it"


def test_the_library_holds_at_least_ten() -> None:
    assert len(library()) >= 10
