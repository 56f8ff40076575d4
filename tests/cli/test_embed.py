"""What the build puts into the program."""
import os
import subprocess

from vitae import ROOT


def embed(tmp_path, pages):
    return subprocess.run([os.path.join(ROOT, "tools", "embed-tree"), tmp_path / "out.c", tmp_path / "out.d", tmp_path / "work", pages],
                          capture_output=True, text=True, timeout=60)


def test_a_console_that_was_not_built_fails_the_build(tmp_path):
    pages = tmp_path / "dist"
    for _ in range(2):  # first there is no folder, then an empty one
        r = embed(tmp_path, pages)
        assert r.returncode == 1 and "tools/setup builds the console" in r.stderr
        pages.mkdir(exist_ok=True)
    assert not (tmp_path / "out.c").exists()


def test_every_page_is_named(tmp_path):
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    for name in ("index.html", "assets/app.js"):
        (tmp_path / "dist" / name).write_text("text of " + name)
    assert embed(tmp_path, tmp_path / "dist").returncode == 0
    table = (tmp_path / "out.c").read_text()
    assert '{"index.html", ' in table and '{"assets/app.js", ' in table
    assert str(tmp_path / "dist" / "assets/app.js") in (tmp_path / "out.d").read_text()
