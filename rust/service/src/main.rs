//! `guard-nb`.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(guard_service::main(std::env::args_os(), &guard_service::Plain))
}
