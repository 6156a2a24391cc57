//! The arguments of `plot`.

use super::{phrase::Phrase, reader::LineReader, row::Argument};
use crate::{
    error::Result,
    lang::quote,
    rule::{PlotParts, Spacing},
};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Visitor},
};
use std::fmt;

/// `EXPR ["LABEL"] {, EXPR ["LABEL"]} [linear | log | symlog] [band N]`, or `... against EXPR [linear | log | symlog]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(try_from = "PlotForm")]
pub struct PlotCommand {
    /// The curves, in order.
    pub curves: Vec<PlotCurve>,
    /// The value that they are drawn against, instead of t.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<PlotCurve>,
    /// The spacing of the axis of values.
    pub scale: Spacing,
    /// The spacing of the axis of the value that they are drawn against.
    #[serde(skip_serializing_if = "Spacing::is_linear")]
    pub across: Spacing,
    /// The number of values that the band about each curve is made of, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<usize>,
}

/// A curve of a plot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlotCurve {
    /// The expression whose value is drawn: a number, or one for each parameter.
    pub value: Phrase,
    /// The words at the curve; the expression, where nothing else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A plot as JSON has it by its parts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PlotFields {
    curves: Vec<PlotCurve>,
    #[serde(default)]
    against: Option<PlotCurve>,
    #[serde(default)]
    scale: Spacing,
    #[serde(default)]
    across: Spacing,
    #[serde(default)]
    band: Option<usize>,
}

/// A plot as JSON has it: by its parts, or as the text behind `plot`.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is made")]
enum PlotForm {
    Parts(PlotFields),
    Text(Phrase),
}

impl PlotCommand {
    /// The plot that a text says.
    ///
    /// # Errors
    /// A curve without an expression, a label that does not end.
    pub fn parse(text: &Phrase) -> Result<Self> {
        let parts = PlotParts::parse(text.source(), text.span())?;
        let curve = |(value, label)| PlotCurve {
            value: Phrase::at(text.source(), value).trimmed(),
            label,
        };
        Ok(Self {
            curves: parts.curves.into_iter().map(curve).collect(),
            against: parts.against.map(curve),
            scale: parts.spacing,
            across: parts.across,
            band: parts.band,
        })
    }
}

impl PlotFields {
    /// The plot, which the text behind `plot` has to be able to say.
    fn plot(self) -> std::result::Result<PlotCommand, &'static str> {
        let Self {
            curves,
            against,
            scale,
            across,
            band,
        } = self;
        let plot = PlotCommand {
            curves,
            against,
            scale,
            across,
            band,
        };
        // Commas and quotes divide curves in a line: what reads back as something else was more than one.
        match PlotCommand::parse(&plot.text().into()) {
            Ok(same) if same == plot => Ok(plot),
            _ => Err(
                "each curve of a plot is one expression, labels have no quotes, and a band has 5 to 10000 values; what is drawn `against` another has no band, and only that has a scale `across`",
            ),
        }
    }
}

/// By hand, so that an error names the field.
impl<'de> Deserialize<'de> for PlotCommand {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct PlotVisitor;

        impl<'de> Visitor<'de> for PlotVisitor {
            type Value = PlotCommand;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or the text behind `plot`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<PlotCommand, E> {
                PlotCommand::parse(&text.to_owned().into()).map_err(|it| E::custom(it.message()))
            }

            fn visit_map<A: de::MapAccess<'de>>(
                self,
                fields: A,
            ) -> std::result::Result<PlotCommand, A::Error> {
                let fields = de::value::MapAccessDeserializer::new(fields);
                let fields: PlotFields = Deserialize::deserialize(fields)?;
                fields.plot().map_err(de::Error::custom)
            }
        }

        from.deserialize_any(PlotVisitor)
    }
}

impl Argument for PlotCommand {
    fn read(reader: &mut LineReader) -> Result<Self> {
        Self::parse(&Phrase::read(reader)?)
    }

    fn written(&self) -> String {
        quote::written(&self.text(), |_| true)
    }
}

impl PlotCommand {
    /// The text behind `plot`.
    #[must_use]
    pub fn text(&self) -> String {
        let text = |curve: &PlotCurve| match &curve.label {
            Some(label) => format!("{} \"{label}\"", curve.value.text().trim()),
            None => curve.value.text().trim().to_owned(),
        };
        let curves: Vec<String> = self.curves.iter().map(text).collect();
        let against = self.against.as_ref().map(text);
        let against = against.as_deref().map(|value| (value, self.across));
        plot_text(&curves, against, self.scale, self.band)
    }
}

/// The text behind `plot`: the curves, what they are drawn against, and what is not as it is unless said otherwise.
pub(in crate::debugger) fn plot_text(
    curves: &[String],
    against: Option<(&str, Spacing)>,
    scale: Spacing,
    band: Option<usize>,
) -> String {
    let spaced = |scale: Spacing| (!scale.is_linear()).then(|| scale.word().to_owned());
    let words = [
        Some(curves.join(", ")),
        spaced(scale),
        against.map(|(value, _)| format!("against {value}")),
        against.and_then(|(_, across)| spaced(across)),
        band.map(|count| format!("band {count}")),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
