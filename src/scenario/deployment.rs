//! Reads `deployment` of one point and settles what `auto` means.

use super::read::Reader;
use super::{Deployment, Hardware, Node, Pool, Router, disaggregation};
use crate::catalog::{Model, ModelKind};
use crate::diag::{Code, Diagnostic};
use crate::ops::Parallel;
use crate::source::Span;

/// Which sizes `auto` may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// One server: `tp: auto` takes the accelerators that are left.
    Serving,
    /// One training job: `dp: auto` takes the accelerators that are left.
    Training,
}

/// A size as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Auto,
    Of(u32),
}

/// The deployment of a point; `None` where it cannot be read or does not fit.
pub(super) fn read(
    reader: &mut Reader,
    node: Option<&Node>,
    purpose: Purpose,
    system: (&Model, &Hardware),
    hardware_place: Span,
) -> Option<Deployment> {
    let router = node
        .and_then(|node| {
            reader.field(node, "router", |reader, node| {
                reader.choice(node, &Router::NAMES)
            })
        })
        .unwrap_or_default();
    if let Some(node) = node.filter(|node| disaggregation::is_meant(node)) {
        let apart = disaggregation::read(reader, node, purpose, system)?;
        return Some(Deployment { router, ..apart });
    }
    let mut flag = |key: &str| {
        node.and_then(|node| reader.field(node, key, Reader::boolean))
            .unwrap_or(false)
    };
    let sequence_parallel = flag("sequence_parallel");
    let zero =
        node.and_then(|node| reader.field(node, "zero", |reader, node| reader.count(node, 0)));
    let Pool {
        parallel,
        dp_attention,
        replicas,
    } = pool(reader, node, purpose, system, hardware_place)?;
    Some(Deployment {
        parallel,
        dp_attention,
        replicas,
        router,
        zero: zero.unwrap_or(0).min(3) as u8,
        sequence_parallel,
        prefill: None,
    })
}

/// The sizes of engines of one kind; `None` where they cannot be read or do not fit.
pub(super) fn pool(
    reader: &mut Reader,
    node: Option<&Node>,
    purpose: Purpose,
    (model, hardware): (&Model, &Hardware),
    hardware_place: Span,
) -> Option<Pool> {
    let wide = node
        .and_then(|node| node.get("tp"))
        .map(|node| size(reader, node));
    let copies = node
        .and_then(|node| node.get("dp"))
        .map(|node| size(reader, node));
    let mut field = |key: &str| {
        node.and_then(|node| reader.field(node, key, |reader, node| reader.count32(node, 1)))
            .unwrap_or(1)
    };
    let (pp, ep, cp, replicas) = (field("pp"), field("ep"), field("cp"), field("replicas"));
    let dp_attention = node
        .and_then(|node| reader.field(node, "dp_attention", Reader::boolean))
        .unwrap_or(false);
    let sizes = Sizes {
        tp: wide.unwrap_or(Some(Size::Auto))?,
        pp,
        dp: copies.unwrap_or(Some(Size::Of(1)))?,
        cp,
        accelerators: hardware.count.saturating_mul(hardware.nodes),
    };
    let place = node.map_or(hardware_place, |node| node.span);
    let (tp, dp) = match sizes.settle(purpose) {
        Ok(settled) => settled,
        Err(message) => {
            reader.push(
                Diagnostic::error(Code::BadParallelism, message, place)
                    .label("sizes that do not fit"),
            );
            return None;
        }
    };
    let parallel = Parallel { tp, pp, dp, ep, cp };
    if let Some(message) = misfit(model, parallel) {
        reader.push(
            Diagnostic::error(Code::BadParallelism, message, place)
                .label("does not divide the model"),
        );
        return None;
    }
    Some(Pool {
        parallel,
        dp_attention,
        replicas,
    })
}

fn size(reader: &mut Reader, node: &Node) -> Option<Size> {
    if node.scalar().is_some_and(|scalar| scalar.text == "auto") {
        return Some(Size::Auto);
    }
    reader.count32(node, 1).map(Size::Of)
}

struct Sizes {
    tp: Size,
    pp: u32,
    dp: Size,
    cp: u32,
    accelerators: u32,
}

impl Sizes {
    /// `tp` and `dp` with `auto` settled, or why the accelerators do not divide.
    fn settle(&self, purpose: Purpose) -> Result<(u32, u32), String> {
        let rest = |stated: u32, name: &str| {
            let taken = product([stated, self.pp, self.cp]);
            match u32::try_from(taken) {
                Ok(taken)
                    if taken <= self.accelerators && self.accelerators.is_multiple_of(taken) =>
                {
                    Ok(self.accelerators / taken)
                }
                Ok(_) | Err(_) => Err(format!(
                    "{} accelerators cannot be divided by {taken} for `{name}: auto`",
                    self.accelerators
                )),
            }
        };
        let (tp, dp) = match (self.tp, self.dp, purpose) {
            (Size::Of(tp), Size::Of(dp), _) => (tp, dp),
            (Size::Auto, Size::Of(dp), _) => (rest(dp, "tp")?, dp),
            (Size::Of(tp), Size::Auto, _) => (tp, rest(tp, "dp")?),
            (Size::Auto, Size::Auto, Purpose::Serving) => (rest(1, "tp")?, 1),
            (Size::Auto, Size::Auto, Purpose::Training) => (1, rest(1, "dp")?),
        };
        let used = product([tp, self.pp, dp, self.cp]);
        if used > u64::from(self.accelerators) {
            return Err(format!(
                "tp {tp} · pp {} · dp {dp} · cp {} needs {used} accelerators and the hardware has {}",
                self.pp, self.cp, self.accelerators
            ));
        }
        Ok((tp, dp))
    }
}

/// A product that cannot overflow into a wrong answer: it stays at the largest number.
fn product<const N: usize>(sizes: [u32; N]) -> u64 {
    sizes.into_iter().fold(1, |product: u64, size| {
        product.saturating_mul(u64::from(size))
    })
}

/// Why a transformer cannot be divided so, where it cannot.
fn misfit(model: &Model, parallel: Parallel) -> Option<String> {
    let ModelKind::Transformer(transformer) = &model.kind else {
        return None;
    };
    let heads = transformer.attention.heads;
    if heads > 0 && !heads.is_multiple_of(parallel.tp) {
        return Some(format!(
            "{heads} heads of {} cannot be divided by tp {}",
            model.id, parallel.tp
        ));
    }
    if !transformer.layers.is_multiple_of(parallel.pp) {
        return Some(format!(
            "{} layers of {} cannot be divided by pp {}",
            transformer.layers, model.id, parallel.pp
        ));
    }
    match transformer.experts {
        Some(experts) if !experts.count.is_multiple_of(parallel.ep) => Some(format!(
            "{} experts of {} cannot be divided by ep {}",
            experts.count, model.id, parallel.ep
        )),
        Some(_) | None => None,
    }
}
