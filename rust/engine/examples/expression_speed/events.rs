//! The orders that `benchmarks/orders.py` generates too, one at a time.
//!
//! A field's draw is the splitmix64 output of a counter, so that the same order comes out of a vectorised generator.

/// Draws in each order.
const FIELDS: u64 = 16;
/// 2024-01-01T00:00:00Z in microseconds.
const START: i64 = 1_704_067_200_000_000;
const COUNTRIES: [&str; 5] = ["US", "DE", "FR", "PL", "gb"];
const STATUSES: [&str; 5] = ["open", "paid", "packed", "shipped", "refunded"];

/// An order; timestamps are microseconds since the epoch.
pub struct Order {
    pub order_id: i64,
    pub country: &'static str,
    pub qty: i64,
    pub amount: f64,
    pub total: f64,
    pub discount: Option<f64>,
    pub pickup: i64,
    pub dropoff: i64,
    pub status: &'static str,
    pub refund: Option<f64>,
    pub tax: f64,
}

fn splitmix64(counter: u64) -> u64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The order with this number; one in a thousand of each kind of value is spoilt.
pub fn order(number: u64) -> Order {
    let draw = |field: u64, below: u64| (splitmix64(number * FIELDS + field) % below) as i64;
    let qty = draw(1, 101);
    let cents = draw(2, 100_000) + 1;
    let spoilt = i64::from(draw(3, 1_000) == 0);
    // A prime denominator: no product of it lies half way between two cents, where libraries round differently.
    let share = draw(5, 999_983) as f64 / 999_983.0;
    let discount = match (draw(4, 20), draw(6, 1_000)) {
        (0, _) => None,
        (_, 0) => Some(1.5 + share),
        _ => Some(share),
    };
    let pickup = START + draw(7, 366 * 86_400_000) * 1_000;
    let ride = match draw(9, 1_000) {
        0 => -60_000_000,
        1 => 25 * 3_600_000_000,
        _ => (draw(8, 7_200_000) + 60_000) * 1_000,
    };
    let country = COUNTRIES[draw(0, 5) as usize];
    let status = STATUSES[draw(10, 5) as usize];
    let paid_back = if draw(12, 1_000) == 0 { 0.0 } else { (draw(11, 10_000) + 1) as f64 / 100.0 };
    Order {
        order_id: number as i64,
        country,
        qty,
        amount: cents as f64 / 100.0,
        total: (qty * cents + 100 * spoilt) as f64 / 100.0,
        discount,
        pickup,
        dropoff: pickup + ride,
        status,
        refund: (status == "refunded").then_some(paid_back),
        tax: tax(country, draw(13, 312), draw(14, 1_000) == 0) as f64 / 100.0,
    }
}

/// Per cent; 312 is a multiple of both ranges.
fn tax(country: &str, drawn: i64, spoilt: bool) -> i64 {
    match (country, spoilt) {
        ("US", false) => drawn % 12,
        ("US", true) => 12,
        ("DE", false) => 19,
        ("DE", true) => 16,
        (_, false) => drawn % 26,
        (_, true) => -1,
    }
}
