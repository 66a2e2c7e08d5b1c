//! `pue.csv`, `electricity.csv`, `grid_carbon.csv`, `embodied_carbon.csv`: what a place and the making of a device add.

use super::super::Provenance;
use super::super::cells::Cells;
use super::super::table::Kind;
use crate::units::{GramsCo2, Money};

/// Power usage effectiveness of a data centre: energy of the building for energy of the machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Pue {
    /// `provider/region`, or a provider, whose average it is then.
    pub region: String,
    /// The factor, at least 1.
    pub pue: f64,
    /// Where the figure comes from.
    pub provenance: Provenance,
}

/// What a kilowatt-hour costs.
#[derive(Debug, Clone, PartialEq)]
pub struct ElectricityPrice {
    /// Country (ISO 3166-1 alpha-3), US state (`us-ca`) or aggregate (`world`), lower case.
    pub region: String,
    /// Class of customer, `industrial`, `commercial`, `residential`, …
    pub customer: String,
    /// US dollars for a kilowatt-hour.
    pub usd_per_kwh: Money,
    /// Where the figure comes from.
    pub provenance: Provenance,
}

/// What a kilowatt-hour of a grid emits.
#[derive(Debug, Clone, PartialEq)]
pub struct GridCarbon {
    /// `provider/region`, country (ISO 3166-1 alpha-3), or aggregate (`agg:europe`, `world`), lower case.
    pub region: String,
    /// Its name.
    pub name: String,
    /// `country`, `aggregate`, `cloud-region`.
    pub kind: String,
    /// Mass of CO2 equivalent for a kilowatt-hour.
    pub per_kwh: GramsCo2,
    /// What the figure counts.
    pub method: String,
    /// Licence of the figure.
    pub license: String,
    /// Where the figure comes from.
    pub provenance: Provenance,
}

/// What making a device emitted.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbodiedCarbon {
    /// A device of the catalogue, or a generic class such as `generic-datacenter-gpu`.
    pub id: String,
    /// Mass of CO2 equivalent of one piece.
    pub carbon: GramsCo2,
    /// Years of use it is spread over.
    pub lifetime_years: f64,
    /// What is counted: `gpu`, `gpu+host`, `server`, `cpu`, `per-gb`, `device`.
    pub scope: String,
    /// Where the figure comes from.
    pub provenance: Provenance,
}

/// Where a cloud region stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// `provider/region`.
    pub region: String,
    /// Town, county or state.
    pub place: String,
    /// Country (ISO 3166-1 alpha-3), lower case.
    pub country: String,
    /// US state (`us-ia`), lower case.
    pub state: Option<String>,
    /// Where that is said.
    pub provenance: Provenance,
}

pub(in super::super) const REGIONS: Kind<Region> = Kind {
    name: "regions",
    columns: &[
        "region",
        "place",
        "country",
        "state",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: |cells: &mut Cells| {
        let region = cells.id("region");
        let place = cells.text("place").to_owned();
        let country = cells.id("country");
        let state = cells.text("state");
        let provenance = cells.provenance();
        Some(Region {
            region: region?,
            place,
            country: country?,
            state: (!state.is_empty()).then(|| state.to_owned()),
            provenance,
        })
    },
    id: |region| region.region.clone(),
    unique: |region| region.region.clone(),
};

pub(in super::super) const PUE: Kind<Pue> = Kind {
    name: "pue",
    columns: &["region", "pue", "source", "as_of", "confidence", "notes"],
    read: |cells: &mut Cells| {
        let region = cells.id("region");
        cells.required("pue");
        let pue = cells.number("pue", 1.0..=3.0);
        let provenance = cells.provenance();
        Some(Pue {
            region: region?,
            pue: pue?,
            provenance,
        })
    },
    id: |pue| pue.region.clone(),
    unique: |pue| pue.region.clone(),
};

pub(in super::super) const ELECTRICITY: Kind<ElectricityPrice> = Kind {
    name: "electricity",
    columns: &[
        "region",
        "customer",
        "usd_per_kwh",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: |cells: &mut Cells| {
        let region = cells.id("region");
        let customer = cells.required("customer").map(str::to_owned);
        cells.required("usd_per_kwh");
        let price = cells.number("usd_per_kwh", 0.005..=0.6);
        let provenance = cells.provenance();
        Some(ElectricityPrice {
            region: region?,
            customer: customer?,
            usd_per_kwh: Money::new(price?),
            provenance,
        })
    },
    id: |price| price.region.clone(),
    unique: |price| format!("{} {}", price.region, price.customer),
};

pub(in super::super) const GRID: Kind<GridCarbon> = Kind {
    name: "grid_carbon",
    columns: &[
        "region",
        "name",
        "kind",
        "gco2e_per_kwh",
        "method",
        "license",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: |cells: &mut Cells| {
        let region = cells.id("region");
        let name = cells.text("name").to_owned();
        let kind = cells.text("kind").to_owned();
        cells.required("gco2e_per_kwh");
        let grams = cells.number("gco2e_per_kwh", 0.0..=1400.0);
        let method = cells.text("method").to_owned();
        let license = cells.required("license").map(str::to_owned);
        let provenance = cells.provenance();
        Some(GridCarbon {
            region: region?,
            name,
            kind,
            per_kwh: GramsCo2::new(grams?),
            method,
            license: license?,
            provenance,
        })
    },
    id: |grid| grid.region.clone(),
    unique: |grid| grid.region.clone(),
};

pub(in super::super) const EMBODIED: Kind<EmbodiedCarbon> = Kind {
    name: "embodied_carbon",
    columns: &[
        "id",
        "kgco2e",
        "lifetime_years",
        "scope",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: |cells: &mut Cells| {
        let id = cells.id("id");
        cells.required("kgco2e");
        let kilograms = cells.number("kgco2e", 0.1..=10_000.0);
        cells.required("lifetime_years");
        let years = cells.number("lifetime_years", 1.0..=20.0);
        let scope = cells.text("scope").to_owned();
        let provenance = cells.provenance();
        Some(EmbodiedCarbon {
            id: id?,
            carbon: GramsCo2::new(kilograms? * 1e3),
            lifetime_years: years?,
            scope,
            provenance,
        })
    },
    id: |entry| entry.id.clone(),
    unique: |entry| entry.id.clone(),
};
