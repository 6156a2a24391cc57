//! `eigenstep [SCENARIO | flags]`: the debugger in the terminal.

use super::{
    appearance::AppearanceChoices,
    choice::words,
    config::Config,
    flags::{RightsArgs, ScenarioArgs},
    open::{OpenedRun, RunOpening},
    outcome::{ExitStatus, Failure},
    plain,
    recording_note::RecordingNote,
    saved::{self, JournalBase, Keeper, Kept},
    waiting,
};
use crate::{
    debugger::{
        Progress, Rights, Session,
        session::{FrontEndOption, FrontEndValue},
    },
    error::{Error, ErrorCode},
    format::short,
    record::{
        live::Live,
        screen::{self, Appearance},
        tours,
        walk::Walk,
    },
    scenario::{
        Scenario,
        journal::{Journaled, LeftTour, TourPlace},
    },
    text::Visible,
    tui::{
        app::{App, Message},
        command::{MOUSE, offer_options},
        glyphs::Charset,
        middleware::Middleware,
        panes::Pane,
        run,
        terminal::{OpenError, Screen, TerminalOptions},
        theme::{Background, ColorChoice, ColourDepth, Theme},
        view_command::ViewCommand,
    },
};
use clap::Args;
use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    slice,
    sync::Arc,
    time::Duration,
};

/// The wait for a terminal to say what its background is.
const ANSWER: Duration = Duration::from_millis(100);

/// Display of the debugger.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Display")]
pub struct ScreenArgs {
    /// Characters that may be drawn [default: unicode where the locale is UTF-8, else ascii]
    #[arg(long, value_parser = words::<Charset>())]
    charset: Option<Charset>,
    /// Use of colour; auto obeys NO_COLOR [default: auto]
    #[arg(long, value_parser = words::<ColorChoice>())]
    color: Option<ColorChoice>,
    /// Background of the terminal [default: what COLORFGBG says, else what the terminal answers, else dark]
    #[arg(long, alias = "ground", value_parser = words::<Background>())]
    background: Option<Background>,
    /// Configuration file: keys and appearance [default: eigenstep/config.toml in $XDG_CONFIG_HOME or ~/.config]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Ways to open the debugger.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Debugger")]
pub struct OpenArgs {
    /// A plain line-by-line prompt for screen readers, logs and dumb terminals
    #[arg(long)]
    plain: bool,
    /// Resume the session that last ended unsaved, or the Nth most recent; `list` lists them
    #[arg(long, value_name = "N|list", num_args = 0..=1, default_missing_value = "1", conflicts_with = "ScenarioArgs")]
    resume: Option<String>,
    #[command(flatten)]
    rights: RightsArgs,
}

impl ScreenArgs {
    /// These flags, and what the scenario wants where they say nothing.
    fn or(&self, wanted: AppearanceChoices) -> Self {
        Self {
            charset: self.charset.or(wanted.charset),
            color: self.color.or(wanted.color),
            background: self.background.or(wanted.background),
            config: self.config.clone(),
        }
    }

