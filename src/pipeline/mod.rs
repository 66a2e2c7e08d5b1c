//! (in work)

mod parallel;
