//! What would change the headline answer: every input with a stated range is moved alone to both ends, and the deciding number
//! is predicted again for the chosen point and for those that may take its place.
//!
//! - Efficiency terms move to the ends that they have at the place of the chosen point. The move is a shift on the link scale of
//!   the term that holds everywhere, so that rivals move by the same shift.
//! - The price of a hardware moves over the purchases that are listed for it; utilisation, facility, grid and electricity by a
//!   fifth either way.
//! - Break-evens are sought outwards from where an input stands, by bisection on the same function.
//!
//! Numbers of moved prices are those that the points would have. A point that is simulated is not simulated again for every moved
//! term and load: its numbers are changed in the proportion in which those of the closed form change, and the document says so
//! (`method: relative`).
//!
//! A scenario that asks no question has no answer to move. Answers of searches are no points, and what a search would have found is not asked: they have no sensitivity. Nothing here
//! depends on the number of threads: inputs are mapped in order.

mod bench;
mod break_evens;
mod relative;
mod run;
mod swings;

pub use run::sensitivity;
