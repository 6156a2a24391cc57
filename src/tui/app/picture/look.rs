//! The part of the contour that somebody has asked for.

use super::{Picture, Plane};
use crate::tui::{
    contour::{Scaling, Window},
    view_command::{Aspect, Through, ViewCommand, add_if},
};

/// The plane, the window and the scale that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::tui::app) struct PictureLook {
    plane: Plane,
    through: Through,
    /// The window, where it does not follow the run.
    window: Option<Window>,
    last: Option<u64>,
    scaling: Scaling,
    is_shaded: bool,
}

impl Picture {
    /// The part that somebody has asked for.
    pub(in crate::tui::app) fn look(&self) -> PictureLook {
        PictureLook {
            plane: self.plane,
            through: self.through,
            window: self.window.filter(|_| !self.follows),
            last: self.last,
            scaling: self.scaling,
            is_shaded: self.is_shaded,
        }
    }
}

impl PictureLook {
    /// Adds the commands that lead here from `before`.
    pub fn since(&self, before: &Self, to: &mut Vec<ViewCommand>) {
        let (mut window, mut last) = (before.window, before.last);
        if (self.plane, self.through) != (before.plane, before.through) {
            to.extend(match self.plane {
                Plane::Axes(i, j) => Some(ViewCommand::Plane(i + 1, j + 1, self.through)),
                Plane::Eigen(i, j) => Some(ViewCommand::EigenPlane(i + 1, j + 1, self.through)),
                Plane::Graph => None,
            });
            window = None;
        }
        if self.last.is_none() && last.is_some() || self.window.is_none() && window.is_some() {
            to.push(ViewCommand::Fit);
            (window, last) = (None, None);
        }
        if let Some(steps) = self.last.filter(|_| self.last != last) {
            to.push(ViewCommand::Follow(steps));
            window = None;
        }
        if let Some(own) = self.window.filter(|_| self.window != window) {
            let ([x0, x1], [y0, y1]) = (own.x(), own.y());
            to.push(ViewCommand::Window([x0, x1, y0, y1]));
        }
        let aspect = match self.scaling {
            Scaling::Stretch => Aspect::Free,
            Scaling::EqualUnits => Aspect::Equal,
        };
        add_if(
            self.scaling != before.scaling,
            ViewCommand::Aspect(aspect),
            to,
        );
        add_if(self.is_shaded != before.is_shaded, ViewCommand::Shade, to);
    }
}
