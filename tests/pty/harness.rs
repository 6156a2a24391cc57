//! A terminal for programs under test: a real pseudo-terminal with an emulator behind it.
//!
//! ```text
//!   test -- send, resize, signal, hang_up --> pty master | slave <-- program (leader of a session, or under a shell)
//!   test <-- screen, bytes, exit ------------ reader thread: vt100 emulator, answers CSI 6n
//! ```
//!
//! Waiting is generous ([`PATIENCE`]) and ends as soon as the fact waited for holds; a test fails with the screen in
//! its message. A child becomes the leader of a session on the terminal through setsid(1), for doing it in the test's
//! own fork would be unsafe code.

use std::fs::{self, File, OpenOptions};
use std::io::{self, PipeWriter, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OutputModes, Winsize, tcgetattr, tcsetwinsize};

/// How long a test waits for something that is about to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that has written nothing for this long has nothing to write.
const QUIET: Duration = Duration::from_millis(150);

/// What stands between the terminal and the program.
#[derive(Debug, Clone, Copy)]
pub enum Under {
    /// Nothing: the program leads the session of the terminal.
    Nothing,
    /// Nothing, and the terminal controls nothing: the kernel sends no SIGHUP when it is lost.
    NoJobControl,
    /// `sh -c SCRIPT`, in which `"$0" "$@"` is the program with its arguments.
    Shell(&'static str),
    /// An interactive bash without the user's settings; its prompt is `$ `. The program is `$PROGRAM`.
    Bash,
}

/// How a program is to be started.
#[derive(Debug, Clone)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    size: (u16, u16),
    under: Under,
    input: bool,
    folder: Option<PathBuf>,
}

impl Launch {
    /// Starts `program` on a terminal of 80 columns and 24 rows.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            variables: vec![("TERM".into(), "xterm-256color".into())],
            size: (80, 24),
            under: Under::Nothing,
            input: true,
            folder: None,
        }
    }

    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(ToString::to_string));
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    pub fn under(mut self, under: Under) -> Self {
        self.under = under;
        self
    }

    /// Starts it in `folder`.
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Gives the program `/dev/null` as standard input.
    pub fn without_input(mut self) -> Self {
        self.input = false;
        self
    }

    /// Opens the terminal and starts the program.
    pub fn start(self) -> Terminal {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let no_ctty = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
        let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let slave = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(no_ctty)
            .open(path)
            .unwrap();

        // Tests that run under `nohup` would hand on that hang-ups are ignored.
        let mut command = Command::new("env");
        command.args(["--default-signal=HUP", "setsid"]);
        if !matches!(self.under, Under::NoJobControl) {
            command.arg("--ctty");
        }
        match self.under {
            Under::Nothing | Under::NoJobControl => {
                command.arg(&self.program).args(&self.arguments)
            }
            Under::Shell(script) => command
                .args(["sh", "-c", script])
                .arg(&self.program)
                .args(&self.arguments),
            Under::Bash => command
                .args(["bash", "--norc", "--noprofile", "-i"])
                .env("PROGRAM", &self.program),
        };
        // What the user of the tests has set must not show in them; a backtrace alone takes a second.
        command
            .env_remove("NO_COLOR")
            .env_remove("RUST_BACKTRACE")
            .env_remove("RUST_LIB_BACKTRACE")
            .env("PS1", "$ ")
            .env_remove("PROMPT_COMMAND")
            .env("HISTFILE", "");
        command.envs(self.variables);
        if let Some(folder) = self.folder {
            command.current_dir(folder);
        }
        let end = || Stdio::from(slave.try_clone().unwrap());
        command
            .stdin(if self.input { end() } else { Stdio::null() })
            .stdout(end())
            .stderr(end());

        let mut terminal = Terminal::new(master, slave, self.size);
        terminal.child = Some(
            command
                .spawn()
                .expect("setsid of util-linux starts the program"),
        );
        terminal
    }
}

/// What the program has written so far.
struct Shown {
    emulator: vt100::Parser,
    bytes: Vec<u8>,
    /// When the last byte came.
    last: Instant,
    /// How often the program asked for the cursor's position.
    queries: usize,
}

/// A terminal with a program on it.
pub struct Terminal {
    master: Option<Arc<File>>,
    slave: File,
    child: Option<Child>,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    reader: Option<(JoinHandle<()>, PipeWriter)>,
}

