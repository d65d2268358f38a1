//! Work on all processors at once, its results in the order in which it came.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// How many pieces wait for each processor. What comes faster than it is done has to wait: it may be larger than the memory.
const WAITING: usize = 4;

/// Hands the pieces that `produce` sends to `work`, and gives back what `produce` returns and a result for each piece, in order.
pub(super) fn abreast<T: Send, R: Send, P>(produce: impl FnOnce(&mut dyn FnMut(T)) -> P, work: impl Fn(T) -> R + Sync) -> (P, Vec<R>) {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let (sender, receiver) = sync_channel(WAITING * processors);
    let receiver = Arc::new(Mutex::new(receiver));
    thread::scope(|scope| {
        let work = &work;
        let spawn = |receiver: Arc<_>| scope.spawn(move || all(&receiver, work));
        let running: Vec<_> = (0..processors).map(|_| spawn(Arc::clone(&receiver))).collect();
        drop(receiver);
        let mut sent = 0_usize;
        let produced = produce(&mut |piece| {
            // Nobody takes it once every worker has panicked, which is passed on below.
            let _ = sender.send((sent, piece));
            sent += 1;
        });
        drop(sender);
        let mut done: Vec<(usize, R)> =
            running.into_iter().flat_map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic))).collect();
        done.sort_unstable_by_key(|(number, _)| *number);
        (produced, done.into_iter().map(|(_, result)| result).collect())
    })
}

/// What one processor does, until there is no more.
fn all<T, R>(receiver: &Mutex<Receiver<(usize, T)>>, work: impl Fn(T) -> R) -> Vec<(usize, R)> {
    let next = || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
    std::iter::from_fn(next).map(|(number, piece)| (number, work(piece))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_pieces_however_long_each_takes() {
        let ((), results) = abreast(
            |send: &mut dyn FnMut(u64)| (0..200).rev().for_each(send),
            |piece| (0..piece * 1000).fold(piece, |all, more| std::hint::black_box(all ^ more ^ more)),
        );
        assert_eq!(results, (0..200).rev().collect::<Vec<_>>());
    }

    #[test]
    fn nothing_sent_is_nothing_done() {
        let (produced, results) = abreast(|_: &mut dyn FnMut(u8)| "all", |piece| piece);
        assert!(produced == "all" && results.is_empty());
    }
}
