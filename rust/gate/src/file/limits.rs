//! Limits of a gate file.

use super::Meets;
use super::reader::{Reader, duration, joined};
use super::tools::{Draft, parts};
use crate::limit::{By, Kind, Limit, Part, Window};
use crate::money;
use crate::rule::OWN;
use guard_engine::document::{Node, Value, quote};
use guard_verdict::{codes::contract, codes::gate as codes};
use jiff::tz::TimeZone;

/// Reads the limits and tells the tools which they meet.
pub(super) fn read(root: &Node, gate: &str, reader: &mut Reader, tools: &mut [Draft]) -> Vec<Limit> {
    let mut out: Vec<Limit> = Vec::new();
    if let Some(list) = root.get("limits") {
        if !matches!(list.value, Value::List(_)) {
            reader.error(contract::KIND_MISMATCH, list, "limits", "`limits` is a list".to_owned());
        }
        for (position, node) in list.items().iter().enumerate() {
            let path = format!("limits[{position}]");
            let Some((name, kind)) = limit(node, &path, reader, tools) else { continue };
            let limit = Limit::new(gate, name, kind);
            if out.iter().any(|other| other.name == limit.name) {
                let message = format!("the limit {} is listed twice", quote(&limit.name));
                reader.error(contract::NAME_DUPLICATE, node, &path, message);
            }
            attach(node, &path, reader, tools, &limit, out.len());
            out.push(limit);
        }
    }
    for draft in tools {
        if let Some(by) = draft.key.take() {
            let limit = out.len();
            out.push(Limit::new(gate, format!("{}.key", draft.tool.name), Kind::Once { window: Window::Total }));
            draft.tool.meets.push(Meets { limit, by, first: false });
        }
    }
    out
}

const COMMON: [&str; 4] = ["name", "type", "tools", "by"];

fn limit(node: &Node, path: &str, reader: &mut Reader, tools: &[Draft]) -> Option<(String, Kind)> {
    let name = reader.name(node, path, "name");
    let kind = reader.required_text(node, path, "type")?;
    let own: &[&str] = match kind.as_str() {
        "budget" => &["max", "currency", "window", "zone"],
        "velocity" => &["max", "window", "zone"],
        "rate" => &["max", "per"],
        "once" => &["window", "zone"],
        "order" => &["first", "then", "within"],
        _ => {
            let message = format!("{} is no type of limit: budget, velocity, rate, once, order", quote(&kind));
            reader.error(codes::VALUE, node.get("type").unwrap_or(node), &joined(path, "type"), message);
            return None;
        }
    };
    let known: Vec<&str> = COMMON.iter().chain(own).copied().collect();
    reader.keys(node, path, &known);
    for key in own.iter().filter(|key| **key != "zone" && (kind != "once" || **key != "window")) {
        if node.get(key).is_none() {
            reader.missing(node, path, key);
        }
    }
    let at = |key: &str| node.get(key).map(|found| (found, joined(path, key)));
    let kind = match kind.as_str() {
        "budget" => {
            let currency = reader.text(node, path, "currency")?;
            let max = amount(at("max")?, &currency, reader)?;
            Kind::Budget { max, currency: currency.into(), window: window(node, path, reader)? }
        }
        "velocity" => {
            let (found, place) = at("max")?;
            let max = reader.count(found, &place)?;
            Kind::Velocity { max: i128::from(max), window: window(node, path, reader)? }
        }
        "rate" => {
            let (found, place) = at("max")?;
            let max = reader.count(found, &place);
            let (found, place) = at("per")?;
            Kind::Rate { per: reader.duration(found, &place)?, max: max? }
        }
        "once" => match node.get("window") {
            Some(_) => Kind::Once { window: window(node, path, reader)? },
            None => Kind::Once { window: Window::Total },
        },
        _ => {
            let first = tool(node, path, "first", reader, tools);
            let then = tool(node, path, "then", reader, tools);
            let (found, place) = at("within")?;
            Kind::Order { within: reader.duration(found, &place)?, first: first?, then: then? }
        }
    };
    Some((name?, kind))
}

fn amount((node, path): (&Node, String), currency: &str, reader: &mut Reader) -> Option<i128> {
    let text = match &node.value {
        Value::Text(text) | Value::Number(text) => text.as_str(),
        _ => "",
    };
    match money::read(text, currency) {
        Ok(minor) => Some(minor),
        Err((code, message)) => {
            // A number of YAML may be written in ways that digits of an amount are not.
            let written = code == codes::MONEY_FORM && matches!(node.value, Value::Number(_));
            let help = if written { "write it as text: `\"1000.00\"`" } else { code.0.help };
            reader.helped(codes::VALUE, node, &path, message, help);
            None
        }
    }
}

