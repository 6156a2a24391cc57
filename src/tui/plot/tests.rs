//! The look of curves, and that they never fail.

use super::*;
use proptest::prelude::*;

fn screen(plot: &Plot, width: u16, height: u16, charset: Charset) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    plot.paint(area, &mut buf, &Theme::default(), charset);
    let rows =
        (0..height).map(|y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>() + "\n");
    rows.collect()
}

fn measured(buckets: &[PlotBucket], mark: char) -> Series<'_> {
    Series {
        buckets,
        style: Style::new(),
        mark,
        stroke: Stroke::Solid,
    }
}

fn plot<'a>(series: &'a [Series<'a>], scale: ValueScale, span: f64) -> Plot<'a> {
    Plot {
        series,
        scale,
        has_zero: matches!(scale, ValueScale::SignedLog { .. }),
        from: 0.0,
        span,
        threshold: None,
        crossings: &[],
    }
}

fn values(count: i32, value: impl Fn(f64) -> f64) -> Vec<PlotBucket> {
    (0..count)
        .map(|t| PlotBucket::one(f64::from(t), value(f64::from(t))))
        .collect()
}

#[test]
fn a_loss_curve() {
    // A decaying ripple, as momentum leaves it.
    let buckets = values(120, |t| {
        18.0 * (-0.12 * t).exp() * ((0.25 * t).cos().powi(2) + 1e-3)
    });
    let series = [measured(&buckets, 'm')];
    let log = Plot {
        threshold: Some(1e-6),
        ..plot(&series, ValueScale::Log, 120.0)
    };
    insta::assert_snapshot!("plot_ascii", screen(&log, 60, 12, Charset::Ascii));
    insta::assert_snapshot!("plot_braille", screen(&log, 60, 12, Charset::Braille));
    let linear = plot(&series, ValueScale::Linear, 120.0);
    insta::assert_snapshot!("plot_linear", screen(&linear, 60, 12, Charset::Ascii));
}

#[test]
fn a_damped_swing_narrows_about_zero() {
    let buckets = values(53, |t| 0.6 * 0.95_f64.powf(t) * (0.6 * t).cos());
    let series = [measured(&buckets, '2')];
    let crossings = [3.0, 8.0];
    let swing = Plot {
        crossings: &crossings,
        ..plot(&series, ValueScale::signed(0.6, 1.0), 53.0)
    };
    insta::assert_snapshot!("plot_swing_ascii", screen(&swing, 60, 11, Charset::Ascii));
    insta::assert_snapshot!(
        "plot_swing_braille",
        screen(&swing, 60, 11, Charset::Braille)
    );
}

#[test]
fn a_zigzag_is_its_two_envelopes() {
    let buckets = values(50, |t| 0.6 * (-0.98_f64).powf(t));
    let series = [measured(&buckets, '2')];
    let zigzag = plot(&series, ValueScale::Linear, 50.0);
    let text = screen(&zigzag, 57, 9, Charset::Braille);
    let middle = text.lines().find(|line| line.contains(" 0.0 ")).unwrap();
    assert!(
        !middle.contains(|c: char| c > '\u{2800}' && c <= '\u{28ff}'),
        "{text}"
    );
}

/// A burst of one iteration in a million is seen.
#[test]
fn every_peak_shows() {
    let mut buckets: Vec<PlotBucket> = (0..1000_i32)
        .map(|i| PlotBucket {
            first: f64::from(1000 * i),
            last: f64::from(1000 * i + 999),
            min: 1e-9,
            max: 2e-9,
        })
        .collect();
    buckets[500].max = 1.0;
    let series = [measured(&buckets, '*')];
    let text = screen(&plot(&series, ValueScale::Log, 1e6), 47, 8, Charset::Ascii);
    let top = text.lines().take(3).any(|line| line.contains('*'));
    assert!(top, "{text}");
    assert!(
        text.lines().filter(|l| l[7..].contains(':')).count() > 3,
        "{text}"
    );
}

#[test]
fn a_threshold_far_away_does_not_flatten_the_curve() {
    let buckets = values(20, |t| 0.5 + 0.02 * t);
    let series = [measured(&buckets, '*')];
    let far = Plot {
        threshold: Some(1e-6),
        ..plot(&series, ValueScale::Log, 20.0)
    };
    let without = plot(&series, ValueScale::Log, 20.0);
    assert_eq!(
        screen(&far, 40, 9, Charset::Ascii),
        screen(&without, 40, 9, Charset::Ascii)
    );
}

proptest! {
    #[test]
    fn anything_is_painted(
        values in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..9), width in 0_u16..80,
        height in 0_u16..20, span: f64, threshold: Option<f64>, crossing: f64, which in 0_usize..3,
    ) {
        let buckets: Vec<PlotBucket> =
            values.iter().map(|&(t, min, max)| PlotBucket { first: t, last: t + 3.0, min, max }).collect();
        let series = [measured(&buckets, 'a'), measured(&buckets, 'b')];
        let scale = [ValueScale::Log, ValueScale::Linear, ValueScale::signed(values.first().map_or(1.0, |v| v.1), 2.0)][which];
        let plot = Plot { series: &series, scale, has_zero: which == 2, from: 0.0, span, threshold, crossings: &[crossing] };
        for charset in [Charset::Ascii, Charset::Unicode, Charset::Braille] {
            screen(&plot, width, height, charset);
        }
    }
}
