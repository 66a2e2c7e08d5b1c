//! How names are compared, and the nearest name to one that is unknown.

use super::lookup::Catalog;
use crate::diag::suggest;

/// The form in which ids and aliases are compared: lower case, `-` for `_`.
///
/// ```
/// assert_eq!(phantom::catalog::normal_name(" Qwen_2.5 "), "qwen-2.5");
/// ```
pub fn normal(name: &str) -> String {
    name.trim().to_lowercase().replace('_', "-")
}

impl Catalog {
    /// The device id nearest to a name that no device has.
    ///
    /// ```
    /// use phantom::catalog::Catalog;
    /// let near = Catalog::embedded().suggest_device("h100-sxm-80gb");
    /// assert_eq!(near.as_deref(), Some("h100-sxm5-80gb"));
    /// ```
    pub fn suggest_device(&self, typed: &str) -> Option<String> {
        suggest(typed, self.device_ids()).map(str::to_owned)
    }

    /// The model id nearest to a name that no model has: transformers and named networks first, then the zoo.
    pub fn suggest_model(&self, typed: &str) -> Option<String> {
        suggest(typed, self.model_ids())
            .or_else(|| suggest(typed, self.zoo_ids()))
            .map(str::to_owned)
    }

    /// The `provider/region/instance` nearest to one that has no price.
    pub fn suggest_price(&self, typed: &str) -> Option<String> {
        suggest(typed, self.prices().ids()).map(str::to_owned)
    }

    /// The region nearest to one whose grid is unknown.
    pub fn suggest_region(&self, typed: &str) -> Option<String> {
        suggest(typed, self.grid().ids().chain(self.regions().ids())).map(str::to_owned)
    }

    /// The interconnect nearest to one that is unknown.
    pub fn suggest_link(&self, typed: &str) -> Option<String> {
        suggest(typed, self.links().ids()).map(str::to_owned)
    }

    /// The modes of a device, for a mode it does not have.
    pub fn power_mode_names(&self, device: &str) -> Vec<String> {
        let Some(device) = self.device(device) else {
            return Vec::new();
        };
        self.power_modes()
            .iter()
            .filter(|entry| entry.value.device == device.id)
            .map(|entry| entry.value.mode.clone())
            .collect()
    }

    /// All device ids, sorted.
    pub fn device_ids(&self) -> impl Iterator<Item = &str> {
        self.hardware().ids()
    }

    /// The ids of all transformers and named networks, each table sorted.
    pub fn model_ids(&self) -> impl Iterator<Item = &str> {
        self.transformers().ids().chain(self.networks().ids())
    }

    /// The ids of the networks of public zoos, sorted.
    pub fn zoo_ids(&self) -> impl Iterator<Item = &str> {
        self.vision().ids()
    }
}
