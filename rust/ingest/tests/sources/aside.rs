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
