//! Progress on a terminal, a line now and then for logs, or nothing.
#![expect(
    clippy::disallowed_methods,
    reason = "progress is the one thing that looks at a clock"
)]

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::ProgressMode;
use super::context::Context;

/// Shows how many points are predicted; points come in any order.
pub struct Progress {
    bar: ProgressBar,
    plain: Option<(u64, std::sync::Mutex<Instant>)>,
}

impl Progress {
    /// How often a log line is printed.
    const EVERY: Duration = Duration::from_secs(30);

    /// Progress over `total` points in the way the context asks for.
    pub fn new(context: &Context, total: u64, what: &'static str) -> Self {
        let mode = context.progress;
        let target = match mode {
            ProgressMode::Auto => ProgressDrawTarget::stderr(),
            ProgressMode::Plain | ProgressMode::None => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = "{msg} [{bar:32}] {human_pos}/{human_len}  {per_sec}  {eta}";
        bar.set_style(
            ProgressStyle::with_template(template)
                .expect("the template is valid")
                .progress_chars("━╸─"),
        );
        bar.set_message(what);
        let plain =
            (mode == ProgressMode::Plain).then(|| (total, std::sync::Mutex::new(Instant::now())));
        Self { bar, plain }
    }

    /// Says that `count` more points are done.
    pub fn advance(&self, count: u64, context: &Context) {
        self.bar.inc(count);
        if let Some((total, last)) = &self.plain {
            let mut last = last.lock().expect("nobody panics while printing");
            if last.elapsed() >= Self::EVERY {
                *last = Instant::now();
                context.say(&format!("{} of {total} points", self.bar.position()));
            }
        }
    }

    /// Clears the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A clock for the sentence "in 0.4 s"; its reading never enters a result.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since the start.
    pub fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
