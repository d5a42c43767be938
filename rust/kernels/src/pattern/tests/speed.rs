//! Prints the cost per value; run with `cargo test --release -p guard-kernels speed -- --ignored --nocapture`.

use std::time::Instant;

use arrow_array::{Array, StringArray, StringViewArray};

use crate::pattern::Pattern;

const ROWS: usize = 1 << 17;

fn emails() -> Vec<String> {
    let name = |i: usize| "firstname.lastname".chars().skip(i % 7).take(4 + i % 11).collect::<String>();
    (0..ROWS).map(|i| format!("{}{}@{}.com", name(i), i % 100, &"examples"[..3 + i % 5])).collect()
}

fn report(label: &str, text: &str, values: &[String]) {
    let pattern = Pattern::compile(text).unwrap();
    let views = StringViewArray::from_iter_values(values);
    let offsets = StringArray::from_iter_values(values);
    let mut words = vec![0; views.len().div_ceil(64)];
    let mut time = |judge: &mut dyn FnMut(&mut [u64])| {
        (0..60)
            .map(|_| {
                let start = Instant::now();
                judge(&mut words);
                start.elapsed().as_secs_f64() * 1e9 / ROWS as f64
            })
            .fold(f64::INFINITY, f64::min)
    };
    let view = time(&mut |words| pattern.fail_view(&views, 0, ROWS, words));
    let offset = time(&mut |words| pattern.fail_offsets(&offsets, 0, ROWS, words));
    let cells = crate::pattern::ViewCells::new(&views, 0);
    let dfa = time(&mut |words| pattern.inner.automaton.judge(&cells, ROWS, words));
    println!("{label:>10}: view {view:5.1}  offsets {offset:5.1}  automaton {dfa:5.1}  ns/value");
}

#[test]
#[ignore = "prints times and asserts nothing"]
fn speed() {
    let emails = emails();
    let codes: Vec<_> = (0..ROWS).map(|i| ["EUR", "USD", "GBP", "eur"][i % 4].to_owned()).collect();
    let tails: Vec<_> = (0..ROWS).map(|i| format!("N{}{}", i % 9999, ["", "A", "BC"][i % 3])).collect();
    let uuids: Vec<_> = (0..ROWS)
        .map(|i| {
            let h = format!("{:032x}", (i as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835));
            format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
        })
        .collect();
    let words: Vec<_> = (0..ROWS).map(|i| ["red", "green", "blue", "purple"][i * 7 % 4].to_owned()).collect();
    let e_mail = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$";
    let uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
    report("e-mail", e_mail, &emails);
    report("code", "^[A-Z]{3}$", &codes);
    report("tail", "^N[0-9]{1,5}[A-Z]{0,2}$", &tails);
    report("prefix", "^N", &tails);
    report("all", ".*", &emails);
    report("uuid", uuid, &uuids);
    report("words", "^(?:red|green|blue)$", &words);
    report("length", "^.{1,40}$", &emails);
    report("search", r"@exam\w+", &emails);
}
