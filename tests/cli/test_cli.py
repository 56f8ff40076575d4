"""The command line: every subcommand as somebody at a shell meets it."""
import io
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import tarfile

import documents
import pytest
import vitae
from vitae import API, PASSWORD, VITAE, wait_until

COMMANDS = ["serve", "parse", "import", "user", "backup", "restore", "copy", "files", "migrate", "config", "routes", "openapi"]


def run(*arguments, cwd=None, program=VITAE, stdin=None, text=True, **env):
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR")}
    keep["ASAN_OPTIONS"] = "abort_on_error=1:detect_leaks=0"
    return subprocess.run([program, *map(str, arguments)], cwd=cwd, input=stdin, text=text, capture_output=True,
                          start_new_session=True, timeout=120,
                          env={**keep, "BCRYPT_COST": "4", **{k: str(v) for k, v in env.items()}})


def on(server, *arguments, stdin=None, **env):
    """A subcommand on the instance of a server."""
    settings = {k: v for k, v in server.settings.items() if v is not None}
    return run(*arguments, cwd=server.directory, stdin=stdin, **{**settings, **env})


def lines_of(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def folder(tmp_path):
    """Résumés and what else lies about in a folder."""
    top = tmp_path / "inbox"
    (top / "deep" / "er").mkdir(parents=True)
    person = {**documents.PERSON, "name": "Amara Lindqvist", "email": "amara@example.org"}
    (top / "a.pdf").write_bytes(documents.pdf())
    (top / "deep" / "Lebenslauf Müller 日本.DOCX").write_bytes(documents.docx())
    (top / "deep" / "er" / "c.doc").write_bytes(documents.rtf(person))
    (top / "deep" / "copy of a.pdf").write_bytes(documents.pdf())
    (top / "broken.pdf").write_bytes(b"not a document at all")
    (top / "empty.docx").write_bytes(b"")
    (top / "~$c.docx").write_bytes(b"lock")
    (top / "notes.txt").write_bytes(b"not wanted")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "never.pdf").write_bytes(documents.unique_pdf())
    (top / "link").symlink_to(tmp_path / "outside")
    (top / "link.pdf").symlink_to(tmp_path / "outside" / "never.pdf")
    return top


# ---- the program itself ----

def test_help_is_what_no_arguments_give():
    for arguments in ([], ["--help"], ["-h"], ["help"]):
        r = run(*arguments)
        assert r.returncode == 0 and r.stderr == ""
        for name in COMMANDS:
            assert re.search(rf"^  {name} ", r.stdout, re.M)


def test_version():
    assert re.fullmatch(r"vitae \d+\.\d+\.\d+\n", run("--version").stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name):
    for arguments in ([name, "--help"], [name, "-h"], ["help", name]):
        r = run(*arguments)
        assert r.returncode == 0 and r.stderr == ""
        assert r.stdout.startswith(f"Usage: vitae {name}") and "Example" in r.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_man_page_knows_every_command(name):
    with open(os.path.join(vitae.ROOT, "docs", "vitae.1")) as f:
        page = f.read()
    assert re.search(rf"^\.It Cm {name}$", page, re.M)


def test_an_unknown_command_is_misuse():
    r = run("sreve")
    assert r.returncode == 2 and r.stdout == "" and "unknown command 'sreve'" in r.stderr and "Usage" in r.stderr


@pytest.mark.parametrize("arguments", [
    ["serve", "--port=1"], ["serve", "x"], ["parse"], ["parse", "-j", "0", "x"], ["parse", "-j", "x", "y"],
    ["parse", "--nonsense", "x"], ["import"], ["import", "a", "b"], ["import", "--team", "x", "a"],
    ["import", "--url", "http://127.0.0.1:1", "a"], ["import", "--username", "x", "a"],
    ["import", "--url", "http://127.0.0.1:1", "--token", "t", "--as", "x", "a"], ["user"], ["user", "frob"],
    ["backup"], ["backup", "a", "b"], ["restore"], ["restore", "--nonsense"], ["config", "x"], ["routes", "x"],
    ["openapi", "--x"],
])
def test_misuse_ends_with_two_and_a_hint(arguments, tmp_path):
    r = run(*arguments, cwd=tmp_path)
    assert r.returncode == 2 and r.stdout == "" and "--help" in r.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("arguments", [
    ["import", "."], ["user", "list"], ["user", "role", "a", "admin"], ["backup", "b.tar"]])
