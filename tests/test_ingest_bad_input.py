"""Bad input: each has an answer with a code, in Python and from the command line, and none leaves a file behind."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import polars as pl
import pyarrow as pa
import pytest

import guard_nb as gn
from command import command, environment, guard_nb_call
from ingesting import ID, MARK, Ingesting, contract, text_of

PLAIN = b'{"id":1}\n{"id":2}\n'


def zstd(content: bytes) -> bytes:
    """As a Zstandard frame."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(content)
    return bytes(sink.getvalue())


def both(folder: Path, name: str, code: str, *flags: str) -> None:
    """The file gives no verdict, and both surfaces say so with one code; nothing else is written."""
    (folder / "o.yaml").write_text(text_of(), encoding="utf-8")
    before = sorted(folder.iterdir())
    form = flags[1] if "--input-format" in flags[:1] else None
    with pytest.raises(gn.GuardError) as caught:
        _ = contract().ingest(folder / name, form, folder / "bad.ndjson").verdict
    assert caught.value.code == code
    assert caught.value.help
    done = guard_nb_call(
        *("check", "o.yaml", name, "--accepted", "good.ndjson", "--quarantine", "bad.ndjson", *flags), folder=folder
    )
    assert (done.returncode, done.stdout) == (2, b""), done.stderr
    assert f"[{code}]" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert b"panicked" not in done.stderr
    assert sorted(folder.iterdir()) == before


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    both(tmp_path, "nowhere.csv", "file-missing")


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "data.csv").mkdir()
    both(tmp_path, "data.csv", "file-is-folder")


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a JPEG named as CSV": (
        "x.csv",
        lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)),
        "header-unreadable",
    ),
    "UTF-16 named as CSV": ("x.csv", lambda: "id,t\n1,a\n".encode("utf-16"), "header-unreadable"),
    "text named as Parquet": ("x.parquet", lambda: b"id,t\n1,a\n", "file-unreadable"),
    "text named as Arrow": ("x.arrow", lambda: b"id,t\n1,a\n", "file-unreadable"),
    "the start of a Parquet file": ("x.parquet", lambda: b"PAR1\x15\x00\x15", "file-unreadable"),
    "no bytes named as Parquet": ("x.parquet", lambda: b"", "file-unreadable"),
    "gzip that is cut off": ("x.csv.gz", lambda: gzip.compress(b"id,t\n" + b"1,a\n" * 9999)[:-9], "file-unreadable"),
    "gzip that is damaged": ("x.csv.gz", lambda: gzip.compress(b"id,t\n1,a\n")[:12] + b"\xff" * 20, "file-unreadable"),
    "zstd that is cut off": ("x.csv.zst", lambda: zstd(os.urandom(9999))[:-9], "file-unreadable"),
    "a bomb of gzip": ("x.ndjson.gz", lambda: gzip.compress(b"\n" * (80 << 20)), "ratio-exceeded"),
    "a bomb of zstd": ("x.ndjson.zst", lambda: zstd(b"\n" * (80 << 20)), "ratio-exceeded"),
    "a header of 16,385 columns": (
        "x.csv",
        lambda: b",".join(b"c%d" % n for n in range(16_385)) + b"\n",
        "columns-exceeded",
    ),
    "a header with an open quote": ("x.csv", lambda: b'id,"t\n1,a\n', "header-unreadable"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_without_a_verdict(what: str, tmp_path: Path) -> None:
    name, content, code = REFUSED[what]
    (tmp_path / name).write_bytes(content())
    both(tmp_path, name, code)


def test_a_name_that_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"\x00\x01\x02")
    (tmp_path / "o.yaml").write_text(text_of(), encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "data", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"format-unknown]" in done.stderr


def test_an_object_that_the_contract_has_not(tmp_path: Path) -> None:
    (tmp_path / "x.ndjson").write_bytes(PLAIN)
    both_object = contract().ingest
    with pytest.raises(gn.GuardError) as caught:
        both_object(tmp_path / "x.ndjson", object="customers")
    assert caught.value.code == "object-unknown"


BYTES: dict[str, tuple[str, bytes, list[str], int]] = {
    "binary as NDJSON": ("ndjson", bytes(range(256)) * 4, ["json-syntax"] + ["encoding-invalid"] * 4, 0),
    "Latin-1 as UTF-8": ("csv", "id,t\n1,é\n2,e\n".encode("latin-1"), ["encoding-invalid"], 1),
    "UTF-16 as NDJSON": ("ndjson", '{"id":1}\n'.encode("utf-16-le"), ["json-syntax", "json-syntax"], 0),
    "a bomb of brackets": ("ndjson", b"[" * 100_000 + b"\n" + b'{"id":1}', ["depth-exceeded"], 1),
    "a bomb of objects": ("ndjson", b'{"a":' * 50_000 + b"\n" + b'{"id":1}', ["depth-exceeded"], 1),
    "a bomb of brackets in a bomb": ("json", b'[{"t":' + b"[" * 100_000, ["depth-exceeded"], 0),
    "another table": ("csv", b"name,age\nx,1\ny,2\n", ["column-missing"] * 2, 0),
    "another table, as NDJSON": ("ndjson", b'{"name":"x"}\n', [], 1),
    "many fields": ("csv", b"id,t\n" + b"," * 100_000 + b"\n2,b\n", ["csv-fields-extra"], 1),
}


@pytest.mark.parametrize("what", BYTES)
def test_bytes_with_a_verdict(what: str, ingest: Ingesting) -> None:
    form, source, codes, accepted = BYTES[what]
    ran = ingest(source, form)
    assert [found[0] for *_, found, _ in ran.found] == codes
    assert len(ran.rows) == accepted
    assert ran.document["bytes"]["total"] == len(source)


def test_a_huge_line_costs_itself(ingest: Ingesting) -> None:
    """Far beyond the limit and in many chunks: it is one record, and the next one is read."""
    long = b"x" * 3_000_000
    ran = ingest(b"id,t\n1,a\n2," + long + b"\n3,c\n", "csv", record_bytes=1000, chunk_bytes=4096)
    assert ran.rows == [(1, "a"), (3, "c")]
    (line,) = ran.lines
    assert line["bytes"] == [9, 9 + 2 + len(long)]
    assert line["rawLength"] == 2 + len(long)
    assert len(line["raw"]) <= 64 << 10


def test_many_columns_are_read(ingest: Ingesting) -> None:
    names = [f"c{n}" for n in range(16_384)]
    ran = ingest(",".join(names).encode() + b"\n" + b"," * 16_383 + b"\n", "csv", contract({"name": "c0"}))
    assert ran.columns == names
    assert len(ran.rows) == 1


NOTHING: dict[str, bytes] = {
    "no bytes": b"",
    "a byte order mark": MARK,
    "blank lines": b"\n\r\n\n",
    "a mark and blank lines": MARK + b"\n\n",
}


@pytest.mark.parametrize("what", NOTHING)
@pytest.mark.parametrize("form", ["ndjson", "json", "csv", "tsv"])
def test_files_without_records(form: str, what: str, ingest: Ingesting) -> None:
    """No record is wrong. A CSV file without a header lacks its columns."""
    source = NOTHING[what]
    ran = ingest(source, form)
    assert (ran.rows, ran.lines, ran.document["records"]["total"]) == ([], [], 0)
    account = ran.document["bytes"]
    assert account["total"] == account["header"] + account["blank"] + account["separators"] == len(source)


@pytest.mark.parametrize("source", [b"id,t", b"id,t\n", MARK + b"id,t\r\n", b"\nid,t\n\n"])
def test_a_header_alone(source: bytes, ingest: Ingesting) -> None:
    ran = ingest(source, "csv")
    assert (ran.rows, ran.columns[:2], ran.document["status"]) == ([], ["id", "t"], "accept")


def test_names_that_lie(tmp_path: Path, ingest: Ingesting) -> None:
    """Conclusive bytes win, and it is said."""
    frame = pl.DataFrame({"id": [1, 2]})
    frame.write_parquet(tmp_path / "a.csv")
    frame.write_ipc(tmp_path / "b.parquet")
    (tmp_path / "c.ndjson").write_bytes(gzip.compress(PLAIN))
    (tmp_path / "d.ndjson.gz").write_bytes(PLAIN)
    (tmp_path / "e.ndjson.gz").write_bytes(zstd(PLAIN))
    by = contract(ID, undeclaredColumns="drop")
    for name in ("a.csv", "b.parquet", "c.ndjson", "d.ndjson.gz", "e.ndjson.gz"):
        ran = ingest(tmp_path / name, by=by)
        assert [row[0] for row in ran.rows] == [1, 2], name
        if name != "c.ndjson":
            (notice,) = ran.notices
            assert name in notice


@contextmanager
def fed(process: subprocess.Popen[bytes], record: bytes) -> Iterator[None]:
    """Feeds records to a process without end, until it reads no more."""

    def feed(stdin: IO[bytes]) -> None:
        try:
            while True:
                stdin.write(record * 1000)
        except (BrokenPipeError, OSError, ValueError):
            pass

    assert process.stdin is not None
    feeder = threading.Thread(target=feed, args=(process.stdin,), daemon=True)
    feeder.start()
    yield
    feeder.join(60)


def started(folder: Path, *args: str, **options: Any) -> subprocess.Popen[bytes]:
    (folder / "o.yaml").write_text(text_of(), encoding="utf-8")
    return subprocess.Popen(
        command(*args), cwd=folder, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, **options
    )


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_midway_leaves_no_file(tmp_path: Path) -> None:
    """Records that were accepted come back while the source goes on: then it is stopped."""
    args = ("check", "o.yaml", "-", "--input-format", "ndjson", "--accepted", "-", "--quarantine", "bad.ndjson")
    process = started(tmp_path, *args, stdin=subprocess.PIPE)
    assert process.stdout is not None
    with fed(process, b'{"id":1,"t":"a"}\n{"id":"x"}\n'):
        first = process.stdout.readline()
        assert json.loads(first)["id"] == 1
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(60) == 130
    assert [path.name for path in tmp_path.iterdir()] == ["o.yaml"]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_midway_leaves_no_accepted_file(tmp_path: Path) -> None:
    """More than a pipe and a few chunks hold was taken: the run is under way."""
    args = (
        "check",
        "o.yaml",
        "-",
        "--input-format",
        "ndjson",
        "--accepted",
        "good.parquet",
        "--quarantine",
        "bad.ndjson",
    )
    process = started(tmp_path, *args, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b'{"id":1,"t":"a"}\n{"id":"x"}\n' * 1_000_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    process.stdin.close()
    assert [path.name for path in tmp_path.iterdir()] == ["o.yaml"]


@pytest.mark.skipif(os.name != "posix", reason="pipes")
def test_a_reader_that_leaves(tmp_path: Path) -> None:
    """`guard-nb transform … | head -1`."""
    (tmp_path / "in.ndjson").write_bytes(b'{"id":1,"t":"a"}\n' * 200_000)
    process = started(tmp_path, "transform", "SELECT id FROM input", "in.ndjson", "--contract", "o.yaml")
    assert process.stdout is not None
    assert process.stderr is not None
    head = subprocess.run(["head", "-1"], stdin=process.stdout, capture_output=True, check=True, timeout=60)
    process.stdout.close()
    assert json.loads(head.stdout) == {"id": 1}
    said = process.stderr.read()
    assert process.wait(60) == 141, said
    assert b"Traceback" not in said
    assert b"panicked" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
def test_a_full_disk(tmp_path: Path) -> None:
    """A device that is full, by a name that says how to write; and one that cannot be replaced by a quarantine file."""
    (tmp_path / "o.yaml").write_text(text_of(), encoding="utf-8")
    (tmp_path / "in.ndjson").write_bytes(b'{"id":1,"t":"a"}\n{"id":"x"}\n' * 50_000)
    (tmp_path / "full.ndjson").symlink_to("/dev/full")
    for flags in (("--accepted", "full.ndjson"), ("--quarantine", "full.ndjson")):
        done = guard_nb_call("check", "o.yaml", "in.ndjson", *flags, folder=tmp_path)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"[file-unwritable]" in done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["full.ndjson", "in.ndjson", "o.yaml"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
def test_a_full_disk_behind_standard_output(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(text_of(), encoding="utf-8")
    (tmp_path / "in.ndjson").write_bytes(PLAIN)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command("check", "o.yaml", "in.ndjson", "--format", "json"),
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert b"[file-unwritable]" in done.stderr


def test_a_source_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"id,t\nx,a\n")
    (tmp_path / "o.yaml").write_text(text_of(), encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(path)
    for given in (str(path), str(tmp_path / "d*.csv"), [path]):
        for quarantine in (path, tmp_path / "link.csv", tmp_path / "." / "d.csv"):
            with pytest.raises(gn.IngestError, match="is read, or written to, already"):
                contract().ingest(given, quarantine=quarantine)
    assert path.read_bytes() == b"id,t\nx,a\n"
    done = guard_nb_call("check", "o.yaml", "d*.csv", "--accepted", "d.csv", folder=tmp_path)
    assert (done.returncode, path.read_bytes()) == (2, b"id,t\nx,a\n")
    assert b"is read, or written to, already" in done.stderr


@pytest.mark.parametrize("limits", [{"threads": 0}, {"threads": 100_000}, {"chunk_bytes": 0}, {"chunk_bytes": 1 << 40}])
@pytest.mark.parametrize("more", [{}, {"record_bytes": -1}, {"record_bytes": 1 << 70}])
def test_limits_that_cannot_be_kept(limits: dict[str, int], more: dict[str, int]) -> None:
    with pytest.raises(gn.GuardError) as caught:
        contract().ingest(b"{}", "ndjson", **limits, **more)
    assert caught.value.code == "limit-out-of-range"


def test_sources_of_other_types() -> None:
    with pytest.raises(TypeError, match="a path, bytes or a file open for bytes"):
        contract().ingest(5)  # type: ignore[arg-type]


def test_bytes_are_numbered() -> None:
    with contract().ingest([b'{"id":1,"t":"a"}', b'{"id":2,"t":"b"}'], "ndjson") as run:
        assert run.read().select("id", "t").rows() == [(1, "a"), (2, "b")]


def test_records_that_a_verdict_left_out_are_not_taken_for_none() -> None:
    run = contract().ingest(b'{"id":1,"t":"a"}', "ndjson")
    assert run.verdict.accepted == 1
    with pytest.raises(gn.UsageError, match="judged and dropped"):
        run.read()
    whole = contract().ingest(b'{"id":1,"t":"a"}', "ndjson")
    assert (whole.read().height, whole.verdict.accepted, list(whole)) == (1, 1, [])


CLOSED = {
    "a closed input": ("<&-", ["-"], 2, "`-` cannot be read: it is closed"),
    "an input behind a file": ("<&-", ["a.csv", "-"], 2, "`-` cannot be read: it is closed"),
    "an input to write to": ("0>other", ["-"], 2, "`-` cannot be read: bad file descriptor"),
    "a closed output": (">&-", ["a.csv"], 2, "standard output cannot be written: it is closed"),
    "an output to read from": ("1<a.csv", ["a.csv"], 2, "standard output cannot be written: bad file descriptor"),
    "no messages": ("2>&-", ["a.csv"], 1, ""),
    "an output that nobody needs": (">&-", ["a.csv", "--quiet"], 1, ""),
    "nothing at all": ("<&- >&- 2>&-", ["a.csv", "--quiet"], 1, ""),
}


@pytest.mark.skipif(os.name != "posix", reason="streams of a shell")
@pytest.mark.parametrize("what", CLOSED)
@pytest.mark.parametrize("more", [[], ["--quarantine", "q.ndjson"], ["--accepted", "out.ndjson"]], ids=str)
def test_streams_that_are_closed(what: str, more: list[str], tmp_path: Path) -> None:
    """A stream that is closed is no empty one, and no file that is opened later takes its place."""
    streams, args, status, message = CLOSED[what]
    (tmp_path / "a.csv").write_bytes(b"id,t\n1,a\nx,b\n")
    (tmp_path / "o.yaml").write_text(text_of(), encoding="utf-8")
    words = command("check", "o.yaml", *args, "--input-format", "csv", *more)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {streams}', "sh", *words],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, message in done.stderr.decode()) == (status, True), done.stderr
    assert (tmp_path / "a.csv").read_bytes() == b"id,t\n1,a\nx,b\n"
    for name, lines in (("q.ndjson", 2), ("out.ndjson", 1)):
        if (tmp_path / name).exists():
            assert len(list(map(json.loads, (tmp_path / name).read_text().splitlines()))) == lines


@pytest.mark.skipif(os.name != "posix", reason="streams of a shell")
@pytest.mark.parametrize("words", [("codes",), ("--help",), ("lint", "o.yaml"), ("infer", "a.csv")])
def test_what_nobody_gets_is_no_success(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id\n1\n")
    (tmp_path / "o.yaml").write_text(text_of(), encoding="utf-8")
    call = ["sh", "-c", 'exec "$@" >&-', "sh", *command(*words)]
    done = subprocess.run(call, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, check=False, timeout=120)
    assert (done.returncode, b"standard output cannot be written" in done.stderr) == (2, True)
