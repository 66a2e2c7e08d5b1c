//! What of a place a shift of a term depends on.

use super::calibration::TermPlace;

/// Runtimes whose version, as rows have it, is the backend that computes.
const BACKENDS: [&str; 1] = ["llama.cpp"];

/// What of a place a shift depends on, from wide to narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectScope {
    /// Nothing.
    All,
    /// Class of the device.
    Class,
    /// Its architecture.
    Architecture,
    /// The device.
    Device,
    /// Runtime as modelled.
    Runtime,
    /// Software.
    Program,
    /// Software with its version.
    ProgramVersion,
    /// Number format of the weights.
    Format,
    /// Class and software.
    ClassProgram,
    /// Architecture and software.
    ArchitectureProgram,
    /// Device and software.
    DeviceProgram,
    /// Device and [backend](BACKENDS) of software that has several: one may have kernels for a device that another lacks.
    DeviceBackend,
    /// Software and format.
    ProgramFormat,
    /// Architecture and format.
    ArchitectureFormat,
    /// Kind of model and software.
    KindProgram,
    /// Kind of model, software and version.
    KindProgramVersion,
    /// Kind of model, software and format.
    KindProgramFormat,
    /// Kind of model, device and software.
    KindDeviceProgram,
    /// Architecture, software and format.
    ArchitectureProgramFormat,
    /// Device, software and format.
    DeviceProgramFormat,
    /// Model.
    Model,
    /// Model and software.
    ModelProgram,
    /// Device, model and software.
    DeviceModelProgram,
}

impl EffectScope {
    /// All, from wide to narrow.
    pub const ALL: [Self; 23] = [
        Self::All,
        Self::Class,
        Self::Architecture,
        Self::Device,
        Self::Runtime,
        Self::Program,
        Self::ProgramVersion,
        Self::Format,
        Self::ClassProgram,
        Self::ArchitectureProgram,
        Self::DeviceProgram,
        Self::DeviceBackend,
        Self::ProgramFormat,
        Self::ArchitectureFormat,
        Self::KindProgram,
        Self::KindProgramVersion,
        Self::KindProgramFormat,
        Self::KindDeviceProgram,
        Self::ArchitectureProgramFormat,
        Self::DeviceProgramFormat,
        Self::Model,
        Self::ModelProgram,
        Self::DeviceModelProgram,
    ];

    /// The scope at a place as packs write it, `device=h100-sxm5-80gb program=vllm`; `None` where the place does not say what
    /// the scope depends on.
    pub fn key(self, place: TermPlace<'_>) -> Option<String> {
        let class = ("class", place.class);
        let architecture = ("architecture", place.architecture);
        let device = ("device", place.device);
        let runtime = ("runtime", place.runtime);
        let program = ("program", place.program);
        let version = ("version", place.version);
        let format = ("format", place.precision);
        let model = ("model", place.model);
        let kind = ("kind", place.kind);
        match self {
            Self::All => Some("all".to_owned()),
            Self::Class => joined(&[class]),
            Self::Architecture => joined(&[architecture]),
            Self::Device => joined(&[device]),
            Self::Runtime => joined(&[runtime]),
            Self::Program => joined(&[program]),
            Self::ProgramVersion => joined(&[program, version]),
            Self::Format => joined(&[format]),
            Self::ClassProgram => joined(&[class, program]),
            Self::ArchitectureProgram => joined(&[architecture, program]),
            Self::DeviceProgram => joined(&[device, program]),
            Self::DeviceBackend if BACKENDS.contains(&place.runtime) => {
                joined(&[device, program, ("backend", place.version)])
            }
            Self::DeviceBackend => None,
            Self::ProgramFormat => joined(&[program, format]),
            Self::ArchitectureFormat => joined(&[architecture, format]),
            Self::KindProgram => joined(&[kind, program]),
            Self::KindProgramVersion => joined(&[kind, program, version]),
            Self::KindProgramFormat => joined(&[kind, program, format]),
            Self::KindDeviceProgram => joined(&[kind, device, program]),
            Self::ArchitectureProgramFormat => joined(&[architecture, program, format]),
            Self::DeviceProgramFormat => joined(&[device, program, format]),
            Self::Model => joined(&[model]),
            Self::ModelProgram => joined(&[model, program]),
            Self::DeviceModelProgram => joined(&[device, model, program]),
        }
    }
}

/// The backend of a version that is a backend and a year: `hip-fa` of `hip-fa-2026`.
pub(super) fn without_year(version: &str) -> &str {
    match version.rsplit_once('-') {
        Some((backend, year)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => {
            backend
        }
        Some(_) | None => version,
    }
}

fn joined(parts: &[(&str, &str)]) -> Option<String> {
    let mut key = String::with_capacity(48);
    for (name, value) in parts {
        if value.is_empty() {
            return None;
        }
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(name);
        key.push('=');
        key.push_str(value);
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_has_a_year_and_other_software_has_none() {
        let key = |runtime: &str, version: &str| {
            EffectScope::DeviceBackend.key(TermPlace {
                device: "d",
                runtime,
                program: runtime,
                version,
                ..TermPlace::ANY
            })
        };
        let known = Some("device=d program=llama.cpp backend=hip-fa-2026".to_owned());
        assert_eq!(key("llama.cpp", "hip-fa-2026"), known);
        assert_eq!(without_year("hip-fa-2026"), "hip-fa");
        assert_eq!(without_year("hip-fa"), "hip-fa");
        assert_eq!(key("llama.cpp", ""), None);
        assert_eq!(key("vllm", "0.11.0"), None);
    }
}
