//! The arrangement of the screen as commands: what `save` and the journal have of it.

use super::{App, Columns, Picture, ViewState, columns::ColumnsLook, picture::PictureLook};
use crate::tui::command::ScreenCommand;

/// The arrangement of the screen at some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrangement {
    look: ViewState,
    picture: PictureLook,
    columns: ColumnsLook,
}

impl Arrangement {
    pub(super) fn new(look: &ViewState, picture: &Picture, columns: &Columns) -> Self {
        Self {
            look: look.clone(),
            picture: picture.look(),
            columns: columns.look(),
        }
    }
}

impl App {
    /// The arrangement of the screen.
    #[must_use]
    pub fn arrangement(&self) -> Arrangement {
        Arrangement::new(&self.look, &self.picture, &self.columns)
    }

    /// The commands that lead from `before` to the present arrangement, as text.
    #[must_use]
    pub fn arranged_since(&self, before: &Arrangement) -> Vec<String> {
        let mut commands = Vec::new();
        self.look.since(&before.look, &self.session, &mut commands);
        self.picture.look().since(&before.picture, &mut commands);
        self.columns.look().since(&before.columns, &mut commands);
        let lines = commands.into_iter().map(ScreenCommand::View);
        lines.map(|it| it.to_string()).collect()
    }

    /// Takes the present arrangement for that which a screen has of itself.
    pub fn begin_arranging(&mut self) {
        self.opened = self.arrangement();
    }

    /// Tells the session how the screen is arranged.
    pub fn tell_arrangement(&mut self) {
        let commands = self.arranged_since(&self.opened);
        self.session.set_arrangement(commands);
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        debugger::{Control, command::AnyCommand},
        error::Source,
        scenario::Scenario,
        tui::{
            app::App,
            command::{ScreenCommand, TABLE},
            glyphs::Charset,
            keymap::Keymap,
            theme::{Background, ColourDepth, Theme},
            view_command::ViewCommand,
        },
    };
    use proptest::prelude::*;

    const COMMANDS: [&str; 28] = [
        "pane eigen",
        "pane modes",
        "pane contour",
        "pane loss",
        "hide source",
        "hide modes",
        "hide contour",
        "max",
        "max plot",
        "max tensors",
        "scroll 3",
        "scroll -1",
        "theory",
        "curve",
        "cursor 2",
        "cursor -1",
        "zoom in",
        "pan left 3",
        "fit",
        "follow 4",
        "follow 2",
        "aspect equal",
        "aspect free",
        "shade",
        "plane 2 3 through w",
        "plane eigen 1 3",
        "columns 1",
        "only 3 1",
    ];

    fn view(text: &str) -> ViewCommand {
        let source = Source::new("<view>", format!("view {text}"));
        match TABLE.parse(&source).unwrap() {
            Some(AnyCommand::FrontEnd(ScreenCommand::View(view))) => view,
            other => panic!("{other:?}"),
        }
    }

    fn app() -> App {
        let flags = [("rule", "adam"), ("eigenvalues", "1,3,10")];
        let session = Scenario::from_flags(&flags).unwrap().session().unwrap();
        let theme = Theme::new(true, Background::Dark).with_depth(ColourDepth::Many);
        App::new(session, Charset::Ascii, theme, Keymap::default())
    }

    fn do_all<'a>(app: &mut App, commands: impl IntoIterator<Item = &'a str>) {
        for command in commands {
            let line = AnyCommand::FrontEnd(ScreenCommand::View(view(command)));
            app.perform(&line, &mut Control::default()).unwrap();
        }
    }

    proptest! {
        #[test]
        fn its_commands_lead_to_an_arrangement_from_any_other(
            first in prop::collection::vec(prop::sample::select(&COMMANDS[..]), 0..9),
            then in prop::collection::vec(prop::sample::select(&COMMANDS[..]), 0..9),
        ) {
            let mut there = app();
            do_all(&mut there, first.iter().copied());
            let before = there.arrangement();
            do_all(&mut there, then);
            let since = there.arranged_since(&before);
            let mut again = app();
            do_all(&mut again, first);
            let commands: Vec<&str> = since
                .iter()
                .map(|line| line.strip_prefix("view ").unwrap())
                .collect();
            do_all(&mut again, commands);
            prop_assert_eq!(again.arranged_since(&there.arrangement()), Vec::<String>::new());
            prop_assert_eq!(there.arranged_since(&again.arrangement()), Vec::<String>::new());
        }
    }
}
