//! TLS to a server (G6.7): whoever asks for it gets a certificate that was verified with its name, or no connection.

use super::super::LedgerError;
use percent_encoding::percent_decode_str;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

type Answer<T> = Result<T, LedgerError>;

/// What `sslrootcert` calls the store of certificates of this machine.
const SYSTEM: &str = "system";

/// A connection string without what its driver does not know.
pub(super) struct Words {
    /// With `sslmode=require` in place of the modes that verify: here every mode with TLS does.
    pub url: String,
    /// `sslrootcert`: the file of the authorities that are trusted, or `system`.
    pub roots: Option<String>,
}

/// Takes `sslrootcert` out of a connection string, and says `require` for `verify-ca` and `verify-full`.
pub(super) fn words(url: &str) -> Answer<Words> {
    // A password may hold a question mark; the driver, too, takes what is before the first @ for name and password.
    let host = url.find('@').unwrap_or(0);
    let Some(query) = url.get(host..).and_then(|rest| rest.find('?')).map(|at| host + at) else {
        return Ok(Words { url: url.to_owned(), roots: None });
    };
    let (head, tail) = url.split_at(query);
    let (mut roots, mut kept) = (None, Vec::new());
    for pair in tail.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
            Some(("sslrootcert", _)) if roots.is_some() => {
                return Err(LedgerError::unavailable("the connection string has `sslrootcert` twice"));
            }
            Some(("sslrootcert", path)) => {
                let path = percent_decode_str(path).decode_utf8();
                let path = path.map_err(|_| LedgerError::unavailable("`sslrootcert` is no UTF-8"))?;
                roots = Some(path.into_owned());
            }
            _ => kept.push(pair),
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    Ok(Words { url: format!("{head}{mark}{}", kept.join("&")), roots })
}

/// What makes connections that trust the authorities of a file in PEM, or those that this machine trusts.
pub(super) fn connector(roots: Option<&str>) -> Answer<MakeRustlsConnect> {
    let trusted = match roots {
        None | Some(SYSTEM) => of_the_system()?,
        Some(path) => of_a_file(path)?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| LedgerError::unavailable(&format!("TLS cannot be spoken: {why}")))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(trusted).with_no_client_auth()))
}

/// Every certificate of the file must be one: what is skipped could be the one that was meant.
fn of_a_file(path: &str) -> Answer<RootCertStore> {
    let failed = |why: &str| {
        LedgerError::unavailable(&format!("`sslrootcert`: the certificates in {path} are unreadable: {why}"))
    };
    let mut out = RootCertStore::empty();
    for found in CertificateDer::pem_file_iter(path).map_err(|why| failed(&why.to_string()))? {
        let found = found.map_err(|why| failed(&why.to_string()))?;
        out.add(found).map_err(|why| failed(&why.to_string()))?;
    }
    if out.is_empty() { Err(failed("there is none")) } else { Ok(out) }
}

/// Stores of systems hold certificates that no library reads any more; one that is left out is not trusted.
fn of_the_system() -> Answer<RootCertStore> {
    let mut out = RootCertStore::empty();
    out.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if out.is_empty() {
        let why = "this machine trusts no certificates; name a file of them by `sslrootcert=` in the connection string";
        return Err(LedgerError::unavailable(why));
    }
    Ok(out)
}

/// Why a handshake failed, where it is the certificate and something can be done.
pub(super) fn refused(error: &tokio_postgres::Error) -> Option<&'static str> {
    let source = std::error::Error::source(error)?.downcast_ref::<std::io::Error>()?;
    match source.get_ref()?.downcast_ref::<Error>()? {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => Some(
            "nobody who is trusted vouches for its server's certificate; name its authority's file by \
             `sslrootcert=` in the connection string",
        ),
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Some("its server's certificate is not made out for this host; connect by the name that is in it"),
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            Some("its server's certificate has expired")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_of_tls_are_taken_out_and_all_else_stays() {
        for (url, kept, roots) in [
            ("postgresql://u@h/d", "postgresql://u@h/d", None),
            ("postgresql://u@h/d?sslrootcert=/a%20b.pem", "postgresql://u@h/d", Some("/a b.pem")),
            ("postgresql://u@h/d?a=1&sslmode=verify-full&b=2", "postgresql://u@h/d?a=1&sslmode=require&b=2", None),
            (
                "postgresql://u@h?sslmode=verify-ca&sslrootcert=system",
                "postgresql://u@h?sslmode=require",
                Some("system"),
            ),
            ("postgresql://u:p?sslrootcert=x@h/d", "postgresql://u:p?sslrootcert=x@h/d", None),
            ("postgresql://u:p?@h/d?sslmode=disable", "postgresql://u:p?@h/d?sslmode=disable", None),
            ("postgresql:///d?host=/tmp", "postgresql:///d?host=/tmp", None),
        ] {
            let found = words(url).unwrap();
            assert_eq!((found.url.as_str(), found.roots.as_deref()), (kept, roots), "{url}");
        }
        for url in ["postgresql://h?sslrootcert=a&sslrootcert=b", "postgresql://h?sslrootcert=%ff"] {
            assert!(words(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_no_trust() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.pem");
        assert!(connector(path.to_str()).is_err(), "there is no file");
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no certificate", broken, "-----BEGIN CERTIFICATE-----\n"] {
            std::fs::write(&path, text).unwrap();
            let error = connector(path.to_str()).map(|_| ()).unwrap_err();
            assert!(error.message.contains("sslrootcert"), "{text:?}: {error}");
        }
    }
}
