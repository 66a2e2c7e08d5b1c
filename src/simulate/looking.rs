//! When an engine looks at its queue: software that fetches requests now and then, or lets prompts gather.

use super::cost::StepCost;
use super::engine::Engine;
use crate::perf::Intake;

/// Steps since an engine last looked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Looking {
    /// Of generation alone: since the last look, or of gathered prompts since the first of them waits.
    steps: u64,
    /// Whether somebody was passed over when the step was chosen.
    held: bool,
}

impl<C: StepCost> Engine<C> {
    /// True where those that wait are looked at now; if so, the count begins anew.
    pub(super) fn looks(&mut self) -> bool {
        let looks = self.steps_until_look() == 0;
        if looks {
            self.looking.steps = 0;
        }
        self.looking.held = !looks && self.waiting.len() > 0;
        looks
    }

    /// Steps of generation before the queue is looked at.
    pub(super) fn steps_until_look(&self) -> u64 {
        if self.decoding.count() == 0 {
            return 0;
        }
        match self.rules.intake {
            Intake::EachStep => 0,
            Intake::Every(steps) => steps.saturating_sub(self.looking.steps),
            Intake::Gathered { steps, tokens } => {
                let generating = u64::from(self.decoding.count());
                if self.waiting.len() == 0 || generating + self.waiting_tokens(tokens) >= tokens {
                    0
                } else {
                    steps.saturating_sub(self.looking.steps)
                }
            }
        }
    }

    /// Steps of generation alone have ended.
    pub(super) fn generated_alone(&mut self, steps: u64) {
        let all = self.looking.steps + steps;
        match self.rules.intake {
            // Looks at an empty queue went by in between.
            Intake::Every(each) => self.looking.steps = (all - 1) % each + 1,
            Intake::Gathered { .. } if self.looking.held => self.looking.steps = all,
            Intake::EachStep | Intake::Gathered { .. } => {}
        }
    }

    /// A step with prompts has ended: the queue is looked at before the next one by software that fetches now and then.
    pub(super) fn had_prompts(&mut self) {
        match self.rules.intake {
            Intake::EachStep | Intake::Gathered { .. } => {}
            Intake::Every(steps) => self.looking.steps = steps,
        }
    }

    /// Tokens of the prompts that wait, of which no more than `enough` are counted.
    fn waiting_tokens(&self, enough: u64) -> u64 {
        let mut tokens = 0;
        for place in self.waiting.places() {
            tokens += self.slots.get(place).target;
            if tokens >= enough {
                break;
            }
        }
        tokens
    }
}
