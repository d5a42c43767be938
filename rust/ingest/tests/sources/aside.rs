use crate::assert_error;
use guard_ingest::Aside;
use std::fs;

fn count(folder: &std::path::Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn appears_whole_on_commit() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("q.ndjson");
    let mut file = Aside::create(&target).unwrap();
    file.append(b"one\n").unwrap();
    assert!(!target.exists());
    assert_eq!(count(folder.path()), 1);
    file.append(&vec![b'x'; 300_000]).unwrap();
    file.commit().unwrap();
    assert_eq!(fs::read(&target).unwrap().len(), 300_004);
    assert_eq!(count(folder.path()), 1);
}

#[test]
fn dropped_it_leaves_nothing_and_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("q.ndjson");
    fs::write(&target, "old").unwrap();
    let mut file = Aside::create(&target).unwrap();
    file.append(&vec![b'x'; 300_000]).unwrap();
    drop(file);
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(count(folder.path()), 1);
    let mut file = Aside::create(&target).unwrap();
    file.append(b"new").unwrap();
    assert_eq!(file.target(), target);
    file.commit().unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
}

#[test]
fn places_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let error = Aside::create(folder.path().join("no/q.ndjson")).unwrap_err();
    assert_error(&error, "file-unwritable", "cannot be written");
    assert_eq!(error.help.as_deref(), Some("create the folder first"));
    assert_error(&Aside::create(folder.path()).unwrap_err(), "file-unwritable", "is a folder");
}

#[cfg(unix)]
#[test]
fn devices_and_links_stay() {
    let mut device = Aside::create("/dev/null").unwrap();
    device.append(b"gone").unwrap();
    device.commit().unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("q.ndjson"), folder.path().join("latest"));
    fs::write(&target, "old").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let mut file = Aside::create(&link).unwrap();
    file.append(b"new").unwrap();
    file.commit().unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read(&target).unwrap(), b"new");
}

#[cfg(unix)]
#[test]
fn rights_are_the_old_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("q.ndjson");
    fs::write(&target, "old").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
    Aside::create(&target).unwrap().commit().unwrap();
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_says_so() {
    let mut file = Aside::create("/dev/full").unwrap();
    file.append(b"one").unwrap();
    let error = file.commit().unwrap_err();
    assert_error(&error, "file-unwritable", "no space left on device");
    assert_eq!(error.help.as_deref(), Some("make room on the disk, or write to another one"));
    let mut file = Aside::create("/dev/full").unwrap();
    assert_error(&file.append(&vec![b'x'; 1 << 20]).unwrap_err(), "file-unwritable", "no space left on device");
}

#[cfg(unix)]
#[test]
fn what_a_killed_process_left_is_removed_and_what_is_being_written_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in [".guard-nb-dead.part", ".guard-nb-alive.part", ".guard-nb-other", "guard-nb-x.part"] {
        fs::write(at(name), "x").unwrap();
    }
    fs::create_dir(at(".guard-nb-folder.part")).unwrap();
    std::os::unix::fs::symlink(at("guard-nb-x.part"), at(".guard-nb-link.part")).unwrap();
    // As its writer does.
    let alive = fs::File::open(at(".guard-nb-alive.part")).unwrap();
    alive.lock().unwrap();
    let mut first = Aside::create(at("a")).unwrap();
    assert!(!at(".guard-nb-dead.part").exists());
    let mut second = Aside::create(at("a")).unwrap();
    first.append(b"first").unwrap();
    second.append(b"second").unwrap();
    second.commit().unwrap();
    assert_eq!(fs::read(at("a")).unwrap(), b"second");
    first.commit().unwrap();
    assert_eq!(fs::read(at("a")).unwrap(), b"first");
    let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    let expected = [
        ".guard-nb-alive.part",
        ".guard-nb-folder.part",
        ".guard-nb-link.part",
        ".guard-nb-other",
        "a",
        "guard-nb-x.part",
    ];
    assert_eq!(left, expected);
    // Once its writer is gone, the next one that writes here takes it away.
    drop(alive);
    Aside::create(at("b")).unwrap().commit().unwrap();
    assert!(!at(".guard-nb-alive.part").exists());
}
