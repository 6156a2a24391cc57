//! The work that a frame has time for: what takes longer goes on at the next one.

use crate::debugger::{Control, Session};

/// Numbers that a frame may compute with: some 20 ms of work.
const MOST_NUMBERS: usize = 1 << 22;
/// An iteration costs as much as so many numbers besides its own.
const OVERHEAD: usize = 64;
/// Numbers between two polls of a control.
const EACH_POLL: usize = 1024;

/// Does `act` under a control that ends it when the frame has no more time.
pub(super) fn within_a_frame<T>(
    session: &mut Session,
    act: impl FnOnce(&mut Session, &mut Control) -> T,
) -> T {
    let loss = &session.landscape().loss;
    let each = loss.dimension().max(1) * loss.rows().max(1);
    let stride = (EACH_POLL / each).max(1);
    let mut left = (MOST_NUMBERS / (stride * (each + OVERHEAD))).max(1);
    let mut go_on = |_| {
        left = left.saturating_sub(1);
        left > 0
    };
    act(session, &mut Control::asking(&mut go_on))
}