def test_commands_make_no_instance(arguments, tmp_path):
    r = run(*arguments, cwd=tmp_path)
    assert r.returncode == 1 and "no vitae in DATA_DIR" in r.stderr
    assert os.listdir(tmp_path) == []


def test_a_wrong_setting_stops_and_is_named(tmp_path):
    for command in (["serve"], ["parse", "x"], ["config"], ["user", "list"]):
        r = run(*command, cwd=tmp_path, PORT="eight")
        assert r.returncode == 1 and "PORT" in r.stderr


# ---- tables and settings ----

def test_routes_and_openapi_need_nothing(tmp_path):
    routes = json.loads(run("routes", cwd=tmp_path, PORT="eight").stdout)
    assert {"method", "path", "role"} <= set(routes[0])
    document = json.loads(run("openapi", cwd=tmp_path, PORT="eight").stdout)
    assert document["openapi"].startswith("3.") and f"{API}/auth/login" in document["paths"]
    assert os.listdir(tmp_path) == []


def test_a_reader_that_goes_away_is_told_of(tmp_path):
    with open("/dev/full", "w") as full:
        r = subprocess.run([VITAE, "openapi"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert r.returncode == 1 and "standard output" in r.stderr


def test_config_shows_settings_and_masks_secrets(tmp_path):
    r = run("config", cwd=tmp_path, PORT="8123", ADMIN_PASSWORD="very secret 1", SECRET_KEY="0123456789abcdef0123")
    assert r.returncode == 0 and re.search(r"^PORT=8123$", r.stdout, re.M) and "default: 8000" in r.stdout
    assert "very secret" not in r.stdout and "0123456789abcdef" not in r.stdout


# ---- serve ----

def test_an_invented_password_is_told_once_and_not_logged(fresh):
    server = fresh(ADMIN_PASSWORD=None)
    told = re.search(r"password (\S+)", "".join(server.said)).group(1)
    assert server.login("admin", told).get(f"{API}/users/me").status_code == 200
    data = server.data
    assert server.stop() == 0
    with open(os.path.join(data, "vitae.log")) as f:
        assert told not in f.read()
    with open(os.path.join(server.directory, "stderr")) as f:
        assert told not in f.read()
    server.start()
    assert "password" not in "".join(server.said)


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_with_zero(fresh, sig):
    assert fresh().stop(sig) == 0


def test_hangup_opens_the_log_anew(fresh):
    server = fresh()
    log = os.path.join(server.data, "vitae.log")
    os.rename(log, log + ".1")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: os.path.exists(log) and "opened anew" in open(log).read())
    assert server.anonymous().get("/health").status_code == 200
    assert server.stop() == 0
    assert "stopped" in open(log).read()


def test_a_taken_port_and_a_taken_directory_are_told(fresh, tmp_path):
    server = fresh()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        r = run("serve", cwd=tmp_path, PORT=s.getsockname()[1], DATA_DIR=tmp_path / "other")
    assert r.returncode == 1 and "Cannot listen" in r.stderr
    if server.engine == "postgresql":
        return  # several may share one
    r = on(server, "serve")
    assert r.returncode == 1 and "another vitae server" in r.stderr


def test_the_address_printed_is_one_to_open(fresh):
    server = fresh(HOST="::1")
    assert server.base.startswith("http://[::1]:")
    assert server.anonymous().get("/health").status_code == 200


# ---- parse ----

def test_parse_keeps_the_order_and_counts_failures(folder):
    names = [folder / "a.pdf", folder / "nothing.pdf", folder / "deep" / "Lebenslauf Müller 日本.DOCX",
             folder / "empty.docx", folder, folder / "broken.pdf", folder / "deep" / "er" / "c.doc"]
    r = run("parse", *names)
    got = lines_of(r)
    assert r.returncode == 1
    assert [g["file"] for g in got] == [str(n) for n in names]
    assert all(list(g) == ["file", "name", "email", "phone", "skills", "domain_knowledge", "error"] for g in got)
    assert [g["error"] is None for g in got] == [True, False, True, False, False, False, True]
    for g in got:
        if g["error"]:
            assert (g["name"], g["email"], g["phone"], g["skills"], g["domain_knowledge"]) == (
                None, None, None, [], None)
    assert got[0]["email"] == documents.PERSON["email"] and "Python" in got[0]["skills"]
    assert got[6]["email"] == "amara@example.org"


def test_parse_leaves_nothing_behind(folder, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    r = run("parse", folder / "a.pdf", cwd=work)
    assert r.returncode == 0 and os.listdir(work) == []


def test_parse_reads_names_from_standard_input(folder):
    r = run("parse", "-j", 3, folder / "a.pdf", "-", folder / "a.pdf",
            stdin=f"{folder}/deep/er/c.doc\n\n{folder}/deep/Lebenslauf Müller 日本.DOCX")
    assert r.returncode == 0
    assert [os.path.basename(g["file"]) for g in lines_of(r)] == [
        "a.pdf", "c.doc", "Lebenslauf Müller 日本.DOCX", "a.pdf"]


def test_parse_prints_the_profile_if_asked(folder):
    r = run("parse", "--profile", folder / "a.pdf", folder / "empty.docx")
    good, bad = lines_of(r)
    assert list(good)[-1] == "profile" and good["profile"]["email"]["value"] == documents.PERSON["email"]
    assert 0 < good["profile"]["email"]["confidence"] <= 1 and good["profile"]["email"]["evidence"]["page"] == 1
    assert bad["profile"] is None and bad["error"]


def test_many_files_come_in_their_order(folder):
    names = [str(folder / n) for n in ("a.pdf", "broken.pdf", "deep/er/c.doc")] * 400
    r = run("parse", "-j", 8, "-", stdin="\n".join(names))
    assert [g["file"] for g in lines_of(r)] == names


def test_no_bar_where_no_terminal_is(folder):
    assert run("parse", folder / "a.pdf").stderr == ""


PARSER = r"""#!/usr/bin/python3
import json, os, socket, struct, sys, time
here = os.path.dirname(os.path.abspath(__file__))
open(here + "/starts", "a").write("x")
sock = socket.socket(fileno=3)
def send(kind, value):
    p = json.dumps(value).encode()
    sock.sendall(struct.pack("<IB", len(p), kind) + p)
send(3, {"landlock": 1})
while True:
    head, fds, _, _ = socket.recv_fds(sock, 5, 1)
    if not head:
        sys.exit(0)
    while len(head) < 5:
        head += sock.recv(5 - len(head))
    size = struct.unpack("<IB", head)[0]
    body = b""
    while len(body) < size:
        body += sock.recv(size - len(body))
    name = json.loads(body)["file_name"]
    open(here + "/asked-" + name, "a").write("x")
    if name.startswith("die"):
        os._exit(7)
    while name.startswith("hang") or (name.startswith("wait") and not os.path.exists(here + "/go")):
        time.sleep(0.01)
    send(2, {"error": "read " + name})
    for fd in fds:
        os.close(fd)
"""


@pytest.fixture
def stand_in(tmp_path):
    """A copy of the program beside a parser that does as the file's name says."""
    here = tmp_path / "bin"
    here.mkdir()
    shutil.copy(VITAE, here / "vitae")
    (here / "vitae-parser").write_text(PARSER)
    (here / "vitae-parser").chmod(0o755)

    def make(*names):
        for n in names:
            (tmp_path / n).write_bytes(b"x")
        return [str(tmp_path / n) for n in names]
    return here, make


def test_a_document_that_kills_its_parser_gets_a_line_after_one_retry(stand_in):
    here, make = stand_in
    r = run("parse", "-j", 1, *make("a", "die", "b"), program=here / "vitae")
    assert r.returncode == 1
    assert ["stopped the reader twice" in g["error"] for g in lines_of(r)] == [False, True, False]
    assert (here / "asked-die").read_text() == "xx" and (here / "asked-b").read_text() == "x"


def test_a_document_that_takes_too_long_gets_a_line(stand_in):
    here, make = stand_in
    r = run("parse", *make("hang", "b"), program=here / "vitae", PARSER_TIMEOUT=1)
    assert ["too long" in g["error"] for g in lines_of(r)] == [True, False]


def test_a_slow_document_holds_up_the_printing_but_not_the_reading(stand_in):
    here, make = stand_in
    names = make("wait", *(f"n{i}" for i in range(40)))
    p = subprocess.Popen([here / "vitae", "parse", "-j", "2", *names], stdout=subprocess.PIPE, text=True)
    wait_until(lambda: (here / "asked-n39").exists())
    (here / "go").write_text("")
    out, _ = p.communicate(timeout=60)
    assert [json.loads(line)["file"] for line in out.splitlines()] == names and p.returncode == 1


def test_without_a_parser_there_is_one_complaint(stand_in):
    here, make = stand_in
    (here / "vitae-parser").write_text("#!/bin/sh\nexit 3\n")
    r = run("parse", *make("a", "b"), program=here / "vitae")
    assert r.returncode == 1 and r.stdout == "" and len(r.stderr.splitlines()) == 1
    (here / "vitae-parser").unlink()
    r = run("parse", *make("a", "b"), program=here / "vitae")
    assert r.returncode == 1 and r.stdout == "" and "vitae-parser" in r.stderr


# ---- user ----

def test_users_are_added_and_listed(fresh):
    server = fresh()
    r = on(server, "user", "add", "--username", "grace", "--email", "grace@example.com", "--role", "recruiter",
           "--full-name", "Gräce Hopper", "--password-stdin", stdin="correct horse 7\n")
    assert r.returncode == 0 and "grace" in r.stdout, r.stderr
    client = server.login("grace", "correct horse 7")
    me = client.get(f"{API}/users/me").json()
    assert (me["role"], me["full_name"], me["team_id"]) == ("recruiter", "Gräce Hopper", 1)
    table = on(server, "user", "list").stdout.splitlines()
    assert table[0].split() == ["ID", "USERNAME", "EMAIL", "ROLE", "TEAM", "ACTIVE", "NAME"]
    assert "Gräce Hopper" in table[2] and "(first)" in table[1]
    listed = json.loads(on(server, "user", "list", "--json").stdout)
    assert [u["username"] for u in listed] == ["admin", "grace"] and "password_hash" not in listed[0]


def test_a_user_may_be_added_while_no_server_runs(fresh):
    server = fresh()
    server.stop()
    team = server.make_team("Second")
    r = on(server, "user", "add", "-u", "ada", "-e", "ada@example.com", "-t", str(team), VITAE_PASSWORD=PASSWORD)
    assert r.returncode == 0, r.stderr
    server.start()
    me = server.login("ada").get(f"{API}/users/me").json()
    assert (me["role"], me["team_id"]) == ("viewer", team)


@pytest.mark.parametrize("arguments, status, said", [
    (["-u", "gr", "-e", "g@example.com"], 2, "username"),
    (["-u", "grace", "-e", "nonsense"], 2, "email"),
    (["-u", "grace"], 2, "email: Field required"),
    (["-u", "grace", "-e", "g@example.com", "-r", "boss"], 2, "role"),
    (["-u", "grace", "-e", "g@example.com", "-t", "99"], 1, "no team 99"),
    (["-u", "ADMIN", "-e", "g@example.com"], 1, "already"),
    (["-u", "grace", "-e", "Admin@Example.com"], 1, "already"),
    (["-u", "grace", "-e", "g@example.com", "extra"], 2, "extra"),
])
def test_wrong_users_are_refused(server, arguments, status, said):
    r = on(server, "user", "add", *arguments, VITAE_PASSWORD=PASSWORD)
    assert r.returncode == status and said in r.stderr and r.stdout == ""


def test_passwords_are_bounded_and_never_echoed(server):
    for password in ("short", "x" * 101, "x" * 2000):
        r = on(server, "user", "add", "-u", "grace", "-e", "g@example.com", "-p", stdin=password + "\n")
        assert r.returncode != 0 and password not in r.stderr + r.stdout
    r = on(server, "user", "passwd", "admin", "-p", stdin="")
    assert r.returncode == 1


def test_without_a_terminal_nothing_is_asked(server):
    r = on(server, "user", "passwd", "admin")
    assert r.returncode == 2 and "VITAE_PASSWORD" in r.stderr


def test_a_new_password_ends_the_sessions(fresh):
    server = fresh()
    server.make_user("grace")
    old = server.login("grace")
    r = on(server, "user", "passwd", "grace@example.com", VITAE_PASSWORD="another horse 8")
    assert r.returncode == 0, r.stderr
    assert old.get(f"{API}/users/me").status_code == 401
    assert server.anonymous().post(f"{API}/auth/login", json={
        "username": "grace", "password": PASSWORD}).status_code == 401
    server.new_tokens("grace", "another horse 8")
    assert on(server, "user", "passwd", "nobody", VITAE_PASSWORD=PASSWORD).returncode == 1


def test_roles_change_but_not_the_first_administrators(fresh):
    server = fresh()
    server.make_user("grace")
    assert on(server, "user", "role", "grace", "hr_manager").returncode == 0
    assert server.login("grace").get(f"{API}/users/me").json()["role"] == "hr_manager"
    r = on(server, "user", "role", "admin", "viewer")
    assert r.returncode == 1 and "first administrator" in r.stderr
    assert on(server, "user", "role", "grace", "boss").returncode == 2
    assert on(server, "user", "role", "nobody", "viewer").returncode == 1


def test_control_characters_do_not_reach_the_terminal(fresh):
    server = fresh()
    server.sql("UPDATE users SET full_name = ?", "a\x1b[2Jb\u009bc")
    assert "a?[2Jb?c" in on(server, "user", "list").stdout


def type_at_terminal(server, arguments, answers):
    """Runs a command on a terminal of its own and types; returns what stood there, and the exit status."""
    settings = {k: v for k, v in server.settings.items() if v is not None}
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(VITAE, ["vitae", *arguments], {**settings, "PATH": os.environ["PATH"],
                                                 "ASAN_OPTIONS": "detect_leaks=0"})
    shown, answers = b"", list(answers)
    while True:
        try:
            piece = os.read(fd, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if answers and shown.rstrip(b" ").endswith(answers[0][0]):
            os.write(fd, answers.pop(0)[1])
    os.close(fd)
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_password_typed_is_not_shown(fresh):
    server = fresh()
    arguments = ["user", "add", "-u", "grace", "-e", "grace@example.com"]
    shown, status = type_at_terminal(server, arguments, [(b"New password:", b"typed horse 9\n"),
                                                         (b"again:", b"other horse 9\n")])
    assert status == 1 and "differ" in shown and "horse" not in shown
    shown, status = type_at_terminal(server, arguments, [(b"New password:", b"typed horse 9\n"),
                                                         (b"again:", b"typed horse 9\n")])
    assert status == 0 and "horse" not in shown
    server.new_tokens("grace", "typed horse 9")


def test_an_interrupt_at_the_prompt_ends_the_command(fresh):
    shown, status = type_at_terminal(fresh(), ["user", "passwd", "admin"], [(b"New password:", b"\x03")])
    assert status == -signal.SIGINT


# ---- import ----

def wait_for_all(client, n):
    def done():
        rows = client.get(f"{API}/candidates/", params={"limit": 500}).json()
        return rows if len(rows) == n and all(c["status"] in ("completed", "failed") for c in rows) else None
    return wait_until(done, what=f"{n} candidates")


def check_refusals(r):
    assert "broken.pdf: The file's content" in r.stderr and "empty.docx: The file is empty" in r.stderr
    assert "link" not in r.stderr and "~$" not in r.stderr and "notes" not in r.stderr


def test_import_into_a_running_instance(fresh, folder):
    server = fresh()
    r = on(server, "import", folder)
    assert r.returncode == 1 and r.stdout.startswith("3 added, 1 there already, 2 refused.")
    assert "running server" in r.stdout
    check_refusals(r)
    rows = wait_for_all(server.login("admin"), 3)
    assert {c["filename"] for c in rows} == {"a.pdf", "Lebenslauf Müller 日本.DOCX", "c.doc"}
    assert {c["status"] for c in rows} == {"completed"}
    r = on(server, "import", folder)
    assert r.stdout.startswith("0 added, 4 there already, 2 refused.")
    for name in ("broken.pdf", "empty.docx"):
        (folder / name).unlink()
    assert on(server, "import", folder).returncode == 0


def test_import_into_a_stopped_instance(fresh, folder):
    server = fresh()
    server.make_user("grace", "recruiter")
    server.stop()
    team = server.make_team("Second")
    r = on(server, "import", "--as", "grace@example.com", "--team", str(team), folder)
    assert r.stdout.startswith("3 added, 1 there already, 2 refused.") and "vitae serve" in r.stdout
    server.start()
    rows = wait_for_all(server.login("admin"), 3)
    assert len({c["uploaded_by"] for c in rows}) == 1 and rows[0]["uploaded_by"] != 1
    assert server.sql("SELECT DISTINCT team_id FROM candidates") == [(team,)]
    assert os.listdir(os.path.join(server.data, "spool")) == []


@pytest.mark.parametrize("arguments, said", [
    (["--as", "nobody"], "no user 'nobody'"), (["--team", "99"], "no team 99")])
def test_import_names_what_is_not_there(server, folder, arguments, said):
    r = on(server, "import", *arguments, folder)
    assert r.returncode == 1 and said in r.stderr


def test_import_of_no_folder(server, tmp_path):
    r = on(server, "import", tmp_path / "nowhere")
    assert r.returncode == 1 and "No such file" in r.stderr and r.stdout == ""


def test_import_bounds_the_size(fresh, tmp_path):
    server = fresh(MAX_UPLOAD_MB=1)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "big.pdf").write_bytes(b"%PDF-1.4\n" + bytes(1024 * 1024))
    r = on(server, "import", tmp_path / "in")
    assert r.returncode == 1 and "larger than 1 MB" in r.stderr


def test_import_through_the_api(fresh, folder):
    server = fresh()
    server.make_user("grace", "recruiter")
    r = run("import", "--url", server.base + "/", "--username", "grace", folder, VITAE_PASSWORD=PASSWORD)
    assert r.stdout.startswith("3 added, 1 there already, 2 refused."), r.stderr
    check_refusals(r)
    rows = wait_for_all(server.login("admin"), 3)
    assert {c["filename"] for c in rows} == {"a.pdf", "Lebenslauf Müller 日本.DOCX", "c.doc"}
    r = run("import", "--url", server.base, folder, VITAE_TOKEN=server.token("grace"))
    assert r.stdout.startswith("0 added, 4 there already, 2 refused.")


def test_import_waits_when_the_server_says_so(fresh, folder):
    server = fresh(RATE_LIMIT_ROUTES="POST /api/v1/candidates/upload=2/1")
    r = run("import", "--url", server.base, "--username", "admin", folder, VITAE_PASSWORD=PASSWORD)
    assert r.stdout.startswith("3 added, 1 there already, 2 refused."), r.stderr


@pytest.mark.parametrize("user", ["viewer", "stranger", "token"])
def test_import_stops_where_it_may_not(fresh, folder, user):
    server = fresh()
    server.make_user("viewer")
    how = ["--token", "nonsense"] if user == "token" else ["--username", user]
    r = run("import", "--url", server.base, *how, folder, VITAE_PASSWORD=PASSWORD)
    assert r.returncode == 1
    if user != "stranger":
        assert r.stdout.startswith("0 added, 0 there already, 1 refused.")


def test_import_takes_no_other_address(folder):
    r = run("import", "--url", "file:///etc/passwd", "--token", "x", folder)
    assert r.returncode == 2 and "http://" in r.stderr


# ---- backup and restore ----

@pytest.fixture
def filled(fresh, folder):
    server = fresh()
    on(server, "import", folder)
    wait_for_all(server.login("admin"), 3)
    return server


def stored(directory):
    found = {}
    for top, _, names in os.walk(os.path.join(directory, "uploads")):
        for n in names:
            path = os.path.join(top, n)
            found[os.path.relpath(path, directory)] = open(path, "rb").read()
    return found


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tar.zst"])
def test_a_backup_of_a_running_server_comes_back(filled, fresh, tmp_path, ending):
    target = tmp_path / f"backup.{ending}"
    r = on(filled, "backup", target)
    assert r.returncode == 0 and r.stderr == "", r.stderr
    assert os.stat(target).st_mode & 0o777 == 0o600 and not os.path.exists(f"{target}.tmp")
    assert os.listdir(os.path.join(filled.data, "spool")) == []
    token = filled.token("admin")
    copy = vitae.Server(tmp_path / "copy")
    r = on(copy, "restore", target)
    assert r.returncode == 0, r.stderr
    assert stored(copy.data) == stored(filled.data)
    with copy:
        rows = vitae.Client(copy.base, token).get(f"{API}/candidates/").json()
        assert rows == filled.login("admin").get(f"{API}/candidates/").json()
        assert on(copy, "import", tmp_path / "inbox").stdout.startswith("0 added, 4 there already")


def test_a_backup_is_a_plain_archive_with_checksums(filled, tmp_path):
    on(filled, "backup", tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
        assert {f["path"] for f in manifest["files"]} == set(tar.getnames()) - {"manifest.json"}
        assert {"vitae.db", "secret_key"} < set(tar.getnames())


def test_a_file_that_is_gone_is_told_of(filled, tmp_path):
    gone = sorted(stored(filled.data))[0]
    os.unlink(os.path.join(filled.data, gone))
    r = on(filled, "backup", tmp_path / "b.tar")
    assert r.returncode == 0 and gone in r.stderr
    assert on(vitae.Server(tmp_path / "copy"), "restore", tmp_path / "b.tar").returncode == 0


def test_a_backup_that_cannot_be_written_leaves_nothing(filled, tmp_path):
    (tmp_path / "taken").mkdir()
    for target in (tmp_path / "no" / "b.tar", tmp_path / "taken"):
        r = on(filled, "backup", target)
        assert r.returncode == 1 and "cannot be written" in r.stderr
    assert sorted(n for n in os.listdir(tmp_path) if "tmp" in n) == []
    assert os.listdir(os.path.join(filled.data, "spool")) == []


def test_restore_refuses_a_running_server(filled, tmp_path):
    on(filled, "backup", tmp_path / "b.tar")
    for force in ([], ["--force"]):
        r = on(filled, "restore", *force, tmp_path / "b.tar")
        assert r.returncode == 1 and "running" in r.stderr
    assert filled.anonymous().get("/health").status_code == 200


@pytest.mark.skipif(vitae.ENGINE != "sqlite", reason="a database of PostgreSQL is never replaced")
def test_restore_replaces_only_if_told_to(filled, tmp_path):
    on(filled, "backup", tmp_path / "b.tar")
    before = stored(filled.data)
    filled.stop()
    filled.sql("DELETE FROM candidates")
    r = on(filled, "restore", tmp_path / "b.tar")
    assert r.returncode == 1 and "--force" in r.stderr
    assert filled.sql("SELECT count(*) FROM candidates") == [(0,)]
    r = on(filled, "restore", "--force", tmp_path / "b.tar")
    assert r.returncode == 0 and stored(filled.data) == before
    aside = [n for n in os.listdir(filled.directory) if n.startswith("data.before-")]
    assert len(aside) == 1 and aside[0] in r.stdout
    assert filled.sql("SELECT count(*) FROM candidates") == [(3,)]


def test_restore_into_an_empty_folder_that_is_there(filled, tmp_path):
    on(filled, "backup", tmp_path / "b.tar")
    copy = vitae.Server(tmp_path / "copy")
    os.mkdir(copy.data)
    assert on(copy, "restore", tmp_path / "b.tar").returncode == 0
    assert os.listdir(copy.directory) == ["data"] and len(stored(copy.data)) == 3


def rewrite(source, target, change):
    """Copies an archive member by member; change(name, data) gives what is written: a list of (TarInfo, data)."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            for info, data in change(member, old.extractfile(member).read()):
                info.size = len(data)
                new.addfile(info, io.BytesIO(data) if info.isreg() else None)


def named(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


MALICE = {
    "above": named("../evil"),
    "absolute": named("/tmp/vitae-evil"),
    "within": named("uploads/../../evil"),
    "unknown": named("instance"),
    "symlink": named("uploads/l", tarfile.SYMTYPE, "/etc"),
    "hardlink": named("uploads/l", tarfile.LNKTYPE, "/etc/passwd"),
    "device": named("uploads/d", tarfile.CHRTYPE),
    "unlisted": named("uploads/unlisted"),
    "twice": named("vitae.db"),
}


@pytest.mark.parametrize("kind", [*MALICE, "changed", "lacking", "no database", "no manifest", "cut", "junk", "none"])
def test_restore_takes_nothing_but_a_whole_backup(filled, tmp_path, kind):
    good, bad = tmp_path / "good.tar", tmp_path / "bad.tar"
    on(filled, "backup", good)

    def change(member, data):
        if kind in MALICE and member.name == "secret_key":
            return [(MALICE[kind], b""), (member, data)]
        if kind == "changed" and member.name.startswith("uploads/"):
            return [(member, bytes([data[0] ^ 1]) + data[1:])]
        if (kind, member.name) in (("no database", "vitae.db"), ("no manifest", "manifest.json"),
                                   ("lacking", "secret_key")):
            return []
        return [(member, data)]

    if kind == "cut":
        bad.write_bytes(good.read_bytes()[:good.stat().st_size // 2])
    elif kind == "junk":
        bad.write_bytes(b"junk" * 5000)
    elif kind != "none":
        rewrite(good, bad, change)
    copy = vitae.Server(tmp_path / "copy")
    r = on(copy, "restore", bad)
    assert r.returncode == 1 and len(r.stderr.splitlines()) == 1 and r.stdout == ""
    assert os.listdir(copy.directory) == [] and not os.path.exists(tmp_path / "evil")
    assert not os.path.exists("/tmp/vitae-evil")
