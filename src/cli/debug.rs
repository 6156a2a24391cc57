//! `eigenstep [SCENARIO | flags]`: the debugger in the terminal.

use super::{Answer, Failure, ScenarioArgs};
use crate::{
    debugger::Control,
    lang::error::Error,
    tui::{
        app::App,
        glyphs::Charset,
        keymap::Keymap,
        run,
        terminal::{OpenError, Options, Screen},
        theme::{ColorChoice, Ground, Theme},
    },
};
use clap::Args;
use std::env;

/// How the screen looks.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How the screen looks")]
pub struct ScreenArgs {
    /// Which characters may be drawn [default: unicode where the locale is UTF-8, else ascii]
    #[arg(long, value_enum)]
    charset: Option<Charset>,
    /// When to colour; auto heeds NO_COLOR
    #[arg(long, value_enum, default_value_t)]
    color: ColorChoice,
    /// Whether the terminal's ground is dark or light
    #[arg(long, value_enum, default_value_t)]
    ground: Ground,
}

impl ScreenArgs {
    /// The characters in force.
    pub fn charset(&self) -> Charset {
        let variable = |name| env::var(name).ok();
        let (all, ctype, lang) = (variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG"));
        Charset::detect(
            self.charset,
            all.as_deref(),
            ctype.as_deref(),
            lang.as_deref(),
        )
    }

    /// The colours in force.
    pub fn theme(&self) -> Theme {
        let no_color = env::var("NO_COLOR").ok();
        Theme::new(self.color.resolve(no_color.as_deref()), self.ground)
    }
}

/// Opens the debugger on the scenario of `args`.
pub(super) fn run(args: &ScenarioArgs, looks: &ScreenArgs) -> Result<Answer, Failure> {
    let scenario = args.scenario()?;
    let mut session = scenario.session()?;
    let mut always = |_| true;
    scenario.replay(&mut session, &mut Control::free(&mut always), |_, _| {})?;
    let mut app = App::new(session, looks.charset(), looks.theme(), Keymap::default());
    let options = Options {
        mouse: false,
        paste: true,
    };
    let (mut screen, mut events) = Screen::open(options).map_err(|error| match error {
        OpenError::System(error) => Failure::Output(error),
        refused => Failure::Input(Error::plain(refused.to_string())),
    })?;
    run::run(&mut app, &mut screen, &mut events, |_| {})?;
    Ok(Answer::Done)
}
