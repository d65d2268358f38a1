//! Signals that end a run: they wait while a file is being written, so that none is left half-written.
//!
//! Everywhere else the default is right: a run that is stopped dies of the signal, which no shell takes for success, and there is
//! nothing to tidy up.

/// Past the limit of `ulimit -f` a write is an error that can be told, instead of the end of the run.
pub fn outlive_the_size_limit() {
    // Where it cannot be arranged the default stays: the run dies of the signal, and nothing is authorized.
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
}

/// Writes while signals wait. One that came meanwhile ends the run afterwards.
#[cfg(unix)]
pub(super) fn held<T>(write: impl FnOnce() -> T) -> T {
    let held = unix::Held::now();
    let written = write();
    held.end();
    written
}

/// Writes; other systems have no such signals.
#[cfg(not(unix))]
pub(super) fn held<T>(write: impl FnOnce() -> T) -> T {
    write()
}

#[cfg(unix)]
mod unix {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, OnceLock};

    /// Once for the process, as signals are.
    static HELD: OnceLock<Held> = OnceLock::new();

    #[derive(Default)]
    pub struct Held {
        /// Whether a signal may end the run at once.
        free: Arc<AtomicBool>,
        /// The last signal that came meanwhile; 0 for none.
        came: Arc<AtomicUsize>,
    }

    impl Held {
        pub fn now() -> &'static Self {
            let held = HELD.get_or_init(Self::arranged);
            held.free.store(false, Ordering::SeqCst);
            held
        }

        /// What cannot be arranged keeps its default, which ends the run at once.
        fn arranged() -> Self {
            let held = Self::default();
            for signal in [SIGHUP, SIGINT, SIGTERM] {
                let number = usize::try_from(signal).unwrap_or_default();
                let _ = flag::register_conditional_default(signal, Arc::clone(&held.free))
                    .and_then(|_| flag::register_usize(signal, Arc::clone(&held.came), number));
            }
            held
        }

        pub fn end(&self) {
            self.free.store(true, Ordering::SeqCst);
            if let Ok(signal @ 1..) = i32::try_from(self.came.swap(0, Ordering::SeqCst)) {
                // It does not come back from here.
                let _ = low_level::emulate_default_handler(signal);
            }
        }
    }
}
