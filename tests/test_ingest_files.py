"""Files that change while they are read, that are named twice, or that are wrapped in odd ways."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import guard_nb as gn
from command import command, environment, guard_nb_call
from ingesting import ID, TEXT, Ingesting, contract, quarantine_of, text_of

UNIQUE = ({**ID, "unique": True}, TEXT)
COUNT = 20_000
FIRST = b"id,t\n" + b"".join(b"%07d,%07d\n" % (number, number) for number in range(COUNT))
OTHER = b"id,t\n" + b"".join(b"%07d,%07d\n" % (number, number + 1) for number in range(COUNT))


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(OTHER)


def replaced(path: Path) -> None:
    path.with_suffix(".new").write_bytes(OTHER)
    os.replace(path.with_suffix(".new"), path)


def unnoticed(path: Path) -> None:
    """The time of the last change is set back."""
    about = path.stat()
    overwritten(path)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def longer(path: Path) -> None:
    overwritten(path)
    with path.open("ab") as file:
        file.write(b"9,9\n")


def finished(run: gn.Ingestion) -> gn.Verdict:
    """What is left is handed out first."""
    for batch in run:
        assert batch.height
    return run.verdict


@pytest.mark.parametrize("change", [overwritten, unnoticed, longer, replaced])
def test_a_file_that_changes_between_two_readings_has_no_verdict(
    change: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(FIRST)
    os.utime(path, ns=(0, 10**18))
    run = contract(*UNIQUE).ingest(path, chunk_bytes=4096, threads=1)
    batches = iter(run)
    if change is not replaced:
        # The first reading is over when the first records come out, and little of the second one is done.
        assert next(batches).height
    change(path)
    with pytest.raises(gn.IngestError) as caught:
        finished(run)
    assert caught.value.code == "file-changed"
    assert caught.value.help


def test_a_file_that_is_overwritten_in_one_reading_has_no_verdict(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(FIRST)
    os.utime(path, ns=(0, 10**18))
    run = contract().ingest(path)
    next(iter(run))
    overwritten(path)
    with pytest.raises(gn.IngestError, match="was written to while it was read"):
        _ = run.verdict


def test_a_file_that_grows_between_two_readings_is_read_to_its_first_length(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(FIRST)
    run = contract(*UNIQUE).ingest(path, chunk_bytes=4096, threads=1)
    batches = iter(run)
    first = next(batches)
    with path.open("ab") as file:
        file.write(b"1,again\n")
    assert first.height + sum(batch.height for batch in batches) == COUNT
    assert run.verdict.document["records"]["accepted"] == COUNT
    assert "grew from" in run.notices[0]


def test_a_columnar_file_that_is_overwritten_has_no_verdict(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    frame = pl.DataFrame({"id": range(COUNT), "t": ["a"] * COUNT})
    frame.write_parquet(path)
    os.utime(path, ns=(0, 10**18))
    run = contract(*UNIQUE).ingest(path)
    next(iter(run))
    os.utime(path)
    with pytest.raises(gn.IngestError) as caught:
        _ = run.verdict
    assert caught.value.code == "file-changed"


def test_a_file_named_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(text_of(ID), encoding="utf-8")
    (tmp_path / "a.csv").write_bytes(b"id\n1\n")
    for names in (["a.csv", "a.csv"], ["a.csv", "*.csv"], ["a.csv", "./a.csv"]):
        done = guard_nb_call("check", "o.yaml", *names, folder=tmp_path)
        assert "source-repeated" in str(done.stderr), names
    with pytest.raises(gn.IngestError) as caught:
        _ = contract(ID).ingest([str(tmp_path / "a.csv")] * 2).verdict
    assert caught.value.code == "source-repeated"


@pytest.mark.skipif(os.name != "posix", reason="names of bytes")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    names = [os.fsdecode(b"bad" + byte + b".csv") for byte in (b"\xfe", b"\xff")]
    for name in names:
        (tmp_path / name).write_bytes(b"id\n1\nx\n")
    (tmp_path / "good.csv").write_bytes(b"id\n1\n")
    (tmp_path / "o.yaml").write_text(text_of(ID), encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", *names, "--quarantine", "q.ndjson", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    _, lines = quarantine_of(tmp_path / "q.ndjson")
    assert [line["source"] for line in lines] == ["bad\\xfe.csv", "bad\\xff.csv"]


@pytest.mark.skipif(os.name != "posix", reason="names of bytes")
def test_patterns_do_not_pass_over_names_that_are_no_text(tmp_path: Path) -> None:
    """What a pattern would match and cannot give refuses it; what it would not match does not."""
    bad = os.fsdecode(b"bad\xfe")
    (tmp_path / "o.yaml").write_text(text_of(ID), encoding="utf-8")
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in (f"{bad}.csv", "good.csv", "deep/good.csv"):
        (tmp_path / "in" / name).write_bytes(b"id\n1\n")

    def told(pattern: str) -> tuple[str, str]:
        with pytest.raises(gn.IngestError) as caught:
            contract(ID).ingest(str(tmp_path / pattern))
        assert caught.value.help
        done = guard_nb_call("check", "o.yaml", pattern, folder=tmp_path)
        assert (done.returncode, caught.value.code.encode() in done.stderr) == (2, True)
        return caught.value.code, str(caught.value)

    for pattern in ("in/*.csv", "in/bad?.csv", "in/b*", "*/*.csv", "**/*.csv", "./in/*.csv"):
        code, message = told(pattern)
        assert (code, "bad\\xfe.csv" in message) == ("name-not-text", True), pattern
    for pattern, total in {"in/g*.csv": 1, "in/*/*.csv": 1, "in/deep/**/*.csv": 1, "in/[ag]*.csv": 1}.items():
        assert contract(ID).ingest(str(tmp_path / pattern)).verdict.document["records"]["total"] == total
    (tmp_path / "in" / f"{bad}.csv").rename(tmp_path / "in" / f".{bad}.csv")
    assert contract(ID).ingest(str(tmp_path / "in/*.csv")).verdict.document["records"]["total"] == 1
    # A folder of such a name has files that the pattern would match.
    (tmp_path / "in" / bad).mkdir()
    assert told("in/**/*.csv")[0] == told("in/*/*.csv")[0] == "name-not-text"
    assert contract(ID).ingest(str(tmp_path / "in/*.csv")).verdict.document["records"]["total"] == 1


@pytest.mark.skipif(os.name != "posix", reason="names of bytes")
def test_names_that_are_no_text_are_told_from_those_that_look_so(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(text_of(ID), encoding="utf-8")
    names = {os.fsdecode(b"a\xff.csv"): "a\\xff.csv", "a\\xff.csv": "a\\x5cxff.csv", "a\\b.csv": "a\\b.csv"}
    for name in names:
        (tmp_path / name).write_bytes(b"id\nx\n")
    done = guard_nb_call("check", "o.yaml", *names, "--quarantine", "q.ndjson", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    _, lines = quarantine_of(tmp_path / "q.ndjson")
    assert [line["source"] for line in lines] == list(names.values())


def test_what_is_wrong_with_wrapped_files(tmp_path: Path) -> None:
    plain = b"id,t\n" + b"1,a\n" * 9999

    def refused(data: bytes, form: str = "csv") -> gn.IngestError:
        with pytest.raises(gn.IngestError) as caught:
            _ = contract().ingest(data, form).verdict
        assert caught.value.help
        return caught.value

    for behind in (b"\0", b"garbage", b"x" * 99):
        error = refused(gzip.compress(plain) + behind)
        assert error.code == "file-unreadable"
        assert "goes on behind the end of its gzip data" in str(error)
    assert "ends early" in str(refused(gzip.compress(plain)[:-10]))
    twice = refused(gzip.compress(gzip.compress(plain)))
    assert twice.code == "file-format-unknown"
    assert "compressed twice" in str(twice)
    run = contract().ingest(gzip.compress(plain) + gzip.compress(b"2,b\n"), "csv")
    assert run.verdict.document["records"]["accepted"] == 10_000


def test_a_zstd_window_that_is_too_large() -> None:
    # A frame header that asks for a window of 2 GiB: exponent 21 of 2^10, and no content size.
    frame = b"\x28\xb5\x2f\xfd" + bytes([0b0000_0000, 21 << 3]) + b"\x01\x00\x00"
    with pytest.raises(gn.IngestError) as caught:
        _ = contract().ingest(frame, "csv").verdict
    assert "needs more memory" in str(caught.value)
    assert "--long" in str(caught.value.help)


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
@pytest.mark.parametrize("blank", [b"\n\r\n\r", b"\r\n" * 9, b"\n" * 50 + b"\r" * 3])
def test_blank_lines_before_a_header(blank: bytes, chunk: int, ingest: Ingesting) -> None:
    ran = ingest(blank + b"id,t\nx,a\n", "csv", chunk_bytes=chunk)
    lines = len(blank.replace(b"\r\n", b"\n"))
    (found,) = ran.found
    start = len(blank) + 5
    assert found[1:3] == (lines + 2, [start, start + 3])
    assert ran.header["input"]["header"] == "id,t"
    assert ran.document["bytes"]["header"] == start


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_leaves_no_copy_of_standard_input(tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    arguments = command("infer", "-", "--input-format", "ndjson")
    process = subprocess.Popen(
        arguments,
        cwd=tmp_path,
        env=environment() | {"TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b'{"id":1}\n' * 200_000)
    process.stdin.flush()
    # More than a pipe holds was taken: the copy is under way.
    assert list(folder.iterdir())
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    process.stdin.close()
    assert list(folder.iterdir()) == []


def test_messages_name_standard_input(tmp_path: Path) -> None:
    done = guard_nb_call("infer", "-", "--input-format", "csv", folder=tmp_path, input=b'"a\n1\n')
    assert "`-`" in str(done.stderr)
    assert "tmp" not in str(done.stderr)


def test_one_file_under_two_names_is_one_file(tmp_path: Path) -> None:
    """By hard links as by symbolic ones: nothing is written over what is read, nor two things into one place, and nothing is read twice."""
    source, link = tmp_path / "in.csv", tmp_path / "link.csv"
    content = b"id\n1\nx\n"
    source.write_bytes(content)
    link.hardlink_to(source)
    (tmp_path / "copy.csv").write_bytes(content)
    (tmp_path / "o.yaml").write_text(text_of(ID), encoding="utf-8")
    (tmp_path / "c.yaml").hardlink_to(tmp_path / "o.yaml")
    for name in ("one.ndjson", "two.ndjson"):
        (tmp_path / name).touch() if name == "one.ndjson" else (tmp_path / name).hardlink_to(tmp_path / "one.ndjson")
    before = {path.name: (path.read_bytes(), path.stat().st_ino) for path in tmp_path.iterdir()}
    transform = ("transform", "SELECT id FROM input", "in.csv", "--contract", "o.yaml", "--output-file")
    for call in (
        ("check", "o.yaml", "in.csv", "--accepted", "link.csv"),
        ("check", "o.yaml", "in.csv", "--quarantine", "link.csv"),
        ("check", "o.yaml", "i*.csv", "--quarantine", "link.csv"),
        ("check", "o.yaml", "in.csv", "--quarantine", "c.yaml"),
        ("check", "o.yaml", "copy.csv", "--accepted", "one.ndjson", "--quarantine", "two.ndjson"),
        (*transform, "link.csv"),
        (*transform, "one.ndjson", "--quarantine", "two.ndjson"),
    ):
        done = guard_nb_call(*call, folder=tmp_path)
        assert (done.returncode, b"is read, or written to, already" in done.stderr) == (2, True), (call, done.stderr)
    done = guard_nb_call("check", "o.yaml", "-", "--accepted", "link.csv", folder=tmp_path, stdin=source.open("rb"))
    assert (done.returncode, b"is read, or written to, already" in done.stderr) == (2, True)
    with pytest.raises(gn.IngestError, match="is read, or written to, already"):
        contract(ID).ingest(source, quarantine=link)
    with pytest.raises(gn.IngestError, match="is the same file as") as caught:
        _ = contract(ID).ingest([source, link]).verdict
    assert caught.value.code == "source-repeated"
    assert {path.name: (path.read_bytes(), path.stat().st_ino) for path in tmp_path.iterdir()} == before
    # Equal bytes are not one file.
    assert guard_nb_call("check", "o.yaml", "in.csv", "--accepted", "copy.csv", folder=tmp_path).returncode == 1
    assert (tmp_path / "copy.csv").read_bytes() == b"id\n1\n"
