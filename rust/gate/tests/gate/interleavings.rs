//! Every order in which several callers can come, crash and come again, and what holds after each of their steps (G4.8).

use crate::seam::{Hook, Seam, broken};
use crate::support::*;
use guard_gate::json::Json;
use guard_gate::ledger::Memory;
use guard_gate::permit::Key;
use guard_gate::{Gate, Ledger, Verdict};
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

const MAX: i128 = 10_000;
const HOLD: i64 = 300 * SECOND;

/// What a caller does next.
#[derive(Clone, PartialEq)]
enum Next {
    Propose,
    Redeem(String),
    Run(String),
    Settle(String),
    Done,
}

#[derive(Clone)]
struct Caller {
    id: &'static str,
    amount: i128,
    /// What the call spends in truth.
    actual: i128,
    next: Next,
}

/// How a step ends for its caller.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Answered,
    /// It died before the step was durable.
    Lost,
    /// The step is durable, and it never heard of it.
    Unheard,
}

#[derive(Clone)]
struct World {
    memory: Memory,
    now: i64,
    callers: Vec<Caller>,
    /// What was spent in truth.
    spent: i128,
    crashes: u8,
    ticks: u8,
}

struct Explorer {
    gate: Gate,
    hook: Hook,
    memory: Arc<Mutex<Memory>>,
    clock: Arc<AtomicI64>,
    end: Arc<AtomicU8>,
    steps: u64,
    orders: u64,
}

fn cents(amount: i128) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

impl Explorer {
    fn new() -> Explorer {
        let text = GATE.replace("    escalate: \"amount > 200.00\"\n", "").replace("1000.00", "100.00");
        let (clock, end) = (Arc::new(AtomicI64::new(NOON)), Arc::new(AtomicU8::new(0)));
        let how = Arc::clone(&end);
        let hook: Hook = Arc::new(move |name, done| match (name, done, how.load(Ordering::SeqCst)) {
            ("commit", false, 1) | ("commit", true, 2) => Err(broken()),
            _ => Ok(()),
        });
        Explorer { gate: load(&text), hook, memory: Arc::default(), clock, end, steps: 0, orders: 0 }
    }

    /// As a process that has just begun sees it: the tests go back to what the ledger was before, which one that has seen more denies.
    fn ledger(&self) -> Ledger {
        let (seam, now) = (
            Seam { inner: Arc::clone(&self.memory), hook: Arc::clone(&self.hook), page: usize::MAX },
            Arc::clone(&self.clock),
        );
        Ledger::new(Box::new(seam), Key::new([1; 32])).with_clock(move || now.load(Ordering::SeqCst))
    }

    /// One caller's step; what it then does next.
    fn step(&self, world: &mut World, at: usize, end: End) {
        *self.memory.lock().unwrap() = world.memory.clone();
        self.clock.store(world.now, Ordering::SeqCst);
        self.end.store(end as u8, Ordering::SeqCst);
        let caller = world.callers[at].clone();
        let next = self.act(&caller, &mut world.spent);
        self.end.store(0, Ordering::SeqCst);
        // A crash before the commit leaves what was there before.
        if end != End::Lost {
            world.memory = self.memory.lock().unwrap().clone();
        }
        if end == End::Answered || matches!(caller.next, Next::Run(_)) {
            world.callers[at].next = next;
        } else {
            world.crashes += 1;
        }
    }

    fn act(&self, caller: &Caller, spent: &mut i128) -> Next {
        match &caller.next {
            Next::Propose => {
                let decision = self.ledger().decide(&self.gate, pay(caller.id, &cents(caller.amount)).as_bytes());
                assert!(decision.verdict == Verdict::Allow || decision.permit.is_none());
                decision.permit.clone().map_or(Next::Done, Next::Redeem)
            }
            Next::Redeem(permit) => match self.ledger().redeem(permit) {
                Ok(_) => Next::Run(permit.clone()),
                // Somebody runs it, or it expired: nothing runs here.
                Err(_) => Next::Done,
            },
            Next::Run(permit) => {
                *spent += caller.actual;
                Next::Settle(permit.clone())
            }
            Next::Settle(permit) => {
                let settled = match caller.actual {
                    0 => self.ledger().release(permit),
                    actual => self.ledger().commit(permit, Some(&cents(actual))),
                };
                assert!(settled.is_ok() || self.end.load(Ordering::SeqCst) > 0, "{settled:?}");
                Next::Done
            }
            Next::Done => Next::Done,
        }
    }

