//! Theory that takes long, looked at beside the loop that draws: on copies of the lanes, in a thread of its own, which is
//! dropped when a key comes.

use super::{
    frame_budget::Moment,
    lane_theory::{Sight, Wanted},
};
use crate::analysis::Minima;
use crate::debugger::{Control, LossTolerance, Session, lanes::NamedLane};
use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// One look at theory at a time.
#[derive(Debug, Default)]
pub(super) struct Aside {
    job: Option<Job>,
    /// The search for the minimum near the start.
    search: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Job {
    asked: Asked,
    is_dropped: Arc<AtomicBool>,
    /// What was seen, and the lanes with all that they know of themselves now.
    thread: JoinHandle<(Sight, Vec<NamedLane>)>,
}

/// What was asked, and where.
pub(super) type Asked = (Moment, Wanted);

impl Aside {
    /// Lets go of what is looked for: nobody wants it any more.
    pub fn forget(&self) {
        if let Some(job) = &self.job {
            job.is_dropped.store(true, Ordering::Relaxed);
        }
    }

    /// True while something is looked for, and not found yet.
    pub fn is_at_work(&self) -> bool {
        let looks = |job: &Job| !job.thread.is_finished();
        let searches = |it: &JoinHandle<()>| !it.is_finished();
        self.job.as_ref().is_some_and(looks) || self.search.as_ref().is_some_and(searches)
    }

    /// Looks for the minimum near the start, once; no key drops that. Where there are no threads, at once.
    pub fn search(&mut self, minima: &Arc<Minima>) {
        if self.search.is_some() {
            return;
        }
        let sought = Arc::clone(minima);
        let search = move || {
            let _known = sought.home();
        };
        self.search = thread::Builder::new()
            .name("minimum".into())
            .spawn(search)
            .ok();
        if self.search.is_none() {
            let _known = minima.home();
        }
    }

    /// What was asked, if it is known; else it is looked for from now on. What was asked before is dropped, unless it is
    /// `patient`: then that comes first.
    ///
    /// # Errors
    /// There are no threads.
    pub fn look(
        &mut self,
        asked: Asked,
        is_patient: bool,
        session: &mut Session,
    ) -> Result<Option<(Asked, Sight)>, ()> {
        if let Some(job) = &self.job
            && job.asked != asked
            && !is_patient
        {
            self.forget();
        }
        if self.is_at_work() {
            return Ok(None);
        }
        let job = self.job.take();
        if let Some(job) = job.filter(|job| !job.is_dropped.load(Ordering::Relaxed)) {
            let job_asked = job.asked;
            let (sight, lanes) = job.thread.join().unwrap_or_else(|it| resume_unwind(it));
            for (entry, looked_at) in session.entries_mut().zip(lanes) {
                entry.learn_from(looked_at);
            }
            return Ok(Some((job_asked, sight)));
        }
        self.job = Some(begin(asked, session).ok_or(())?);
        Ok(None)
    }
}

fn begin(asked: Asked, session: &Session) -> Option<Job> {
    let (focus, above) = (session.lanes().focus(), session.latest_tolerance().above);
    let entries = session.lanes().entries().iter();
    let mut lanes: Vec<NamedLane> = entries.map(NamedLane::apart).collect();
    let is_dropped = Arc::new(AtomicBool::new(false));
    let hears = Arc::clone(&is_dropped);
    let look = move || {
        let mut goes_on = |_| !hears.load(Ordering::Relaxed);
        let control = &mut Control::asking(&mut goes_on);
        let floor = lanes[focus].reference().floor();
        let goal = LossTolerance { above, floor };
        let sight = Sight::look(asked.1, &mut lanes, focus, goal, control);
        (sight, lanes)
    };
    let thread = thread::Builder::new().name("theory".into()).spawn(look);
    Some(Job {
        asked,
        is_dropped,
        thread: thread.ok()?,
    })
}
