//! Physical quantities: newtypes over `f64` in base units, their text form, and how they relate.
//!
//! What becomes what: text such as `3.35 TB/s` becomes a [`BytesPerSec`], and a quantity becomes text again. Every
//! physical value outside this module is one of these types; a raw number appears only in constructors and when
//! printing. Quantities are never NaN and never negative, so they are totally ordered.
//!
//! Start reading in `quantity.rs`; dimensions are stated once, by `relation!`.

mod print;
mod quantity;
mod table;
mod text;

pub use print::{columns, count, percent, si, significant};
pub use quantity::{
    Bytes, BytesPerSec, Flops, FlopsPerSec, GramsCo2, Hertz, Joules, Money, NotAQuantity, Seconds,
    Tokens, Watts,
};
pub use text::{Dimension, Parsed, QuantityError, parse_any, parse_quantity, quantity_text};
