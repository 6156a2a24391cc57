//! What curves look like, and that they never fail.

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

/// What lane `lane` has gone through.
fn measured(buckets: &[Bucket], lane: usize) -> Series<'_> {
    Series {
        buckets,
        lane,
        expected: false,
    }
}

/// A decaying ripple, as momentum leaves it.
fn ripple() -> Vec<Bucket> {
    (0..120_i32)
        .map(|t| {
            let t = f64::from(t);
            Bucket::one(
                t,
                18.0 * (-0.12 * t).exp() * ((0.25 * t).cos().powi(2) + 1e-3),
            )
        })
        .collect()
}

#[test]
fn a_loss_curve() {
    let buckets = ripple();
    let series = [measured(&buckets, 0)];
    let plot = Plot {
        series: &series,
        scale: Scale::Log,
        t: [0.0, 119.0],
        threshold: Some(1e-6),
        cursor: Some(40.0),
    };
    insta::assert_snapshot!("plot_ascii", screen(&plot, 60, 12, Charset::Ascii));
    insta::assert_snapshot!("plot_braille", screen(&plot, 60, 12, Charset::Braille));
    let plot = Plot {
        scale: Scale::Linear,
        threshold: None,
        cursor: None,
        ..plot
    };
    insta::assert_snapshot!("plot_linear", screen(&plot, 60, 12, Charset::Ascii));
}

/// A burst of one iteration in a million is seen.
#[test]
fn every_peak_shows() {
    let mut buckets: Vec<Bucket> = (0..1000_i32)
        .map(|i| Bucket {
            first: f64::from(1000 * i),
            last: f64::from(1000 * i + 999),
            min: 1e-9,
            max: 2e-9,
        })
        .collect();
    buckets[500].max = 1.0;
    let series = [measured(&buckets, 0)];
    let plot = Plot {
        series: &series,
        scale: Scale::Log,
        t: [0.0, 1e6],
        threshold: None,
        cursor: None,
    };
    let text = screen(&plot, 47, 8, Charset::Ascii);
    assert!(text.lines().next().unwrap().contains('*'), "{text}");
    assert_eq!(
        text.lines().filter(|l| l[7..].contains(':')).count(),
        6,
        "{text}"
    );
}

proptest! {
    #[test]
    fn anything_is_painted(
        values in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..9), width in 0_u16..80,
        height in 0_u16..20, t in [any::<f64>(), any::<f64>()], threshold: Option<f64>, cursor: Option<f64>, log: bool,
    ) {
        let buckets: Vec<Bucket> =
            values.iter().map(|&(t, min, max)| Bucket { first: t, last: t + 3.0, min, max }).collect();
        let series = [measured(&buckets, 3), measured(&buckets, 9)];
        let scale = if log { Scale::Log } else { Scale::Linear };
        let plot = Plot { series: &series, scale, t, threshold, cursor };
        for charset in [Charset::Ascii, Charset::Unicode, Charset::Braille] {
            screen(&plot, width, height, charset);
        }
    }
}
