//! Hardware of a system.

use std::sync::Arc;

use crate::catalog::Device;
use crate::units::{Bytes, BytesPerSec, Watts};

/// Hardware with the options of the scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Hardware {
    /// One accelerator (or processor), overrides and power mode applied.
    pub device: Arc<Device>,
    /// Identity for hashing.
    pub identity: String,
    /// Accelerators in a node.
    pub count: u32,
    /// Nodes.
    pub nodes: u32,
    /// Links as stated; absent ones come from the device.
    pub interconnect: Interconnect,
    /// The host, where stated.
    pub host: Option<Host>,
    /// Power limit of one device, where stated.
    pub power_limit: Option<Watts>,
    /// Name of the power mode, where stated.
    pub power_mode: Option<String>,
}

/// Links between devices.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Interconnect {
    /// Inside a node.
    pub intra: Option<Link>,
    /// Between nodes.
    pub inter: Option<Link>,
    /// Links of one node to the network, used together.
    pub rails: u32,
}

/// One link, one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Name as written, `nvlink4`, `ib-ndr-400`.
    pub name: String,
    /// Bandwidth of one direction.
    pub bandwidth: BytesPerSec,
}

/// The machine around the accelerators.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Host {
    /// Processor.
    pub cpu: Option<Arc<Device>>,
    /// Threads used.
    pub threads: Option<u32>,
    /// Memory size.
    pub memory_size: Option<Bytes>,
    /// Memory rate, from channels and speed.
    pub memory_bandwidth: Option<BytesPerSec>,
    /// Rate to the accelerator, from `PCIe` generation and lanes.
    pub link: Option<BytesPerSec>,
    /// Storage.
    pub storage: Option<Storage>,
}

/// A disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// `nvme`, `sata`, `hdd`, as written.
    pub kind: String,
    /// Sequential read rate.
    pub read: Option<BytesPerSec>,
    /// Size.
    pub size: Option<Bytes>,
}
