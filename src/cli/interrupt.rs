//! Ctrl-C and the request to terminate, heard in one place. Both are the same.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use super::Ending;
use crate::experiment::Stop;

/// How long a signal goes unheard by one who waits for it, at most.
const ATTENTION: Duration = Duration::from_millis(20);

/// Signals that come within this time of the first say the same.
const SAME_WISH: Duration = Duration::from_secs(1);

/// Whether the user wants it to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. A second signal ends the process at once, for what is done is on the disk; one that comes
    /// right after the first is the same wish, as `timeout` signals the process and then its group.
    #[expect(clippy::disallowed_methods, reason = "waits for a person, not for an event")]
    pub(super) fn listen() -> Self {
        let interrupt = Self::default();
        let impatient = Stop::default();
        let code = Ending::Interrupted.code().into();
        for signal in [SIGINT, SIGTERM] {
            // where no handler can be had, a signal ends the process, and `--resume` goes on
            let _ = flag::register_conditional_shutdown(signal, code, Arc::clone(&impatient));
            let _ = flag::register(signal, Arc::clone(&interrupt.0));
        }
        interrupt.clone().then(move || {
            thread::sleep(SAME_WISH);
            impatient.store(true, Ordering::Relaxed);
        });
        interrupt
    }

    /// The same, for those who do the work.
    pub(super) fn shared(&self) -> Stop {
        Arc::clone(&self.0)
    }

    pub(super) fn is_heard(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Calls `end` once it is heard, whatever else is going on.
    #[expect(clippy::disallowed_methods, reason = "waits for a person, not for an event")]
    pub(super) fn then(self, end: impl FnOnce() + Send + 'static) {
        thread::spawn(move || {
            while !self.is_heard() {
                thread::sleep(ATTENTION);
            }
            end();
        });
    }
}
