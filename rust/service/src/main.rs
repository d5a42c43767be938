//! `guard-nb`.

fn main() {}
