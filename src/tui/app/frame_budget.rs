//! The work that a frame has time for: what takes longer goes on at the next one.

use crate::debugger::{Control, Session};

/// Polls of a control within which a frame has to have all values: some 10 ms of work.
const MOST_POLLS: u64 = 100;
/// A number of parameters times a number of rows with which an iteration takes as long as a poll should.
const ONE_POLL: usize = 1024;

/// Does `act` under a control that ends it when the frame has no more time.
pub(super) fn within_a_frame<T>(
    session: &mut Session,
    act: impl FnOnce(&mut Session, &mut Control) -> T,
) -> T {
    let loss = &session.landscape().loss;
    let each = loss.dimension().max(1) * loss.rows().max(1);
    let mut left = (MOST_POLLS / (each / ONE_POLL).max(1) as u64).max(1);
    let mut go_on = |_| {
        left = left.saturating_sub(1);
        left > 0
    };
    act(session, &mut Control::asking(&mut go_on))
}