    /// The characters in force: of the flag, else of the configuration, else of the locale.
    fn charset(&self, config: &Config) -> Charset {
        let variable = |name| env::var(name).ok();
        let (all, ctype, lang) = (variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG"));
        Charset::detect(
            self.charset.or(config.charset),
            all.as_deref(),
            ctype.as_deref(),
            lang.as_deref(),
        )
    }

    /// The background, where somebody has said what it is.
    fn background(&self, config: &Config) -> Option<Background> {
        let colours = env::var("COLORFGBG").ok();
        Background::told(self.background.or(config.background), colours.as_deref())
    }

    /// The colours in force.
    fn theme(&self, config: &Config) -> Theme {
        let no_color = env::var("NO_COLOR").ok();
        let color = self.color.or(config.color).unwrap_or_default();
        let background = self.background(config).unwrap_or_default();
        let [term, colorterm] = ["TERM", "COLORTERM"].map(|name| env::var(name).ok());
        let depth = ColourDepth::told(term.as_deref(), colorterm.as_deref());
        Theme::new(color.resolve(no_color.as_deref()), background).with_depth(depth)
    }

    /// True if the terminal is to be asked for its background: nobody has said, it matters, and the question is known to it
    /// (the console of Linux prints it).
    fn asks_background(&self, config: &Config) -> bool {
        self.background(config).is_none()
            && self.theme(config).has_colour()
            && env::var("TERM").is_ok_and(|term| term != "linux")
    }
}

/// Opens the debugger on the scenario of `args`, or on the session that was lost.
pub(super) fn run(
    args: &ScenarioArgs,
    looks: &ScreenArgs,
    open: &OpenArgs,
    out: &mut impl Write,
) -> Result<ExitStatus, Failure> {
    let config = Config::load(looks.config.as_deref())?;
    let resumed = match open.resume.as_deref() {
        Some("list") => {
            write!(Visible::new(out), "{}", saved::list())?;
            return Ok(ExitStatus::Done);
        }
        number => number.map(numbered).transpose()?,
    };
    let Journaled {
        mut scenario,
        recording,
        tour,
        is_torn,
    } = match &resumed {
        Some((file, _)) => saved::read(file)?,
        None => args.scenario()?.into(),
    };
    let walk = tour.as_ref().map(|tour| resumed_walk(tour, open));
    let walk = walk.transpose()?;
    scenario.rights = open.rights.rights();
    let is_bare = scenario.is_bare() && scenario.commands.is_empty();
    let looks = &looks.or(AppearanceChoices::of(&scenario)?);
    let note = recording.map(|it| RecordingNote::read(&it)).transpose()?;
    let mut again = None;
    let (mut session, panes) = match &note {
        Some(note) => {
            let opening = RunOpening::again(note, &scenario)?;
            again = opening.reopening();
            let opened = opening.session()?;
            (opened.session, opened.panes)
        }
        None if open.plain => (waiting::opening_whole(&scenario)?, &[][..]),
        None => (waiting::opening(&scenario, Scenario::session)?, &[][..]),
    };
    session.offer(FrontEndOption {
        value: FrontEndValue::Switch(config.mouse.unwrap_or(false)),
        ..MOUSE
    });
    offer_options(&mut session);
    let replayed = waiting::replaying(!open.plain, |control| {
        screen::replay(&scenario, &mut session, control)
    })?;
    let Some(views) = replayed else {
        return Ok(ExitStatus::Done);
    };
    let said = resumed.as_ref().map(|(_, count)| said_of(*count, is_torn));
    if resumed.is_none() {
        session.mark_saved();
    }
    let followed = note.as_ref().filter(|note| note.follow);
    let followed = followed.map(RecordingNote::path);
    let base = note.map_or(JournalBase::Scenario, |note| {
        JournalBase::recording(note.to_text())
    });
    let keeper = Keeper::new(base, resumed.as_ref().map(|(file, _)| file.clone()));
    let hand = Hand { keeper, again };
    let keeper = &hand.keeper;
    if open.plain {
        if let Some(said) = said.filter(|_| is_torn) {
            writeln!(Visible::new(&mut *out), "{said}")?;
        }
        return plain::run(&mut session, keeper, out);
    }
    let mut app = app(session, looks, &config);
    show_panes(&mut app, panes, &config);
    if let Some(name) = followed {
        app.follow(&name, false);
    }
    app.begin_arranging();
    let mut why = None;
    if resumed.is_some() {
        why = arrange_again(&mut app, &views);
    } else {
        app.arrange(&views)?;
    }
    let mut middleware = Live::default();
    if let Some((tour, walk)) = tour.zip(walk) {
        let rights = open.rights.rights();
        let Some(views) = go_on_with(tour, walk, rights, &mut middleware, &mut app)? else {
            return Ok(ExitStatus::Done);
        };
        why = arrange_again(&mut app, &views);
    }
    if is_bare {
        let eta = app.session.lanes().focused().lane.machine().setting(0);
        let said = format!(
            "as with --rule adam --set eta=eta_opt: eta = {}",
            short(eta)
        );
        app.message = Message::Said(said);
    }
    if let Some(said) = said {
        app.message = Message::Said(said);
    }
    if let Some(why) = why {
        app.message = Message::Failed(why);
    }
    on_screen(&mut app, looks, &config, &hand, &mut middleware)
}

/// A sentence on the newest of so many sessions, which is gone on with.
fn said_of(count: usize, is_torn: bool) -> String {
    let torn = if is_torn {
        "; its last line was cut short, and is left out"
    } else {
        ""
    };
    let more = match count - 1 {
        0 => String::new(),
        others => format!("; {others} more: eigenstep --resume list"),
    };
    format!("the session that ended unsaved{torn}{more}")
}

/// The file of a saved session by its number, and how many there are.
fn numbered(number: &str) -> Result<(PathBuf, usize), Error> {
    let parsed = number.parse().map_err(|_| {
        let message = format!("`{number}` is not a saved session");
        Error::plain(ErrorCode::InvalidValue, message).help("`--resume list` lists them by number")
    })?;
    saved::find(parsed)
}

/// Arranges the screen as it was left; says what of it cannot be had here, which is no reason to lose the session.
fn arrange_again(app: &mut App, views: &[ViewCommand]) -> Option<String> {
    let arranged = views.iter().map(|view| app.arrange(slice::from_ref(view)));
    let why = arranged.filter_map(Result::err).last()?;
    why.to_string().lines().next().map(str::to_owned)
}

/// Leads the tour to where it was left, off its path too; returns what arranges its screen. None where that was interrupted.
fn go_on_with(
    tour: LeftTour,
    walk: Arc<Walk>,
    rights: Rights,
    middleware: &mut Live,
    app: &mut App,
) -> Result<Option<Vec<ViewCommand>>, Failure> {
    middleware.begin(app, walk)?;
    let skipped = middleware.skip_to(app, tour.steps);
    skipped.map_err(|error| Failure::system("go on with the tour", &error))?;
    let off_path = Scenario {
        commands: tour.commands,
        rights,
        ..Scenario::default()
    };
    let replayed = waiting::replaying(true, |control| {
        screen::replay(&off_path, &mut app.session, control)
    })?;
    Ok(replayed)
}

/// The walk of a tour to go on with.
fn resumed_walk(tour: &LeftTour, open: &OpenArgs) -> Result<Arc<Walk>, Error> {
    if open.plain {
        let message = format!("the session is in the tour `{}`", tour.walk);
        return Err(Error::plain(ErrorCode::NeedsScreen, message)
            .help("tours need a screen: `eigenstep --resume` goes on with it"));
    }
    let mut walk = Arc::unwrap_or_clone(tours::load(&tour.walk)?);
    walk.rights = open.rights.rights();
    Ok(Arc::new(walk))
}

/// Shows `panes`, the first in focus, unless the user has chosen others or there are none.
fn show_panes(app: &mut App, panes: &[Pane], config: &Config) {
    if config.panes.is_none() {
        app.look.begin_with(panes);
    }
}

/// Opens the debugger on a recorded run; one that is `followed`, by its name, gets rows, and may be opened again.
pub(super) fn show(
    run: OpenedRun,
    base: JournalBase,
    looks: &ScreenArgs,
    plainly: bool,
    followed: Option<(&str, Option<RunOpening>)>,
    out: &mut impl Write,
) -> Result<ExitStatus, Failure> {
    let config = Config::load(looks.config.as_deref())?;
    let OpenedRun {
        mut session,
        panes,
        notes,
        why,
    } = run;
    session.mark_saved();
    let keeper = Keeper::new(base, None);
    if plainly {
        for line in why.iter().chain(&notes) {
            writeln!(Visible::new(&mut *out), "{line}")?;
        }
        return plain::run(&mut session, &keeper, out);
    }
    let mut app = app(session, looks, &config);
    show_panes(&mut app, panes, &config);
    app.begin_arranging();
    if !notes.is_empty() {
        app.message = Message::Said(notes.join("; "));
    }
    let mut again = None;
    if let Some((name, opening)) = followed {
        app.follow(name, true);
        again = opening;
    }
    if let Some(why) = why {
        app.message = Message::Failed(why);
    }
    let hand = Hand { keeper, again };
    on_screen(&mut app, looks, &config, &hand, &mut Live::default())
}

fn app(session: Session, looks: &ScreenArgs, config: &Config) -> App {
    let mut app = App::new(
        session,
        looks.charset(config),
        looks.theme(config),
        config.keymap.clone(),
    );
    if let Some(panes) = config.panes {
        app.look.show_only(panes);
    }
    app
}

/// Opens the debugger on a tour.
pub(super) fn tour(walk: Arc<Walk>, looks: &ScreenArgs) -> Result<ExitStatus, Failure> {
    let config = Config::load(looks.config.as_deref())?;
    let look = Appearance {
        charset: looks.charset(&config),
        theme: looks.theme(&config),
    };
    let mut app = screen::open(&Scenario::default(), look)?;
    app.keymap.clone_from(&config.keymap);
    let mut middleware = Live::default();
    middleware.begin(&mut app, walk)?;
    let hand = Hand {
        keeper: Keeper::new(JournalBase::Scenario, None),
        again: None,
    };
    on_screen(&mut app, looks, &config, &hand, &mut middleware)
}

/// Shows the app until the user leaves; what is unsaved of the user's own session then is kept. What a tour has done is
/// no work of the user's.
fn on_screen(
    app: &mut App,
    looks: &ScreenArgs,
    config: &Config,
    hand: &Hand,
    middleware: &mut Live,
) -> Result<ExitStatus, Failure> {
    let keeper = &hand.keeper;
    let escape_delay = config.escape_delay.unwrap_or(TerminalOptions::ESCAPE_DELAY);
    let options = TerminalOptions {
        mouse: app.session.is_on(MOUSE.name),
        paste: true,
        escape_delay,
    };
    let (mut screen, mut events) = Screen::open(options).map_err(|error| match error {
        OpenError::System(error) => Failure::system("open the terminal", &error),
        refused => Failure::Input(Error::plain(ErrorCode::NeedsScreen, refused.to_string())),
    })?;
    let tour = middleware.tour_place(app);
    let why = keeper.begin(&middleware.own(app).session, tour.as_ref());
    if let Some(why) = why {
        app.message = Message::Failed(why);
    }
    if looks.asks_background(config) {
        let told = screen.ask_ground(&mut events, ANSWER);
        let told = told.map_err(|error| Failure::system("use the terminal", &error))?;
        app.theme = app.theme.on(told.unwrap_or(app.theme.ground()));
    }
    let kept = keeper.clone();
    screen.on_exit(move |_| kept.save().to_string());
    let ended = run::run(app, &mut screen, &mut events, middleware, &mut &*hand);
    drop(screen);
    let kept = match &ended {
        Ok(()) => keeper.leave(middleware.own(app).session.has_unsaved_changes()),
        // Whatever the terminal says no to, the session is not lost with it.
        Err(_) => keeper.save(),
    };
    if kept != Kept::Nothing {
        let unasked = if ended.is_ok() { "not saved: " } else { "" };
        let _ = writeln!(io::stderr(), "{unasked}{kept}");
    }
    ended.map_err(|error| Failure::system("use the terminal", &error))?;
    Ok(ExitStatus::Done)
}

/// What stands behind the screen: the journal, and the file of a run that is followed.
struct Hand {
    keeper: Keeper,
    /// The run, where it can be opened again.
    again: Option<RunOpening>,
}

impl run::Follower for &Hand {
    fn after(&mut self, app: &mut App, tour: Option<&TourPlace>) {
        if let Some(why) = self.keeper.follow(&app.session, tour) {
            app.message = Message::Failed(why);
        }
    }

    fn during(&mut self, progress: Progress) {
        if let Progress::At(t) = progress {
            self.keeper.reach(t);
        }
    }

    fn reopen(&mut self) -> Result<Session, Error> {
        let Some(again) = &self.again else {
            let message = "what was read from stdin cannot be read again";
            return Err(Error::plain(ErrorCode::NotAvailable, message));
        };
        Ok(again.clone().session()?.session)
    }
}
