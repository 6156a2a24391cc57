//! The journal of the session of this process.

use super::{SET_HOME, folder, prune};
use crate::{
    debugger::{JournalMark, Session},
    error::Error,
    files::{Existing, Stream, WriteError},
    scenario::journal::{self, TourPlace},
};
use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
    time::{Duration, Instant},
};

/// A run tells the journal how far it is this often.
const PROGRESS: Duration = Duration::from_millis(250);

/// A write of another thread is waited for this long at the end.
const WRITING: Duration = Duration::from_millis(200);

/// The fate of a session whose process ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Kept {
    /// There is nothing to go on with.
    Nothing,
    /// It can be gone on with.
    Whole,
    /// The same, but for what another thread is writing just now.
    Underway,
    /// It is lost, for this reason.
    Lost(String),
}

/// The sentence on it, if there is one to say.
impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Whole => f.write_str("the session is kept: `eigenstep --resume` goes on with it"),
            Self::Underway => f.write_str(
                "the session is kept, but for its last command perhaps: `eigenstep --resume` goes on with it",
            ),
            Self::Lost(why) => write!(f, "the session is lost: {why}"),
        }
    }
}

/// The session that a journal is of, besides its scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) enum JournalBase {
    /// One that its scenario leads to.
    #[default]
    Scenario,
    /// One on a recorded run, with the note on it.
    Recording(String),
    /// One that cannot be opened again, for this reason.
    Unkept(String),
}

impl JournalBase {
    /// That of a session on a recorded run with this note, or with none for this reason.
    pub(in crate::cli) fn recording(note: Result<String, Error>) -> Self {
        match note {
            Ok(note) => Self::Recording(note),
            Err(why) => Self::Unkept(why.message().to_owned()),
        }
    }
}

/// The journal of the session, within reach of whatever ends the process.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Keeper(Arc<Mutex<KeptJournal>>);

#[derive(Debug, Default)]
struct KeptJournal {
    /// The folder of all sessions that are kept, if there can be one.
    folder: Option<PathBuf>,
    /// The commands that have been handed over.
    told: JournalMark,
    /// True once something has been done that can be gone on with.
    has_begun: bool,
    /// The newest iteration that any lane has come to.
    frontier: u64,
    /// The time of the last note on how far a run has come.
    progress: Option<Instant>,
    /// Text that is not in the file yet, for the system has said no.
    pending: Vec<u8>,
    base: JournalBase,
    followed: Followed,
    /// The arrangement of the user's own screen.
    arrangement: Vec<String>,
    /// The place of the tour that is under way: its walk, its steps, and what had been done in its session by then.
    place: Option<(String, usize, JournalMark)>,
    /// The commands of its session that have been handed over since, and how its screen is arranged.
    strayed: Option<(JournalMark, Vec<String>)>,
    file: Option<(PathBuf, Stream)>,
    /// The file that the session was resumed from.
    resumed: Option<PathBuf>,
    /// True once it has been said that the session cannot be kept.
    has_said: bool,
}

/// The session on the screen, as far as a journal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Followed {
    /// None that is the user's.
    #[default]
    Nothing,
    /// That of the journal.
    Own,
    /// That of the tour under way, while the journal's waits.
    Tour,
    /// Another one.
    Another,
}

impl Keeper {
    /// The keeper of a session that was resumed from the file `resumed`, or of a new one.
    pub(in crate::cli) fn new(base: JournalBase, resumed: Option<PathBuf>) -> Self {
        Self::within(folder(), base, resumed)
    }

    fn within(folder: Option<PathBuf>, base: JournalBase, resumed: Option<PathBuf>) -> Self {
        let journal = KeptJournal {
            folder,
            base,
            resumed,
            ..KeptJournal::default()
        };
        Self(Arc::new(Mutex::new(journal)))
    }

