//! Ledgers over TLS (G6.7), on a real server whose certificate is made out for localhost.

use super::server;
use guard_gate::Ledger;
use std::path::Path;

/// A new database's connection string by that host, with these words.
fn database(host: &str, words: &str) -> Option<(String, String)> {
    let plain = server::database()?;
    let over = plain.replace("@127.0.0.1:", &format!("@{host}:"));
    Some((plain, format!("{over}?{words}")))
}

/// Why there is no ledger; nothing was made on the server either.
fn refused(plain: &str, url: &str) -> String {
    let error = Ledger::open(url).map(|_| ()).unwrap_err();
    assert_eq!(error.code.name(), "ledger-unavailable");
    let there = server::connect(plain).query_one("SELECT to_regclass('guard_nb.meta') IS NOT NULL", &[]).unwrap();
    assert!(!there.get::<_, bool>(0), "{url}");
    error.message
}

#[test]
fn a_certificate_that_was_verified_with_its_name_makes_a_ledger_over_tls() {
    let Some(root) = server::root() else { return };
    for words in ["sslmode=verify-full&", "sslmode=require&", "sslmode=prefer&", ""] {
        let words = format!("{words}sslrootcert={root}&application_name=over_tls");
        let Some((plain, url)) = database("localhost", &words) else { return };
        let _ledger = Ledger::open(&url).unwrap();
        let sql = "SELECT s.ssl, s.version FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
                   WHERE a.application_name = 'over_tls' AND a.datname = current_database()";
        let row = server::connect(&plain).query_one(sql, &[]).unwrap();
        assert_eq!((row.get(0), row.get(1)), (true, "TLSv1.3"), "{words}");
    }
}

#[test]
fn a_certificate_of_another_name_is_refused() {
    let Some(root) = server::root() else { return };
    for mode in ["verify-full", "verify-ca", "require"] {
        let Some((plain, url)) = database("127.0.0.1", &format!("sslmode={mode}&sslrootcert={root}")) else { return };
        let why = refused(&plain, &url);
        assert!(why.contains("not made out for this host"), "{why}");
    }
}

#[test]
fn a_certificate_that_nobody_trusted_vouches_for_is_refused() {
    let Some((plain, url)) = database("localhost", "sslmode=require") else { return };
    let why = refused(&plain, &url);
    // Either the machine trusts others, or it trusts none.
    assert!(why.contains("name its authority's file") || why.contains("trusts no certificates"), "{why}");
}

#[test]
fn a_server_that_speaks_no_tls_is_refused_where_it_is_demanded() {
    let Some(root) = server::root() else { return };
    // On its socket in the file system PostgreSQL speaks none.
    let folder = Path::new(root).parent().unwrap().display();
    let Some(plain) = server::database() else { return };
    let (head, tail) = plain.split_once('@').unwrap();
    let (host, name) = tail.split_once('/').unwrap();
    let port = host.rsplit(':').next().unwrap();
    let url = format!("{head}@/{name}?host={folder}&port={port}");
    let why = refused(&plain, &format!("{url}&sslmode=require&sslrootcert={root}"));
    assert!(why.contains("TLS"), "{why}");
    assert!(Ledger::open(&url).is_ok(), "without TLS the socket works");
}
