//! A run of a network, for tests.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::record::{
    Engine, NetworkCall, NetworkFacts, NetworkLoad, NetworkNames, NetworkScenario, NetworkStat,
    NetworkTask,
};

/// ResNet-50 on an RTX 4090 in batches of 256.
pub fn call() -> NetworkCall {
    let device = Catalog::embedded().device("rtx-4090-24gb");
    NetworkCall {
        device: Arc::clone(device.expect("in the catalogue")),
        engine: Engine::ConsumerGpu,
        names: NetworkNames {
            network: "resnet50".to_owned(),
            family: "resnet".to_owned(),
            input: "3x224x224".to_owned(),
            task: NetworkTask::Classification,
            software: "pytorch-timm".to_owned(),
            mode: "eager/nchw".to_owned(),
            version: "pytorch-timm/2.4".to_owned(),
            machine: String::new(),
            precision: "amp-fp16".to_owned(),
        },
        facts: NetworkFacts {
            params: Some(25.56e6),
            macs: Some(4.11e9),
            activations: Some(11.11e6),
            pixels: Some(50_176.0),
        },
        macs_are_exact: true,
        load: NetworkLoad {
            scenario: NetworkScenario::Throughput,
            batch: Some(256.0),
            devices: 1,
            threads: None,
            steps: 1.0,
            power_limit: None,
        },
        stat: NetworkStat::Rate,
        cards_alone: false,
    }
}
