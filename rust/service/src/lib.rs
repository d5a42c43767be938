//! The command line `guard-nb`.
