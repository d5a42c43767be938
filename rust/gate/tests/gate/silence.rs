//! A server that hangs: those who wait for it are told so, and nothing is allowed.

use crate::server;
use crate::support::*;
use guard_gate::{Ledger, Verdict};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// A way to a server on which everything can be made to stay where it is.
#[derive(Clone, Default)]
struct Way(Arc<(Mutex<bool>, Condvar)>);

impl Way {
    fn block(&self, blocked: bool) {
        *self.0.0.lock().unwrap() = blocked;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |blocked| *blocked).unwrap());
    }

    /// Hands on what comes, until one of both ends.
    fn carry(&self, mut from: TcpStream, mut to: TcpStream) {
        let way = self.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                way.pass();
                if to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(std::net::Shutdown::Both);
        });
    }

    /// The connection string that leads over it.
    fn over(&self, url: &str) -> String {
        let (head, rest) = url.split_once('@').unwrap();
        let (host, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (way, host) = (self.clone(), host.to_owned());
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let far = TcpStream::connect(&host).unwrap();
                way.carry(near.try_clone().unwrap(), far.try_clone().unwrap());
                way.carry(far, near);
            }
        });
        format!("{head}@127.0.0.1:{port}/{database}?connect_timeout=1")
    }
}

#[test]
fn a_server_that_lets_nobody_in_is_unavailable() {
    // The system takes connections, and nobody answers on them.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let error = Ledger::postgres(&format!("postgresql://u@127.0.0.1:{port}/d?connect_timeout=1")).unwrap_err();
    assert_eq!(error.code.name(), "ledger-unavailable");
    assert!(error.message.ends_with("its server did not answer within 1 s"), "{}", error.message);
}

#[test]
fn a_server_that_hangs_denies_and_is_asked_again() {
    let Some(url) = server::database() else { return };
    let way = Way::default();
    let ledger = Ledger::postgres(&way.over(&url)).unwrap();
    assert_eq!(ledger.decide(&gate(), pay("a", "1").as_bytes()).verdict, Verdict::Allow);
    way.block(true);
    for id in ["b", "c"] {
        let decision = ledger.decide(&gate(), pay(id, "1").as_bytes());
        assert_eq!(codes(&decision), ["ledger-unavailable"]);
        assert!(decision.reasons[0].message.contains("did not answer within 1 s"), "{:?}", decision.reasons);
    }
    way.block(false);
    assert_eq!(ledger.decide(&gate(), pay("b", "1").as_bytes()).verdict, Verdict::Allow);
    assert_eq!(ledger.verify(&[]), Ok(2));
}