    fn journal(&self) -> MutexGuard<'_, KeptJournal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the journal of a session. Returns a sentence where it cannot be kept.
    pub(in crate::cli) fn begin(
        &self,
        session: &Session,
        tour: Option<&TourPlace>,
    ) -> Option<String> {
        let mut journal = self.journal();
        let note = match &journal.base {
            JournalBase::Scenario => None,
            JournalBase::Recording(note) => Some(note.as_str()),
            JournalBase::Unkept(why) => return Some(cannot_keep(why)),
        };
        journal.pending = journal::beginning(session.origin(), note).into_bytes();
        journal.followed = Followed::Own;
        // What a recorded run begins with is nothing to go on with yet.
        let is_new = journal.base != JournalBase::Scenario && journal.resumed.is_none();
        let said = journal.follow(session, tour);
        journal.has_begun &= !is_new;
        said
    }

    /// Writes what has changed since. Returns a sentence where it cannot be written, once.
    pub(in crate::cli) fn follow(
        &self,
        session: &Session,
        tour: Option<&TourPlace>,
    ) -> Option<String> {
        self.journal().follow(session, tour)
    }

    /// Takes note, now and then, that a run has come to `t`.
    pub(in crate::cli) fn reach(&self, t: u64) {
        self.journal().reach(t);
    }

    /// The fate of the session where the process ends unasked.
    pub(in crate::cli) fn save(&self) -> Kept {
        let begun = Instant::now();
        let mut journal = loop {
            match self.0.try_lock() {
                Ok(journal) => break journal,
                Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
                // Whoever is ending the process must not wait for ever for a write that waits itself.
                Err(TryLockError::WouldBlock) if begun.elapsed() < WRITING => {
                    thread::sleep(Duration::from_millis(1));
                }
                Err(TryLockError::WouldBlock) => return Kept::Underway,
            }
        };
        if journal.followed == Followed::Nothing {
            return Kept::Nothing;
        }
        if !journal.has_begun {
            journal.remove();
            return Kept::Nothing;
        }
        match journal.write() {
            Ok(()) => Kept::Whole,
            Err(why) => Kept::Lost(why),
        }
    }

    /// The session was left by the user: kept where it has unsaved work, else there is nothing to go on with.
    pub(in crate::cli) fn leave(&self, is_unsaved: bool) -> Kept {
        if is_unsaved {
            return match &self.journal().base {
                JournalBase::Unkept(why) => Kept::Lost(why.clone()),
                _ => self.save(),
            };
        }
        self.journal().remove();
        Kept::Nothing
    }
}

impl KeptJournal {
    /// Removes the file, and that which the session was resumed from.
    fn remove(&mut self) {
        let own = self.file.take().map(|(path, _)| path);
        for file in own.into_iter().chain(self.resumed.take()) {
            let _ = fs::remove_file(file);
        }
    }

    fn follow(&mut self, session: &Session, tour: Option<&TourPlace>) -> Option<String> {
        if self.followed == Followed::Nothing {
            return None;
        }
        let mut lines = String::new();
        self.followed = Followed::Another;
        if let Some(commands) = session.commands_since(&mut self.told) {
            self.followed = Followed::Own;
            self.frontier = session.lanes().frontier();
            lines = journal::lines(&commands);
            if self.arrangement != session.arrangement() {
                self.arrangement = session.arrangement().to_vec();
                lines.push_str(&journal::look_lines(&self.arrangement, false));
            }
        }
        lines.push_str(&self.follow_tour(session, tour));
        self.has_begun |= !lines.is_empty();
        self.pending.extend(lines.into_bytes());
        let why = self.write().err()?;
        (!std::mem::replace(&mut self.has_said, true)).then(|| cannot_keep(&why))
    }

    /// The lines on how far the tour on the screen is, and on what is done in its `session` off its path.
    fn follow_tour(&mut self, session: &Session, tour: Option<&TourPlace>) -> String {
        let mut lines = String::new();
        let place = |it: &TourPlace| (it.walk.clone(), it.steps, it.left.clone());
        if self.place.as_ref() != tour.map(place).as_ref() {
            self.place = tour.map(place);
            self.strayed = tour.map(|it| (it.left.clone(), Vec::new()));
            lines.push_str(&journal::tour_line(tour));
        }
        if let (Some((told, arrangement)), Some(tour)) = (&mut self.strayed, tour)
            && let Some(commands) = session.commands_since(told)
        {
            self.followed = Followed::Tour;
            self.frontier = session.lanes().frontier();
            lines.push_str(&journal::lines_off_path(&commands));
            if *arrangement != tour.arrangement {
                arrangement.clone_from(&tour.arrangement);
                lines.push_str(&journal::look_lines(arrangement, true));
            }
        }
        lines
    }

