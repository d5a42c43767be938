//! Texts that many decisions share.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A text that is cheap to clone: fixed in the program, or shared. Equal, ordered and hashed as its text.
#[derive(Clone)]
pub enum Name {
    /// Part of the program.
    Fixed(&'static str),
    /// Of a gate, or of a decision.
    Shared(Arc<str>),
}

/// What a thread keeps to write into, in bytes.
const SPARE: usize = 4_096;

thread_local! {
    static SCRATCH: RefCell<String> = RefCell::new(String::with_capacity(SPARE));
}

/// Runs with an empty text that the thread keeps. `run` does not come here again.
pub(crate) fn scratch<T>(run: impl FnOnce(&mut String) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        let out = run(scratch);
        // One large text must not hold memory for as long as its thread lives.
        scratch.shrink_to(SPARE);
        out
    })
}

impl Name {
    /// What is written, in memory of just its size. `write` makes no other name this way.
    pub(crate) fn written(write: impl FnOnce(&mut String)) -> Name {
        scratch(|scratch| {
            write(scratch);
            Name::Shared(Arc::from(scratch.as_str()))
        })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Name::Fixed(text) => text,
            Name::Shared(text) => text,
        }
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&'static str> for Name {
    fn from(text: &'static str) -> Name {
        Name::Fixed(text)
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Name {
        name.clone()
    }
}

impl From<String> for Name {
    fn from(text: String) -> Name {
        Name::Shared(Arc::from(text))
    }
}

impl From<Arc<str>> for Name {
    fn from(text: Arc<str>) -> Name {
        Name::Shared(text)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.as_str() == other.as_str()
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Name {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl std::hash::Hash for Name {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