impl Terminal {
    fn new(master: OwnedFd, slave: File, (columns, rows): (u16, u16)) -> Self {
        let master = Arc::new(File::from(master));
        let emulator = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
        let shown = Shown {
            emulator,
            bytes: Vec::new(),
            last: Instant::now(),
            queries: 0,
        };
        let shown = Arc::new((Mutex::new(shown), Condvar::new()));
        let (stop, stopper) = io::pipe().unwrap();
        let reader = {
            let (master, shown) = (Arc::clone(&master), Arc::clone(&shown));
            thread::spawn(move || {
                loop {
                    let mut ends = [
                        PollFd::new(&*master, PollFlags::IN),
                        PollFd::new(&stop, PollFlags::IN),
                    ];
                    if poll(&mut ends, None).is_err() {
                        continue;
                    }
                    if !ends[1].revents().is_empty() {
                        return;
                    }
                    let mut buffer = vec![0; 64 * 1024];
                    let Ok(count) = (&*master).read(&mut buffer) else {
                        return;
                    };
                    let mut shown = shown.0.lock().unwrap();
                    shown.accept(&buffer[..count], &master);
                    drop(shown);
                }
            })
        };
        let terminal = Self {
            master: Some(master),
            slave,
            child: None,
            shown,
            reader: Some((reader, stopper)),
        };
        terminal.set_window(columns, rows);
        terminal
    }

    /// Types `keys`.
    pub fn send(&self, keys: &str) {
        self.master().write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the terminal a new size, as dragging its window does.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.shown()
            .emulator
            .screen_mut()
            .set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        self.set_window(columns, rows);
    }

    /// Waits until the screen satisfies `fact`.
    pub fn wait_until(&self, what: &str, fact: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !fact(self.shown().emulator.screen()) {
            assert!(
                Instant::now() < deadline,
                "never: {what}; the screen is\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until `text` stands on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the program has had nothing to write for a while.
    pub fn wait_for_quiet(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let silent = self.shown().last.elapsed();
            if silent >= QUIET {
                return;
            }
            assert!(Instant::now() < deadline, "the program never stops writing");
            thread::sleep(QUIET.saturating_sub(silent));
        }
    }

    /// The bytes that the program writes in answer to `keys`: a frame, if they are one key.
    pub fn answer(&self, keys: &str) -> Vec<u8> {
        self.wait_for_quiet();
        let before = {
            let mut shown = self.shown();
            shown.last = Instant::now();
            shown.bytes.len()
        };
        self.send(keys);
        // A slow program has not begun to write when it has been quiet for a while.
        self.wait_until_idle();
        self.wait_for_quiet();
        self.shown().bytes[before..].to_vec()
    }

    /// The median number of bytes written in answer to `keys`, over `times` times.
    pub fn bytes_per_frame(&self, keys: &str, times: usize) -> usize {
        let mut counts: Vec<usize> = (0..times).map(|_| self.answer(keys).len()).collect();
        counts.sort_unstable();
        counts[counts.len() / 2]
    }

    /// All bytes written since the start.
    pub fn bytes(&self) -> Vec<u8> {
        self.shown().bytes.clone()
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        self.shown().emulator.screen().contents()
    }

    /// A fact about the emulator's screen.
    pub fn screen<T>(&self, fact: impl Fn(&vt100::Screen) -> T) -> T {
        fact(self.shown().emulator.screen())
    }

    /// How often the program asked where the cursor is.
    pub fn queries(&self) -> usize {
        self.shown().queries
    }

    /// Whether lines are edited, echoed and translated: what a shell expects.
    pub fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.slave).unwrap();
        modes
            .local_modes
            .contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
            && modes.output_modes.contains(OutputModes::OPOST)
    }

    /// Asserts that the terminal is as a shell left it: its own screen, a cursor, cooked mode, no reports.
    pub fn assert_restored(&self) {
        self.wait_until("the shell's screen", |screen| !screen.alternate_screen());
        self.screen(|screen| {
            assert!(!screen.hide_cursor(), "the cursor is shown");
            assert!(!screen.bracketed_paste(), "pastes are not bracketed");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        });
        assert!(self.is_cooked(), "cooked mode");
    }

    /// Asserts that the shell's screen is shown again, whatever its line editor does to the modes.
    pub fn assert_on_the_shells_screen(&self) {
        self.wait_until("the shell's screen", |screen| {
            !screen.alternate_screen() && !screen.hide_cursor()
        });
    }

    /// Waits for the shell to ask again: what is typed while the program is still leaving goes with it.
    pub fn wait_for_prompt(&self) {
        self.assert_on_the_shells_screen();
        self.wait_until("the shell's prompt", |screen| {
            screen.contents().trim_end().ends_with("\n$")
        });
    }

    /// Sends `signal` to the process `pid`.
    pub fn signal(pid: Pid, signal: Signal) {
        kill_process(pid, signal).unwrap();
    }

    /// The process that was started: the program, or the shell above it.
    pub fn pid(&self) -> Pid {
        Pid::from_child(self.child.as_ref().unwrap())
    }

