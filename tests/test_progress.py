"""Whatever takes over two seconds shows that it goes on, on a terminal and nowhere else."""

from __future__ import annotations

import io
import sys
import time

import pytest

from adamref import progress


class Terminal(io.StringIO):
    """A standard error that is a terminal, or is none."""

    def __init__(self, *, real=True):
        super().__init__()
        self.real = real

    def isatty(self):
        return self.real


@pytest.fixture
def patience(monkeypatch):
    """Wait no two seconds in a test."""
    monkeypatch.setattr(progress, "PATIENCE_S", 0.02)
    monkeypatch.setenv("TERM", "xterm")


def shown_of(monkeypatch, work, *, real=True):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal(real=real))
    work()
    return terminal.getvalue()


def takes_long():
    with progress.alive("proving"):
        time.sleep(0.3)


def is_quick():
    with progress.alive("proving"):
        pass


def has_parts():
    with progress.alive("proving"):
        for _ in progress.tracked(range(4), "theorems", 4):
            time.sleep(0.1)


@pytest.mark.usefixtures("patience")
def test_what_takes_long_says_what_it_does(monkeypatch):
    assert "proving" in shown_of(monkeypatch, takes_long)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("work", [takes_long, has_parts])
def test_nothing_is_shown_where_nobody_looks(monkeypatch, work):
    assert shown_of(monkeypatch, work, real=False) == ""


@pytest.mark.usefixtures("patience")
def test_a_bar_takes_its_place(monkeypatch):
    said = shown_of(monkeypatch, has_parts)
    assert "theorems" in said.rpartition("proving")[2]
    assert progress._signs._shown is None


@pytest.mark.usefixtures("patience")
def test_what_follows_a_bar_shows_that_it_goes_on(monkeypatch):
    """A check looks for a cause once all probes are run; a book is written; Coq is last."""

    def has_parts_and_more():
        with progress.alive("proving"):
            for _ in progress.tracked(range(3), "theorems", 3):
                time.sleep(0.05)
            time.sleep(0.3)

    said = shown_of(monkeypatch, has_parts_and_more)
    assert "proving" in said.rpartition("theorems")[2]
    assert (progress._signs._shown, progress._signs._timer) == (None, None)


@pytest.mark.usefixtures("patience")
def test_once_it_ends_a_bar_brings_no_sign_back(monkeypatch):
    def bar_alone():
        for _ in progress.tracked(range(3), "theorems", 3):
            time.sleep(0.05)
        time.sleep(0.1)

    said = shown_of(monkeypatch, lambda: (is_quick(), bar_alone()))
    assert "theorems" in said
    assert "proving" not in said


def test_of_what_is_quick_nothing_is_shown(monkeypatch):
    assert shown_of(monkeypatch, is_quick) == ""


@pytest.mark.usefixtures("patience")
def test_it_goes_away_where_the_work_fails(monkeypatch):
    def fails():
        with progress.alive("proving"):
            time.sleep(0.1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shown_of(monkeypatch, fails)
    assert (progress._signs._shown, progress._signs._timer) == (None, None)
