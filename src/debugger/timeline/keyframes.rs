//! Places of a run to start again from: close together where it is looked at, further apart far from there.
//!
//! ```text
//!   |      .        .     .    .   .  . .||||        .    .      frames, by t
//!   beginning                       the present     where it was before
//! ```
//!
//! A frame holds w and states, with which an iteration can begin: the temporaries there are found by running the iteration
//! before. When the frames outgrow their bytes a quarter of them is dropped, where the gap left behind is
//! small beside its distance from the present. Far away gaps are even.

#[cfg(test)]
mod tests;

use super::{Memory, Place};
use crate::debugger::machine::Machine;
use std::sync::Arc;

/// Iterations between keyframes where a run goes for the first time, and the most from one to a place near the present.
const INTERVAL: u64 = 16;
/// The same where an iteration costs less than keeping a frame of it.
const LONGEST_INTERVAL: u64 = 256;
/// Numbers that may be computed anew between two keyframes before the interval is the shortest.
const STRETCH: usize = 1024;
/// Most keyframes.
const MOST: usize = 4096;
/// Fewest keyframes that there is room for, however large they are.
const FEWEST: usize = 8;
/// Bytes that all keyframes of a lane may take (but the fewest are always kept).
const BUDGET: usize = 192 << 20;
/// Most keyframes that are kept an interval apart before the newest, where there is room for three times as many; and gaps that
/// are so many times their distance leave no room for those.
const MOST_NEAR: usize = 32;
const WIDEST_SPACING: f64 = 3.0;
/// The share of its distance from the present that a gap has at first.
const FIRST_SPACING: f64 = 1e-3;

/// The keyframes of a lane, by their t.
#[expect(
    clippy::vec_box,
    reason = "one may come between thousands of others, which move"
)]
#[derive(Debug, Clone)]
pub(super) struct Keyframes {
    frames: Vec<Box<Keyframe>>,
    /// Frames that were dropped, whose room is used again: that is cheaper than new room from the system, page by page.
    spare: Vec<Box<Keyframe>>,
    most: usize,
    /// Iterations between keyframes where the run goes for the first time.
    pub interval: u64,
    /// Gaps are at most this times their distance from the present.
    spacing: f64,
    /// The frame, besides the first, that has its temporaries.
    anchor: Option<u64>,
}

/// A place to start again from.
#[derive(Debug, Clone)]
pub(super) struct Keyframe {
    pub t: u64,
    lasting: Arc<[f64]>,
    /// The other variables; where there are none they are remembered, too.
    passing: Option<Arc<[f64]>>,
    is_whole: bool,
    /// What the tracks held there; none where the run had come by before.
    pub memory: Option<Memory>,
    /// True where it stays, so that an edit after it can be taken back.
    is_pinned: bool,
}

impl Keyframe {
    /// The place, as a machine comes back to it.
    pub fn place(&self) -> Place<'_> {
        Place {
            t: self.t,
            lasting: &self.lasting,
            passing: self
                .is_whole
                .then_some(self.passing.as_deref().unwrap_or_default()),
        }
    }
}

impl Keyframes {
    /// None yet, with room for those of `machine`.
    pub fn new(machine: &Machine) -> Self {
        let size = size_of_val(&*machine.lasting()) + size_of::<Keyframe>();
        Self {
            frames: Vec::new(),
            spare: Vec::new(),
            most: (BUDGET / size).clamp(FEWEST, MOST),
            interval: ((STRETCH / machine.work()) as u64)
                .clamp(INTERVAL, LONGEST_INTERVAL)
                .next_power_of_two(),
            spacing: FIRST_SPACING,
            anchor: None,
        }
    }

    /// The first of all, which always stays.
    pub fn beginning(&self) -> Option<u64> {
        self.frames.first().map(|frame| frame.t)
    }

