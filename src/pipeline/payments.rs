//! The ways to pay for the points of headline answers.

use super::predict::{Estimates, Request};
use super::servers::Servers;
use crate::analyse::{Context, payment};
use crate::record::{Answer, Payment, PointResult};

/// Groups of the headline answer that are asked.
const MOST_GROUPS: usize = 3;

/// What every purchase option comes to at the chosen points, in the order of groups; none where fewer than two have a price.
pub fn payments(
    request: Request<'_>,
    context: Context<'_>,
    servers: &mut Servers,
    (answers, kept): (&[Answer], &[(u64, &PointResult)]),
) -> Vec<Payment> {
    let chosen = answers
        .iter()
        .filter(|answer| answer.headline && answer.search.is_none());
    let estimates = Estimates::new(request);
    let mut found: Vec<Payment> = Vec::new();
    for key in chosen
        .filter_map(|answer| answer.key.as_deref())
        .take(MOST_GROUPS)
    {
        let Some((index, result)) = kept.iter().find(|(_, one)| one.key == key) else {
            continue;
        };
        let point = request.plan.at(*index);
        servers.compile(std::slice::from_ref(&point), request.pack);
        // A point that is among the results could be estimated.
        let estimate = estimates.of(servers.get(&point), &point).ok();
        let paid = estimate
            .and_then(|estimate| payment(context, (&point, result), &estimate))
            .filter(|paid| found.iter().all(|known| known.key != paid.key));
        found.extend(paid);
    }
    found
}
