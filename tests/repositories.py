"""git repositories of tests, with an author of their own and outside any repository around them."""

import subprocess
from pathlib import Path

import pytest

AUTHOR = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]


def git_in(folder: Path | None, *arguments: str) -> str:
    """Run git in a folder (None: the current one), and return what it prints."""
    command = ["git", *AUTHOR, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def git(*arguments: str) -> str:
    """Run git in the current folder, and return what it prints."""
    return git_in(None, *arguments)


def start_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty repository the current folder."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.delenv("GIT_DIR", raising=False)
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q", "-b", "main")
    return folder
