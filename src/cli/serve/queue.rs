//! The requests that wait, between the thread that reads them and the one that executes them.

use super::request::Order;
use crate::error::{Error, ErrorCode};
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The next thing to do.
#[derive(Debug)]
pub(super) enum Incoming {
    /// The request with this id: a command, or what is wrong with it.
    Request(Value, Result<Order, Error>),
    /// A request has been interrupted.
    Interrupted {
        /// The id of the request that asked for it.
        id: Value,
        /// The id of the request that has been interrupted.
        request: Value,
    },
    /// The input has ended, and all requests are answered.
    End,
    /// A signal asks for the end.
    Signal,
}

/// A request that waits.
struct Waiting {
    event: Incoming,
    /// True where it is to be interrupted as soon as it begins.
    interrupted: bool,
}

#[derive(Default)]
struct QueueState {
    waiting: VecDeque<Waiting>,
    /// The id of the request under way.
    running: Option<Value>,
    ended: bool,
    signalled: bool,
}

/// A queue of requests.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
    /// Set while the request under way is to come to an end.
    interrupted: AtomicBool,
}

impl Queue {
    /// A poisoned lock is one whose thread is gone; what it guards is whole all the same.
    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a request.
    pub fn add(&self, id: Value, order: Result<Order, Error>) {
        self.push(Incoming::Request(id, order));
    }

    fn push(&self, event: Incoming) {
        let interrupted = false;
        self.state()
            .waiting
            .push_back(Waiting { event, interrupted });
        self.changed.notify_one();
    }

    /// Interrupts the request with the id `request`, whether it is under way or waits; `id` asks for it.
    pub fn interrupt(&self, id: Value, request: Value) {
        let mut state = self.state();
        let is_it = |it: &Waiting| matches!(&it.event, Incoming::Request(id, _) if *id == request);
        let found = if state.running.as_ref() == Some(&request) {
            self.interrupted.store(true, Ordering::Relaxed);
            true
        } else if let Some(waiting) = state.waiting.iter_mut().find(|it| is_it(it)) {
            waiting.interrupted = true;
            true
        } else {
            false
        };
        drop(state);
        if found {
            self.push(Incoming::Interrupted { id, request });
        } else {
            self.add(id, Err(not_found(&request)));
        }
    }

    /// Notes the end of the input.
    pub fn end(&self) {
        self.state().ended = true;
        self.changed.notify_one();
    }

    /// Notes a signal: the request under way is interrupted, those that wait are not begun.
    pub fn signal(&self) {
        self.state().signalled = true;
        self.interrupted.store(true, Ordering::Relaxed);
        self.changed.notify_one();
    }

    /// True where the request under way is to come to an end.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Waits for the next event. A request is under way from here to [`Queue::done`].
    pub fn next(&self) -> Incoming {
        let mut state = self.state();
        loop {
            if state.signalled {
                return Incoming::Signal;
            }
            if let Some(Waiting { event, interrupted }) = state.waiting.pop_front() {
                if let Incoming::Request(id, _) = &event {
                    state.running = Some(id.clone());
                    self.interrupted.store(interrupted, Ordering::Relaxed);
                }
                return event;
            }
            if state.ended {
                return Incoming::End;
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the request under way.
    pub fn done(&self) {
        self.state().running = None;
    }
}

/// The error of an interruption of a request that is not there.
pub(super) fn not_found(request: &Value) -> Error {
    let message = format!("request {request} is neither running nor queued");
    Error::plain(ErrorCode::NotAvailable, message)
}