fn window(node: &Node, path: &str, reader: &mut Reader) -> Option<Window> {
    let zone = match node.get("zone") {
        None => TimeZone::UTC,
        Some(found) => match found.text().and_then(|name| TimeZone::get(name).ok()) {
            Some(zone) => zone,
            None => {
                let message = format!("{} is no IANA time zone", quote(found.text().unwrap_or(found.noun())));
                let help = "name one as `Europe/Berlin`, or leave `zone` out for UTC";
                reader.helped(codes::VALUE, found, &joined(path, "zone"), message, help);
                return None;
            }
        },
    };
    let found = node.get("window")?;
    let text = found.text().unwrap_or_default();
    let part = match text {
        "hour" => Part::Hour,
        "day" => Part::Day,
        "week" => Part::Week,
        "month" => Part::Month,
        "year" => Part::Year,
        "total" => return Some(Window::Total),
        _ => {
            let length = duration(text);
            if length.is_none() {
                let message = "a window is hour, day, week, month, year, total, or a duration such as `24h`".to_owned();
                reader.error(codes::VALUE, found, &joined(path, "window"), message);
            }
            return length.map(Window::Sliding);
        }
    };
    Some(Window::Calendar(part, zone))
}

fn tool(node: &Node, path: &str, key: &str, reader: &mut Reader, tools: &[Draft]) -> Option<usize> {
    let name = reader.text(node, path, key)?;
    position(&name, node.get(key)?, &joined(path, key), reader, tools)
}

fn position(name: &str, node: &Node, path: &str, reader: &mut Reader, tools: &[Draft]) -> Option<usize> {
    let found = tools.iter().position(|draft| draft.tool.name == name);
    if found.is_none() && !reader.broken.iter().any(|broken| broken == name) {
        reader.error(codes::TOOL_UNLISTED, node, path, format!("the gate lists no tool {}", quote(name)));
    }
    found
}

/// Tells the tools that a limit covers.
fn attach(node: &Node, path: &str, reader: &mut Reader, tools: &mut [Draft], limit: &Limit, number: usize) {
    let money = matches!(limit.kind, Kind::Budget { .. });
    let covered: Vec<usize> = match (&limit.kind, node.get("tools")) {
        (Kind::Order { first, then, .. }, None) => vec![*first, *then],
        (Kind::Order { .. }, Some(list)) => {
            let message = "an order names its tools by `first` and `then`".to_owned();
            reader.error(codes::MALFORMED, list, &joined(path, "tools"), message);
            return;
        }
        (_, None) => (0..tools.len()).filter(|at| !money || has_money(tools, *at)).collect(),
        (_, Some(list)) => {
            let names = list.items().iter().enumerate();
            names
                .filter_map(|(i, item)| {
                    let place = format!("{path}.tools[{i}]");
                    position(item.text().unwrap_or_default(), item, &place, reader, tools)
                })
                .collect()
        }
    };
    if covered.is_empty() && reader.broken.is_empty() {
        let message = format!("the limit {} covers no tool", quote(&limit.name));
        reader.helped(codes::VALUE, node, path, message, "name its `tools`; a budget covers those that have `money`");
    }
    for at in covered {
        if money && !has_money(tools, at) {
            let message = "a budget covers tools that say where their `money` stands".to_owned();
            reader.error(codes::VALUE, node, path, message);
        }
        let Some(draft) = tools.get_mut(at) else { continue };
        let by = match node.get("by") {
            Some(list) => parts(list, &joined(path, "by"), reader, &draft.tool.schema),
            None if matches!(limit.kind, Kind::Order { .. }) => task(),
            None if matches!(limit.kind, Kind::Once { .. }) => {
                reader.missing(node, path, "by");
                return;
            }
            None => Vec::new(),
        };
        let orders = |first: bool| Meets { limit: number, by: by.clone(), first };
        match limit.kind {
            Kind::Order { first, then, .. } => {
                if at == first && !draft.tool.meets.iter().any(|meets| meets.limit == number && meets.first) {
                    draft.tool.meets.push(orders(true));
                }
                if at == then && !draft.tool.meets.iter().any(|meets| meets.limit == number && !meets.first) {
                    draft.tool.meets.push(orders(false));
                }
            }
            _ => draft.tool.meets.push(orders(false)),
        }
    }
}

fn task() -> Vec<By> {
    OWN.iter().position(|own| *own == "task").map(By::Own).into_iter().collect()
}

fn has_money(tools: &[Draft], at: usize) -> bool {
    tools.get(at).is_some_and(|draft| draft.tool.money.is_some())
}
