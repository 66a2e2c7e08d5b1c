//! Ways to pay side by side: rents, spot with its interruptions, owning with payback and break-even use.

use super::changes::option;
use super::choice::{Choice, Choices};
use super::label;
use super::number::{NBSP, percent, rounded, span};
use super::view::{Cell, Head, Table};
use crate::record::{Against, Column, Metric, Owning, Payment, Spanned, WayToPay};

/// One table for each headline answer with several ways to pay.
pub fn payments(choices: &Choices) -> Vec<Table> {
    let all = choices.results.payments.iter().enumerate();
    all.map(|(index, payment)| table(choices, index, payment))
        .collect()
}

/// How the reference price of these options is paid, where all of them are paid so.
pub fn purchase_of(options: &[&Choice], column: Column) -> Option<String> {
    let mut names = options
        .iter()
        .filter_map(|option| option.chosen.predicted(column)?.purchase);
    let first = names.next()?;
    names
        .all(|name| name == first)
        .then(|| label::purchase(first))
}

fn table(choices: &Choices, index: usize, payment: &Payment) -> Table {
    let currency = payment.currency.as_str();
    let unit: Option<Column> = payment
        .unit_column
        .as_deref()
        .and_then(|name| name.parse().ok());
    // What decides comes first: a terminal has no room for all.
    let mut head = vec![
        Head::text("Way to pay"),
        Head::number("Cost per month", currency),
    ];
    if payment.owning.is_some() {
        head.push(Head::number("Owned pays back after", "months"));
        head.push(Head::number("Owned wins above", "% use"));
        head.push(Head::number("Return on owning", "%"));
    }
    if let Some(unit) = unit {
        let unit_of = if unit.metric == Metric::CostPerMsample {
            "Msample"
        } else {
            "Mtok"
        };
        head.push(Head::number(
            label::column(unit),
            format!("{currency}/{unit_of}"),
        ));
    }
    head.push(Head::number("Cost per hour", currency));
    head.push(Head::number("Serves", "% of the time"));
    head.push(Head::number("Replicas", ""));
    let mut table = Table::new(
        format!("payments-{}", index + 1),
        format!("Ways to pay for {}", option(choices, &payment.key)),
        head,
    );
    for way in &payment.ways {
        table.push(row(way, unit.is_some(), payment.owning.as_ref()));
    }
    table.note = note(payment);
    table
}

fn row(way: &WayToPay, has_unit: bool, owning: Option<&Owning>) -> Vec<Cell> {
    let mut cells = vec![
        Cell {
            text: label::purchase(&way.purchase),
            interval: way.as_of.clone().unwrap_or_default(),
            ..Cell::default()
        },
        number(way.cost_per_month, 1.0),
    ];
    if let Some(owning) = owning {
        let found = owning
            .against
            .iter()
            .find(|against| against.purchase == way.purchase);
        cells.extend(against(found, owning));
    }
    if has_unit {
        cells.push(number(way.cost_per_unit, 1.0));
    }
    cells.push(number(Some(way.cost_per_hour), 1.0));
    cells.push(Cell::number(
        rounded(way.availability * 100.0, 4),
        way.availability,
    ));
    cells.push(number(way.replicas, 1.0));
    cells
}

fn against(found: Option<&Against>, owning: &Owning) -> [Cell; 3] {
    let Some(found) = found else {
        return [Cell::none(), Cell::none(), Cell::none()];
    };
    let payback = match found.payback_months {
        None => Cell::text("never"),
        Some(months) if months.value > owning.life_months => Cell {
            text: format!("{} (beyond its life)", rounded(months.value, 3)),
            raw: Some(months.value),
            ..Cell::default()
        },
        some => number(some, 1.0),
    };
    let even = match found.break_even_use {
        None => Cell::text("at no use"),
        some => number(some, 100.0),
    };
    [payback, even, number(Some(found.roi), 100.0)]
}

/// A number in a scale, with its range; an end without a bound is said so.
fn number(number: Option<Spanned>, scale: f64) -> Cell {
    let Some(number) = number else {
        return Cell::none();
    };
    let text = |value: f64| rounded(value * scale, 3);
    let end = |end: Option<f64>| end.map_or_else(|| "no bound".to_owned(), text);
    let interval = match (number.lo, number.hi) {
        (None, None) => String::new(),
        (Some(lo), Some(hi)) if text(lo) == text(hi) => String::new(),
        (lo, hi) => span(&end(lo), &end(hi)),
    };
    Cell {
        interval,
        ..Cell::number(text(number.value), number.value)
    }
}

fn note(payment: &Payment) -> String {
    let mut note = String::from(
        "All prices are for the stated demand, or one deployment where none is stated.",
    );
    if let Some(owning) = &payment.owning {
        note += &format!(
            " Owning takes {}{NBSP}{} at once and lasts {} months, in which the machines are used {} of the time; rents are compared for the same hours. Return is what is saved over that life, as a share of what the machines cost.",
            rounded(owning.capex, 3),
            payment.currency,
            rounded(owning.life_months, 3),
            percent(owning.used),
        );
    }
    note
}

#[cfg(test)]
mod tests {
    use crate::report::fixture;

    #[test]
    fn every_way_to_pay_has_its_row_and_owning_what_it_saves() {
        let mut results = fixture::results();
        results.payments = vec![fixture::payment()];
        let view = crate::report::view(&results);
        let [table] = view.comparisons.as_slice() else {
            panic!("one answer has ways to pay")
        };
        let texts = |row: usize| -> Vec<&str> {
            let cells = table.rows[row].cells.iter();
            cells.map(|cell| cell.text.as_str()).collect()
        };
        assert_eq!(
            texts(0)[2..5],
            ["9.50", "21", "50"],
            "payback, break-even use, return"
        );
        assert_eq!(texts(1)[0], "spot");
        assert_eq!(texts(1)[2..4], ["never", "at no use"]);
        assert_eq!(texts(2)[2..5], ["–", "–", "–"], "nothing against itself");
        let text = crate::report::summary(&view, 100);
        assert!(text.contains("Ways to pay for h100x1 fp8 at concurrency 128"));
    }
}