    /// committed + held <= limit, and what was truly spent is within what is counted.
    fn holds(&self, world: &World) {
        *self.memory.lock().unwrap() = world.memory.clone();
        self.clock.store(world.now, Ordering::SeqCst);
        let part = Json::List(vec![Json::Text("acme".into())]);
        let counted = self.ledger().counted(&self.gate, "day", &part).unwrap();
        assert!(counted.sum <= MAX, "{counted:?}");
        assert!(world.spent <= counted.sum, "{} of {counted:?}", world.spent);
    }

    fn explore(&mut self, world: &World, crashes: u8, ticks: u8) {
        let mut last = true;
        for at in 0..world.callers.len() {
            let next = &world.callers[at].next;
            let ends: &[End] = match next {
                Next::Done => continue,
                Next::Run(_) => &[End::Answered],
                _ if world.crashes < crashes => &[End::Answered, End::Lost, End::Unheard],
                _ => &[End::Answered],
            };
            last = false;
            for end in ends {
                let mut after = world.clone();
                self.step(&mut after, at, *end);
                self.steps += 1;
                self.holds(&after);
                self.explore(&after, crashes, ticks);
            }
        }
        if !last && world.ticks < ticks {
            let mut after = world.clone();
            after.now += HOLD;
            after.ticks += 1;
            self.steps += 1;
            self.holds(&after);
            self.explore(&after, crashes, ticks);
        }
        if last {
            self.orders += 1;
            *self.memory.lock().unwrap() = world.memory.clone();
            if self.orders % 64 == 1 {
                self.ledger().verify(&[]).unwrap();
            }
        }
    }

    fn all(callers: &[(&'static str, i128, i128)], crashes: u8, ticks: u8) -> Explorer {
        let mut explorer = Explorer::new();
        let caller = |(id, amount, actual): &(&'static str, i128, i128)| {
            let (id, amount, actual) = (*id, *amount, *actual);
            Caller { id, amount, actual, next: Next::Propose }
        };
        let callers = callers.iter().map(caller).collect();
        let world = World { memory: Memory::new(), now: NOON, callers, spent: 0, crashes: 0, ticks: 0 };
        explorer.explore(&world, crashes, ticks);
        println!("{} steps in {} orders", explorer.steps, explorer.orders);
        explorer
    }
}

/// Two callers for more than there is, with two crashes anywhere and an expiry anywhere.
#[test]
fn two_callers_that_crash() {
    let found = Explorer::all(&[("a", 6_000, 5_000), ("b", 6_000, 6_000)], 2, 1);
    assert!(found.orders > 1_000, "{}", found.orders);
}

/// Two workers retry one id, beside another call; one of them crashes.
#[test]
fn two_workers_of_one_id() {
    let found = Explorer::all(&[("a", 6_000, 6_000), ("a", 6_000, 6_000), ("b", 4_000, 0)], 0, 1);
    assert!(found.orders > 1_000, "{}", found.orders);
}

/// Three callers, of whom two fit, without crashes.
#[test]
fn three_callers() {
    let found = Explorer::all(&[("a", 4_000, 4_000), ("b", 4_000, 1), ("c", 4_000, 4_000)], 0, 0);
    assert!(found.orders > 1_000, "{}", found.orders);
}

/// What the explorer must be able to find: a ledger that forgets its holds overspends in some order.
#[test]
#[should_panic(expected = "of Counted")]
fn an_overspending_ledger_is_found() {
    let explorer = Explorer::new();
    let mut world = World {
        memory: Memory::new(),
        now: NOON,
        callers: vec![Caller { id: "a", amount: 6_000, actual: 6_000, next: Next::Propose }],
        spent: 0,
        crashes: 0,
        ticks: 0,
    };
    for _ in 0..3 {
        explorer.step(&mut world, 0, End::Answered);
    }
    let Next::Settle(permit) = world.callers[0].next.clone() else { panic!("it ran") };
    assert_eq!(explorer.ledger().state(&permit), Ok("running"));
    world.memory = Memory::new();
    explorer.holds(&world);
}
