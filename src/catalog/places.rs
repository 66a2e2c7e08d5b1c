//! Look-ups by place, and what making a device emitted.

use std::sync::Arc;

use super::lookup::Catalog;
use super::names::normal;
use super::tables::{ElectricityPrice, EmbodiedCarbon, GridCarbon, Pue, Region};

impl Catalog {
    /// The power usage effectiveness of `provider/region`, else the average of the provider: the entry says which.
    pub fn pue(&self, region: &str) -> Option<&Arc<Pue>> {
        let region = normal(region);
        let provider = region.split('/').next().unwrap_or_default();
        self.pue_of(&region).or_else(|| self.pue_of(provider))
    }

    fn pue_of(&self, region: &str) -> Option<&Arc<Pue>> {
        self.pue_table().first(region).map(|entry| &entry.value)
    }

    /// Where a cloud region stands.
    pub fn region(&self, region: &str) -> Option<&Arc<Region>> {
        self.regions()
            .first(&normal(region))
            .map(|entry| &entry.value)
    }

    /// What a kilowatt-hour emits in a cloud region, a country (ISO 3166-1 alpha-3) or an aggregate; for a cloud region
    /// without a figure of its own that of its country: the entry says which.
    ///
    /// ```
    /// use phantom::catalog::Catalog;
    /// let grid = Catalog::embedded().grid_carbon("azure/uksouth").expect("of its country");
    /// assert_eq!(grid.region, "gbr");
    /// ```
    pub fn grid_carbon(&self, region: &str) -> Option<&Arc<GridCarbon>> {
        let of = |region: &str| self.grid().first(region).map(|entry| &entry.value);
        of(&normal(region)).or_else(|| of(&self.region(region)?.country))
    }

    /// What a kilowatt-hour costs in a country or US state, for a cloud region in its state or country: the entry says
    /// which. Where several classes of customers are known, the first of `industrial-large`, `industrial`, `commercial`,
    /// `business`, `residential`.
    pub fn electricity_price(&self, region: &str) -> Option<&Arc<ElectricityPrice>> {
        self.electricity_of(&normal(region)).or_else(|| {
            let region = self.region(region)?;
            let state = region.state.as_deref();
            state
                .and_then(|state| self.electricity_of(state))
                .or_else(|| self.electricity_of(&region.country))
        })
    }

    fn electricity_of(&self, region: &str) -> Option<&Arc<ElectricityPrice>> {
        const CLASSES: [&str; 5] = [
            "industrial-large",
            "industrial",
            "commercial",
            "business",
            "residential",
        ];
        let class = |price: &ElectricityPrice| {
            CLASSES
                .iter()
                .position(|class| *class == price.customer)
                .unwrap_or(CLASSES.len())
        };
        self.electricity()
            .all_of(region)
            .map(|entry| &entry.value)
            .min_by_key(|price| class(price))
    }

    /// What making a device emitted: its own figure, else that of its generic class where one is published.
    pub fn embodied_carbon(&self, device: &str) -> Option<&Arc<EmbodiedCarbon>> {
        use super::DeviceClass as Class;
        let name = normal(device);
        let own = |id: &str| self.embodied().first(id).map(|entry| &entry.value);
        own(&name).or_else(|| {
            let device = self.device(&name)?;
            own(&device.id).or_else(|| match device.class {
                Class::DatacenterGpu => own("generic-datacenter-gpu"),
                Class::Cpu => own("generic-cpu-socket"),
                Class::WorkstationGpu
                | Class::ConsumerGpu
                | Class::AppleSoc
                | Class::EdgeSoc
                | Class::Mcu
                | Class::Npu
                | Class::Asic
                | Class::Tpu => None,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_without_a_figure_of_its_own_has_that_of_its_class() {
        let catalog = Catalog::embedded();
        let own = catalog
            .embodied_carbon("h100-sxm5-80gb")
            .expect("published");
        assert_eq!(own.id, "h100-sxm5-80gb");
        let class = catalog.embodied_carbon("mi300x-192gb").expect("generic");
        assert_eq!(class.id, "generic-datacenter-gpu");
    }

    #[test]
    fn a_cloud_region_has_the_electricity_of_its_state() {
        let catalog = Catalog::embedded();
        let price = catalog
            .electricity_price("gcp/us-central1")
            .expect("in Iowa");
        assert_eq!(price.region, "us-ia");
        let price = catalog
            .electricity_price("aws/eu-central-1")
            .expect("in Germany");
        assert_eq!(price.region, "deu");
        assert!(catalog.electricity_price("aws/af-south-1").is_none());
    }
}
