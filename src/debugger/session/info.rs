//! `info`: everything that there is to know of a session, topic by topic.

use super::Session;
use crate::{
    debugger::{answer::Answer, command::InfoTopic, control::Control, help::info_topics},
    error::Result,
};

impl Session {
    /// Everything that there is to know of a topic; without one, the topics.
    ///
    /// # Errors
    /// `control` said no.
    pub fn info(&mut self, topic: Option<InfoTopic>, control: &mut Control) -> Result<Answer> {
        let Some(topic) = topic else {
            return Ok(Answer::Text(info_topics()));
        };
        Ok(match topic {
            InfoTopic::Stops => Answer::Stops(self.stop_table(control)),
            InfoTopic::Lanes => Answer::Lanes(self.lane_table()),
            InfoTopic::Settings => Answer::Settings(self.setting_table()),
            InfoTopic::Variables => Answer::Variables(self.variable_table()),
            InfoTopic::Tensors => Answer::Tensors(self.tensor_table(control)),
            InfoTopic::Edits => Answer::Edits(self.edit_table()),
            InfoTopic::Loss => Answer::Loss(Box::new(self.loss_report())),
            InfoTopic::Rule => Answer::Rule(self.rule_report()),
            InfoTopic::Prediction => Answer::Prediction(Box::new(self.prediction(control)?)),
            InfoTopic::Claims => Answer::Claims(self.claims(control)?),
            InfoTopic::Options => Answer::Options(self.options_report()),
        })
    }
}
