//! Reads `deployment.share`: what a model has of devices that others use too.

use super::context::Context;
use super::read::Reader;
use super::{DeviceShare, Node};

/// The share of a point; the whole where none is stated, `None` where it cannot be read.
pub(super) fn read(context: &mut Context<'_>, node: Option<&Node>) -> Option<DeviceShare> {
    let Some(node) = node else {
        return Some(DeviceShare::WHOLE);
    };
    let mut part = |key: &str| match node.get(key) {
        Some(part) => Reader::positive_share(&mut context.reader, part),
        None => Some(1.0),
    };
    let (memory, time) = (part("memory"), part("time"));
    let (memory, time) = (memory?, time?);
    context.assume(
        "deployment.share",
        "the other models are always busy, so that everything on the device takes as much longer; \
         power, price and carbon are those of the whole device",
        "NVIDIA, docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/gpu-sharing.html (time-slicing) and \
         docs.nvidia.com/deploy/mps (CUDA_MPS_PINNED_DEVICE_MEM_LIMIT)",
    );
    Some(DeviceShare { memory, time })
}