    fn reach(&mut self, t: u64) {
        // Elsewhere it may be the t of a look into the past.
        let is_due = self.progress.is_none_or(|last| last.elapsed() >= PROGRESS);
        let lines: fn(&[String]) -> String = match self.followed {
            Followed::Own => journal::lines,
            Followed::Tour => journal::lines_off_path,
            Followed::Nothing | Followed::Another => return,
        };
        if t > self.frontier && is_due {
            self.progress = Some(Instant::now());
            self.frontier = t;
            self.has_begun = true;
            self.pending
                .extend(lines(&[format!("goto {t}")]).into_bytes());
            // Whoever asks next is told why it is not.
            let _ = self.write();
        }
    }

    /// Writes what is pending, each byte once, whatever fails on the way.
    fn write(&mut self) -> Result<(), String> {
        let (path, file) = if let Some(file) = &mut self.file {
            file
        } else {
            let folder = self.folder.as_deref().ok_or(SET_HOME)?;
            let begun = begin(folder, self.resumed.as_deref());
            let begun = begun.map_err(|error| cannot_write(folder, &error))?;
            self.file.insert(begun)
        };
        while !self.pending.is_empty() {
            match file.write(&self.pending) {
                Ok(written) if written > 0 => drop(self.pending.drain(..written)),
                Ok(_) => return Err(cannot_write(path, &io::ErrorKind::WriteZero.into())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(cannot_write(path, &error)),
            }
        }
        if let Some(resumed) = self.resumed.take() {
            // All of it is in the new one.
            let _ = fs::remove_file(resumed);
        }
        Ok(())
    }
}

fn cannot_keep(why: &str) -> String {
    format!("this session cannot be kept for --resume: {why}")
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write `{}`: {error}", path.display())
}

/// Begins the file of this process.
fn begin(folder: &Path, resumed: Option<&Path>) -> io::Result<(PathBuf, Stream)> {
    fs::create_dir_all(folder)?;
    prune(folder, resumed);
    let mut number = 1;
    loop {
        let path = folder.join(match number {
            1 => format!("last-{}.journal", process::id()),
            _ => format!("last-{}-{number}.journal", process::id()),
        });
        match Stream::begin(&path, Existing::Kept) {
            // An earlier process had the same number.
            Err(WriteError::Exists) => number += 1,
            begun => {
                let mut file = begun?;
                file.flush()?;
                // Where there are no locks, `--resume` cannot know that it is alive.
                let _ = file.lock();
                return Ok((path, file));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Source,
        files::faults,
        scenario::{Scenario, journal},
    };

    #[test]
    fn a_session_that_cannot_be_opened_again_is_not_kept_and_says_why() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("kept");
        let session = Scenario::default().session().unwrap();
        let why = "its run came from stdin".to_owned();
        let base = JournalBase::Unkept(why.clone());
        let keeper = Keeper::within(Some(folder.clone()), base, None);
        assert!(keeper.begin(&session, None).unwrap().contains(&why));
        assert_eq!(keeper.follow(&session, None), None);
        assert_eq!(keeper.save(), Kept::Nothing);
        assert_eq!(keeper.leave(true), Kept::Lost(why));
        assert!(!folder.exists());
    }

    #[test]
    fn a_tour_in_the_middle_of_a_session_leaves_its_journal_alone() {
        let directory = tempfile::tempdir().unwrap();
        let keeper = Keeper::within(
            Some(directory.path().join("kept")),
            JournalBase::Scenario,
            None,
        );
        let mut session = Scenario::default().session().unwrap();
        assert_eq!(keeper.begin(&session, None), None);
        for command in ["step 12", "break loss < 1e-3", "set eta=0.001"] {
            session.ask(command).unwrap();
            assert_eq!(keeper.follow(&session, None), None);
        }
        let text = kept(&directory.path().join("kept"));
        // Another session, with fewer commands than have been told of the first, and one that runs far.
        let mut tour = Scenario::default().session().unwrap();
        let place = |steps, tour: &Session, arrangement: &[&str]| {
            let mut left = JournalMark::default();
            tour.commands_since(&mut left);
            TourPlace {
                walk: "adam".into(),
                steps,
                left,
                arrangement: arrangement.iter().map(|it| (*it).to_owned()).collect(),
            }
        };
        let at_2 = place(2, &tour, &[]);
        assert_eq!(keeper.follow(&tour, Some(&at_2)), None);
        tour.ask("step 3").unwrap();
        let at_5 = place(5, &tour, &[]);
        for _ in 0..2 {
            assert_eq!(keeper.follow(&tour, Some(&at_5)), None);
        }
        // Off its path.
        tour.ask("set eta=0.5").unwrap();
        assert_eq!(keeper.follow(&tour, Some(&at_5)), None);
        keeper.reach(1_000_000);
        let arranged = TourPlace {
            arrangement: vec!["view theory".into()],
            ..at_5.clone()
        };
        assert_eq!(keeper.follow(&tour, Some(&arranged)), None);
        let during = kept(&directory.path().join("kept"));
        let off = "off set eta=0.5\noff goto 1000000\noff look\noff look view theory\n";
        let expected = text.map(|it| it + "tour 2 adam\ntour 5 adam\n" + off);
        assert_eq!(during, expected);
        session.ask("back 3").unwrap();
        assert_eq!(keeper.follow(&session, None), None);
        let after = kept(&directory.path().join("kept")).unwrap();
        assert!(
            after.ends_with("view theory\ngoto 9\ntour end\n"),
            "{after}"
        );
    }

    #[test]
    fn the_newest_sessions_are_kept_and_those_that_are_alive() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path();
        let old = |number: u64| {
            let path = folder.join(format!("last-{number}.journal"));
            fs::write(&path, "").unwrap();
            let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(number);
            fs::File::open(&path).unwrap().set_modified(time).unwrap();
            path
        };
        let (alive, _lock) = begin(folder, None).unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        fs::File::open(&alive)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        let files: Vec<(u64, PathBuf)> = (1..=60).map(|number| (number, old(number))).collect();
        let (own, _file) = begin(folder, None).unwrap();
        let stay = files.iter().filter(|(_, file)| file.exists());
        let stay: Vec<u64> = stay.map(|(number, _)| *number).collect();
        assert_eq!(stay, (12..=60).collect::<Vec<_>>(), "49, and the new one");
        assert!(own.exists() && alive.exists() && folder.join("notes.txt").exists());
    }

    /// The text of the one journal in `folder`, if there is one.
    fn kept(folder: &Path) -> Option<String> {
        let files: Vec<PathBuf> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert!(files.len() <= 1, "one journal and no draft: {files:?}");
        files.first().map(|file| fs::read_to_string(file).unwrap())
    }

    #[test]
    fn whatever_call_fails_a_journal_has_whole_commands_and_all_of_them_once_it_can() {
        faults::each_call(|fault| {
            let directory = tempfile::tempdir().unwrap();
            let folder = directory.path().join("kept");
            let mut session = Scenario::default().session().unwrap();
            let keeper = Keeper::within(Some(folder.clone()), JournalBase::Scenario, None);
            let mut said: Vec<String> = keeper.begin(&session, None).into_iter().collect();
            for command in ["step 12", "break loss < 1e-3", "set eta=0.001", "fork"] {
                session.ask(command).unwrap();
                said.extend(keeper.follow(&session, None));
            }
            assert!(said.len() <= 1, "said once: {said:?}");
            if let Some(text) = kept(&folder) {
                // What is there was written in order, and no byte twice.
                let whole = journal::beginning(session.origin(), None);
                let common = text.len().min(whole.len());
                assert_eq!(text[..common], whole[..common], "{fault:?}");
            }
            faults::mend();
            session.ask("back 3").unwrap();
            keeper.follow(&session, None);
            let text = kept(&folder).expect("a journal, now that there can be one");
            let source = Source::new("1.journal", text.as_str());
            let read = journal::read(&source, Path::new("")).unwrap();
            assert!(!read.is_torn, "{fault:?}: {text}");
            let mut again = read.scenario.session().unwrap();
            let mut control = crate::debugger::Control::default();
            read.scenario
                .replay(&mut again, &mut control, |_, _| {})
                .unwrap();
            assert_eq!(again.to_text(), session.to_text(), "{fault:?}: {text}");
        });
    }
}