    /// The child of the shell that was started.
    pub fn job(&self) -> Pid {
        let shell = self.pid().as_raw_nonzero().get().to_string();
        let parent = |stat: &str| {
            stat.rsplit(") ")
                .next()
                .unwrap_or("")
                .split(' ')
                .nth(1)
                .map(str::to_owned)
        };
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(stat) = fs::read_to_string(process.path().join("stat")) else {
                continue;
            };
            if parent(&stat).as_ref() == Some(&shell) {
                return Pid::from_raw(process.file_name().to_str().unwrap().parse().unwrap())
                    .unwrap();
            }
        }
        panic!("the shell has no child; the screen is\n{}", self.text());
    }

    /// Time that all threads of `pid` have run so far.
    pub fn cpu_time(pid: Pid) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).unwrap();
        let nanoseconds = threads.flatten().map(|thread| {
            let stat = fs::read_to_string(thread.path().join("schedstat")).unwrap();
            stat.split(' ').next().unwrap().parse::<u64>().unwrap()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// How often threads of `pid` have been given the processor so far: 0 more of a program that only waits.
    pub fn wakeups(pid: Pid) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).unwrap();
        let counts = threads.flatten().map(|thread| {
            let status = fs::read_to_string(thread.path().join("status")).unwrap();
            let mut lines = status.lines();
            let line = lines.find(|line| line.starts_with("voluntary_ctxt_switches"));
            let count = line.unwrap().split_whitespace().next_back().unwrap();
            count.parse::<u64>().unwrap()
        });
        counts.sum()
    }

    /// The frames that have been written so far.
    pub fn frames(&self) -> usize {
        const BEGINS: &[u8] = b"\x1b[?2026h";
        let bytes = self.bytes();
        let windows = bytes.windows(BEGINS.len());
        windows.filter(|it| *it == BEGINS).count()
    }

    /// Stops reading: the terminal takes no more output once its buffers are full.
    pub fn freeze(&mut self) {
        if let Some((reader, stopper)) = self.reader.take() {
            drop(stopper);
            reader.join().unwrap();
        }
    }

    /// Whether what the program writes is still read.
    pub fn is_read(&self) -> bool {
        self.reader.is_some()
    }

    /// Waits until the program does nothing at all: it waits for a key, or for a terminal that takes no more output.
    pub fn wait_until_idle(&self) {
        let deadline = Instant::now() + PATIENCE;
        let mut before = Duration::MAX;
        loop {
            let now = Self::cpu_time(self.pid());
            if now == before {
                return;
            }
            before = now;
            assert!(Instant::now() < deadline, "the program is never idle");
            thread::sleep(QUIET);
        }
    }

    /// Closes the terminal, as a lost connection does.
    pub fn hang_up(&mut self) {
        self.freeze();
        self.master = None;
    }

    /// Waits for the end of the process that was started, and until all that it wrote is shown.
    pub fn wait_for_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                self.wait_for_all_output();
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the program never ends; the screen is\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// What a process wrote comes to the reader some time later: what is written behind it comes after that.
    fn wait_for_all_output(&self) {
        const END: &[u8] = b"\x1b]7777;end\x07";
        if !self.is_read() || self.master.is_none() || (&self.slave).write_all(END).is_err() {
            return;
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut shown = self.shown();
            let before = shown.bytes.len().saturating_sub(END.len());
            if shown.bytes.ends_with(END) {
                shown.bytes.truncate(before);
                return;
            }
            drop(shown);
            assert!(Instant::now() < deadline, "what was written never comes");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn set_window(&self, columns: u16, rows: u16) {
        let size = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(self.master(), size).unwrap();
    }

    fn master(&self) -> &File {
        self.master
            .as_deref()
            .expect("the terminal has not been hung up")
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.0.lock().unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.freeze();
    }
}

impl Shown {
    fn accept(&mut self, bytes: &[u8], mut master: &File) {
        const QUERY: &[u8] = b"\x1b[6n";
        // A query may come in two pieces.
        let start = self.bytes.len().saturating_sub(QUERY.len() - 1);
        self.bytes.extend_from_slice(bytes);
        self.emulator.process(bytes);
        self.last = Instant::now();
        for _ in self.bytes[start..]
            .windows(QUERY.len())
            .filter(|window| *window == QUERY)
        {
            self.queries += 1;
            let (row, column) = self.emulator.screen().cursor_position();
            master
                .write_all(format!("\x1b[{};{}R", row + 1, column + 1).as_bytes())
                .unwrap();
        }
    }
}

/// The path of an example of this package, built if it is not up to date: `cargo test --test pty` builds none.
pub fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    BUILT.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "build",
            "--quiet",
            "--offline",
            "--examples",
            "--manifest-path",
        ]);
        build.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        build.arg("--target-dir").arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the examples build");
    });
    profile.join("examples").join(name)
}
