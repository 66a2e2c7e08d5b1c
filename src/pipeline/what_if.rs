//! Variants of a model, predicted as points are, on the system and under the load of the point that answers.

use std::sync::Arc;

use super::predict::{Estimates, Request};
use super::servers::Servers;
use crate::analyse::{self, Context};
use crate::record::{Answer, PointResult, StatedQuality, WhatIf, WhatIfVariant};
use crate::scenario::{RunPoint, Variant};

/// Groups of the headline answer whose points are varied.
const MOST_GROUPS: usize = 3;

/// The variants of the scenario at the points of the headline answers, else at the first point; none where it names none.
pub fn what_if(
    request: Request<'_>,
    context: Context<'_>,
    servers: &mut Servers,
    (answers, kept): (&[Answer], &[(u64, &PointResult)]),
) -> Vec<WhatIf> {
    let variants = &request.scenario.what_if;
    if variants.is_empty() {
        return Vec::new();
    }
    let mut bases: Vec<&str> = Vec::new();
    let answered = answers.iter().filter(|answer| answer.headline);
    for key in answered.filter_map(Answer::point).take(MOST_GROUPS) {
        if !bases.contains(&key) {
            bases.push(key);
        }
    }
    if bases.is_empty() {
        bases.extend(kept.first().map(|(_, result)| result.key.as_str()));
    }
    let find = |base: &&str| kept.iter().find(|(_, result)| result.key == **base);
    bases
        .iter()
        .filter_map(find)
        .map(|(index, result)| WhatIf {
            base: result.key.clone(),
            variants: of_point(request, context, servers, &request.plan.at(*index)),
        })
        .collect()
}

fn of_point(
    request: Request<'_>,
    context: Context<'_>,
    servers: &mut Servers,
    base: &RunPoint,
) -> Vec<WhatIfVariant> {
    let varied: Vec<(&Variant, Result<RunPoint, String>)> = request
        .scenario
        .what_if
        .iter()
        .map(|variant| (variant, point(base, variant)))
        .collect();
    let points: Vec<RunPoint> = varied
        .iter()
        .filter_map(|(_, point)| point.as_ref().ok().cloned())
        .collect();
    servers.compile(&points, request.pack);
    let (servers, estimates) = (&*servers, Estimates::new(request));
    super::parallel::map(&varied, |(variant, point)| {
        let result = point.as_ref().map_err(Clone::clone).and_then(|point| {
            let estimate = estimates
                .of(servers.get(point), point)
                .map_err(|why| why.to_string())?;
            Ok(analyse::point(context, point, point.id(), &estimate))
        });
        let (point, refused) = match result {
            Ok(result) => (Some(result), None),
            Err(why) => (None, Some(why)),
        };
        WhatIfVariant {
            name: variant.name.clone(),
            about: variant.about(),
            point,
            refused,
            quality: variant.quality.as_ref().map(|quality| StatedQuality {
                score: quality.score,
                metric: quality.metric.clone(),
                source: quality.source.clone(),
            }),
        }
    })
}

/// The point with a variant in place of its model.
fn point(base: &RunPoint, variant: &Variant) -> Result<RunPoint, String> {
    Ok(RunPoint {
        key: format!("{},what_if={}", base.key, variant.name),
        system: Arc::new(variant.applied(&base.system)?),
        ..base.clone()
    })
}
