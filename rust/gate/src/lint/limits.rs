//! Limits that no call reaches, that nothing fits, that others make idle, or that cannot be met.

use super::{View, absent, parted};
use crate::file::Currency;
use crate::file::reader::{Reader, joined};
use crate::json::joined as at;
use crate::limit::{Kind, Limit};
use crate::logic::cases::excluded;
use crate::logic::formula::Formula;
use crate::logic::region::{Region, Value};
use crate::logic::window::covers;
use crate::money::plain;
use crate::number::Number;
use guard_engine::document::{Node, quote};
use guard_verdict::codes::gate as codes;

pub(super) fn limits(root: &Node, tools: &[View<'_>], limits: &[Limit], reader: &mut Reader) {
    let nodes = root.get("limits").map(Node::items).unwrap_or_default();
    for (number, (limit, node)) in limits.iter().zip(nodes).enumerate() {
        let path = format!("limits[{number}]");
        if let Kind::Order { first, then, .. } = limit.kind {
            ordered(tools, limits, (first, then), node, &path, reader);
        } else {
            reached(tools, number, limit, node, &path, reader);
            idle(tools, limits, number, node, &path, reader);
        }
        let Some(by) = node.get("by") else { continue };
        let effect = match limit.kind {
            Kind::Once { .. } => "two calls without it are one intent",
            Kind::Order { .. } => "calls without it stand for each other",
            _ => "calls without it are counted apart from all others",
        };
        if let Some(view) = tools.iter().find(|view| !view.closed && parted(view, number).is_some()) {
            absent(view, by, &joined(&path, "by"), effect, reader);
        }
    }
}

/// The currency's part in a call of the tool that meets a budget: what must hold beside `allow`; none where it cannot.
fn spends(view: &View<'_>, currency: &str) -> Option<Formula> {
    let money = view.tool.money.as_ref()?;
    let formula = match &money.currency {
        Currency::Fixed(code) if code == currency => Formula::Always,
        Currency::Fixed(_) => return None,
        Currency::At(steps) => {
            let column = steps.iter().fold(String::new(), |path, step| at(&path, step));
            Formula::In(column, Region::of([Value::Text(currency.to_owned())]))
        }
    };
    let possible = !excluded(&[&view.tool.allow.holds_when, &formula], &view.bounds);
    possible.then_some(formula)
}

fn reached(tools: &[View<'_>], number: usize, limit: &Limit, node: &Node, path: &str, reader: &mut Reader) {
    let open = tools.iter().filter(|view| !view.closed && parted(view, number).is_some());
    let Kind::Budget { max, currency, .. } = &limit.kind else {
        if open.count() == 0 {
            let message = format!("no call that is admitted reaches the limit {}", quote(&limit.name));
            reader.warn(codes::LIMIT_UNREACHED, node, path, message);
        }
        return;
    };
    let mut reaches = false;
    for view in open {
        let Some(spends) = spends(view, currency) else { continue };
        reaches = true;
        let (Some(name), Some(most)) =
            (view.tool.money.as_ref().and_then(|money| money.top()), Number::parse(&plain(*max, currency)))
        else {
            continue;
        };
        // A budget of zero admits calls that spend nothing, which is not what a budget is for.
        let fits = Formula::In(at("", name), Region::to(most, false));
        if *max == 0 || excluded(&[&view.tool.allow.holds_when, &spends, &fits], &view.bounds) {
            let message = format!(
                "no amount that {} may spend fits {} {currency}",
                quote(&view.tool.name),
                plain(*max, currency)
            );
            reader.warn(codes::LIMIT_SMALL, node.get("max").unwrap_or(node), &joined(path, "max"), message);
        }
    }
    if !reaches {
        let message = format!("no call that is admitted spends {currency}, which {} limits", quote(&limit.name));
        reader.warn(codes::LIMIT_UNREACHED, node, path, message);
    }
}

/// Does the stronger limit deny whatever the weaker one does?
fn stronger(strong: &Kind, weak: &Kind) -> bool {
    match (strong, weak) {
        (Kind::Budget { max, currency, window }, Kind::Budget { max: weak, currency: other, window: inner }) => {
            currency == other && max <= weak && covers(window, inner)
        }
        (Kind::Velocity { max, window }, Kind::Velocity { max: weak, window: inner }) => {
            max <= weak && covers(window, inner)
        }
        (Kind::Rate { max, per }, Kind::Rate { max: weak, per: other }) => per == other && max <= weak,
        (Kind::Once { window }, Kind::Once { window: inner }) => covers(window, inner),
        _ => false,
    }
}

/// Warns of a limit that another one makes idle. Of two that are alike, the later one is idle.
fn idle(tools: &[View<'_>], limits: &[Limit], number: usize, node: &Node, path: &str, reader: &mut Reader) {
    let Some(limit) = limits.get(number) else { return };
    let over = limits.iter().enumerate().find(|(other, strong)| {
        let covered = || tools.iter().filter(|view| parted(view, number).is_some());
        *other != number
            && stronger(&strong.kind, &limit.kind)
            && covered().all(|view| parted(view, *other) == parted(view, number))
            && !(number < *other && alike(tools, limits, number, *other))
    });
    if let Some((_, strong)) = over {
        let message = format!("the limit {} never binds: {} admits no more", quote(&limit.name), quote(&strong.name));
        reader.warn(codes::LIMIT_IDLE, node, path, message);
    }
}

fn alike(tools: &[View<'_>], limits: &[Limit], a: usize, b: usize) -> bool {
    let (Some(x), Some(y)) = (limits.get(a), limits.get(b)) else { return false };
    x.kind == y.kind && tools.iter().all(|view| parted(view, a) == parted(view, b))
}

/// Warns of an order whose first call can never come before the second.
fn ordered(
    tools: &[View<'_>],
    limits: &[Limit],
    (first, then): (usize, usize),
    node: &Node,
    path: &str,
    reader: &mut Reader,
) {
    let name = |tool: usize| tools.get(tool).map(|view| quote(&view.tool.name)).unwrap_or_default();
    if tools.get(then).is_none_or(|view| view.closed) {
        return;
    }
    let message = if tools.get(first).is_some_and(|view| view.closed) {
        format!("{} is never admitted, so that {} never is either", name(first), name(then))
    } else if needs(limits, first, then) {
        format!("{} comes first and needs {} before it: neither is ever admitted", name(first), name(then))
    } else {
        return;
    };
    reader.warn(codes::ORDER_IMPOSSIBLE, node.get("first").unwrap_or(node), &joined(path, "first"), message);
}

/// Does the tool need the other one to have been called before, by any chain of orders?
fn needs(limits: &[Limit], tool: usize, other: usize) -> bool {
    let mut seen = vec![tool];
    let mut next = 0;
    while let Some(at) = seen.get(next).copied() {
        if at == other {
            return true;
        }
        for limit in limits {
            if let Kind::Order { first, then, .. } = limit.kind
                && then == at
                && !seen.contains(&first)
            {
                seen.push(first);
            }
        }
        next += 1;
    }
    false
}