    /// All of them, oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Keyframe> {
        self.frames.iter_mut().map(|frame| &mut **frame)
    }

    /// Those from `first` to `last`, the newest first.
    pub fn between(&mut self, first: u64, last: u64) -> impl Iterator<Item = &mut Keyframe> {
        let newest = self.frames.last().is_some_and(|frame| frame.t <= last);
        let end = if newest {
            self.frames.len()
        } else {
            self.frames.partition_point(|frame| frame.t <= last)
        };
        let frames = self.frames[..end].iter_mut().rev();
        let frames = frames.take_while(move |frame| frame.t >= first);
        frames.map(|frame| &mut **frame)
    }

    /// The one at `t`.
    pub fn found(&self, t: u64) -> Option<&Keyframe> {
        let here = self.frames.get(self.place_of(t));
        here.filter(|frame| frame.t == t).map(|frame| &**frame)
    }

    /// The latest from which `t` is reached with all variables: at it, or before it.
    pub fn latest(&self, t: u64) -> Option<&Keyframe> {
        let after = self.frames.partition_point(|frame| frame.t <= t);
        let mut before = self.frames[..after].iter().rev();
        before
            .find(|frame| frame.t < t || frame.is_whole)
            .map(|frame| &**frame)
    }

    /// Keeps a frame where `machine` is. The first has its temporaries.
    pub fn keep(&mut self, machine: &Machine, memory: Option<Memory>, presents: [u64; 2]) {
        let (lasting, passing) = (machine.lasting(), machine.passing());
        let place = Place {
            t: machine.position().t,
            lasting: &lasting,
            passing: Some(&passing),
        };
        self.keep_place(place, memory, presents);
    }

    /// The frames before `t`: most of the time all.
    fn place_of(&self, t: u64) -> usize {
        match self.frames.last() {
            Some(newest) if newest.t == t => self.frames.len() - 1,
            Some(newest) if newest.t > t => self.frames.partition_point(|frame| frame.t < t),
            _ => self.frames.len(),
        }
    }

    /// Keeps a frame of a place.
    pub fn keep_place(&mut self, place: Place<'_>, memory: Option<Memory>, presents: [u64; 2]) {
        let t = place.t;
        let mut at = self.place_of(t);
        if self.frames.get(at).is_some_and(|frame| frame.t == t) {
            return;
        }
        if self.frames.len() >= self.most {
            self.thin(presents);
            at = self.place_of(t);
        }
        let mut frame = match self.spare.pop() {
            Some(mut frame) => {
                fill(&mut frame.lasting, place.lasting);
                frame
            }
            None => Box::new(Keyframe {
                t,
                lasting: place.lasting.into(),
                passing: None,
                is_whole: false,
                memory: None,
                is_pinned: false,
            }),
        };
        (frame.t, frame.memory, frame.is_pinned) = (t, memory, false);
        let is_first = self.frames.is_empty();
        let passing = place.passing;
        frame.is_whole = passing.is_some_and(|passing| is_first || passing.is_empty());
        frame.passing = passing.filter(|_| is_first).map(Arc::from);
        self.frames.insert(at, frame);
    }

    /// Keeps a frame with its temporaries where `machine` is, in place of the last that was kept so.
    pub fn anchor(&mut self, machine: &Machine, presents: [u64; 2]) {
        self.keep(machine, None, presents);
        let t = machine.position().t;
        let passing = machine.passing();
        let is_first = self.beginning() == Some(t);
        if passing.is_empty() || is_first || self.anchor == Some(t) {
            return;
        }
        let before = self.anchor.replace(t);
        let before = before.and_then(|t| self.at(t));
        let room = before.and_then(|frame| {
            frame.is_whole = false;
            frame.passing.take()
        });
        let Some(frame) = self.at(t) else { return };
        frame.is_whole = true;
        frame.passing = Some(match room {
            Some(mut room) => {
                fill(&mut room, &passing);
                room
            }
            None => passing.as_ref().into(),
        });
    }

    fn at(&mut self, t: u64) -> Option<&mut Keyframe> {
        let at = self.frames.binary_search_by_key(&t, |frame| frame.t).ok()?;
        Some(&mut self.frames[at])
    }

    /// Lets the frame stay from which an edit at `t` is taken back.
    pub fn pin(&mut self, t: u64) {
        let pinned = self.frames.iter().filter(|frame| frame.is_pinned);
        let is_full = pinned.count() >= self.most / 4;
        let mut pinned = self.frames.iter_mut().filter(|frame| frame.is_pinned);
        if let Some(oldest) = pinned.next().filter(|_| is_full) {
            oldest.is_pinned = false;
        }
        let frames = self.frames.iter_mut().rev();
        let mut able = frames.filter(|frame| frame.t < t && frame.memory.is_some());
        if let Some(frame) = able.next() {
            frame.is_pinned = true;
        }
    }

    /// Takes all frames away from the latest on from which the tracks can go on up to `t`, and returns that.
    pub fn cut(&mut self, t: u64) -> Option<Box<Keyframe>> {
        let able = |frame: &Keyframe| frame.t < t && frame.memory.is_some();
        let at = self.frames.iter().rposition(|it| able(it)).unwrap_or(0);
        let gone = self.frames.len().saturating_sub(at + 1);
        self.spare
            .extend(self.frames.drain(self.frames.len() - gone..));
        self.anchor
            .take_if(|anchor| *anchor >= self.frames.last().map_or(0, |it| it.t));
        self.frames.pop()
    }

    /// Drops a quarter of the frames, or more.
    #[cold]
    fn thin(&mut self, presents: [u64; 2]) {
        self.spacing *= 0.8;
        let mut near = (self.most / 3).min(MOST_NEAR) as u64 * self.interval;
        self.space(presents, near);
        while self.frames.len() > self.most * 3 / 4 {
            self.spacing *= 1.25;
            // Without room for as many, fewer are near.
            if self.spacing > WIDEST_SPACING {
                near /= 2;
            }
            self.space(presents, near);
        }
    }

    /// Drops frames whose gaps are small beside their distance from the present, but none that leaves more than an interval
    /// among those that are as `near` before the newest.
    fn space(&mut self, presents: [u64; 2], near: u64) {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else {
            return;
        };
        let (mut before, newest) = (first.t, last.t);
        // Gaps are even beyond a 16th of the run: so no place is far from a frame.
        let far = (last.t - first.t) / 16;
        let mut kept = 1;
        for at in 1..self.frames.len() {
            let (frame, next) = (&self.frames[at], self.frames.get(at + 1));
            let is_wide = next.is_none_or(|next| {
                let distance = presents.map(|present| distance(frame.t, present));
                let distance = distance[0].min(distance[1]).clamp(1, far.max(1));
                #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
                let (gap, distance) = ((next.t - before) as f64, distance as f64);
                // The gap that it would leave reaches among those that are near.
                let is_near = newest - next.t <= near;
                gap > self.spacing * distance || is_near && next.t - before > self.interval
            });
            if is_wide || frame.is_pinned || self.anchor == Some(frame.t) {
                before = frame.t;
                self.frames.swap(kept, at);
                kept += 1;
            }
        }
        self.spare.extend(self.frames.drain(kept..));
    }
}

/// How far a frame is from the present; what is ahead of it is reached from there.
fn distance(t: u64, present: u64) -> u64 {
    match present.checked_sub(t) {
        Some(distance) => distance,
        None => (t - present).saturating_mul(8),
    }
}

/// Copies numbers into room that is there, where nobody else has it.
fn fill(room: &mut Arc<[f64]>, numbers: &[f64]) {
    match Arc::get_mut(room).filter(|room| room.len() == numbers.len()) {
        Some(room) => room.copy_from_slice(numbers),
        None => *room = numbers.into(),
    }
}
