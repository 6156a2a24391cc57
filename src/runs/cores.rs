//! Work on large rows, on all cores.

use std::{num::NonZero, panic::resume_unwind, thread};

/// Numbers from which on another core is worth its start.
const WORTH: usize = 1 << 17;

/// Does `work` for each of `items`, which have so many `numbers` together; on several cores where those are many. The results
/// are in the order of the items, whoever was done first.
pub(crate) fn each<T: Send, R: Send>(
    items: Vec<T>,
    numbers: usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    if numbers < WORTH || cores == 1 || items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    let share = items.len().div_ceil(cores);
    let mut items = items.into_iter();
    let own: Vec<T> = items.by_ref().take(share).collect();
    thread::scope(|scope| {
        let work = &work;
        let mut others = Vec::new();
        while items.len() > 0 {
            let part: Vec<T> = items.by_ref().take(share).collect();
            others.push(scope.spawn(move || part.into_iter().map(work).collect::<Vec<R>>()));
        }
        let mut results: Vec<R> = own.into_iter().map(work).collect();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for numbers in [0, WORTH] {
            for len in 0..20 {
                let items: Vec<usize> = (0..len).collect();
                let doubled: Vec<usize> = (0..len).map(|it| 2 * it).collect();
                assert_eq!(each(items, numbers, |it| 2 * it), doubled);
            }
        }
    }
}
