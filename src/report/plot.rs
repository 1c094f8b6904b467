//! Plots as inline SVG. Colours come from the page's style, so that they follow its theme; every plot
//! stands beside the same figures as text.

use super::histogram::{Bin, Histogram};
use crate::format::html::Html;

/// Width of a bar that stands for the largest value.
const BAR: f64 = 160.0;

/// A bar as long as `value` is of `largest`, for a cell of a table that holds the figure itself.
pub fn bar(html: &mut Html, value: u64, largest: u64) {
    let length = BAR * value as f64 / largest.max(1) as f64;
    // What is there at all must be seen.
    let length = if value > 0 { length.max(1.0) } else { 0.0 };
    html.tag("svg")
        .with("class", "bar")
        .with("viewBox", "0 0 160 10")
        .with("aria-hidden", "true")
        .open();
    html.tag("rect")
        .with("width", &number(length))
        .with("height", "10")
        .with("rx", "1.5")
        .open();
    html.raw("</rect></svg>");
}

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 130.0;
const LEFT: f64 = 8.0;
const TOP: f64 = 16.0;

/// A histogram with what its axis says; `name` is for who does not see it.
pub fn histogram(html: &mut Html, name: &str, histogram: &Histogram) {
    let bins = if histogram.doubles() {
        histogram.bins()
    } else {
        histogram.all_bins()
    };
    let largest = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1);
    let step = (WIDTH - 2.0 * LEFT) / bins.len().max(1) as f64;
    html.tag("svg")
        .with("class", "histogram")
        .with("viewBox", "0 0 460 168")
        .with("role", "img")
        .with("aria-label", &described(name, histogram))
        .open();
    for (at, bin) in bins.iter().enumerate() {
        column(html, LEFT + step * at as f64, step, bin, largest);
    }
    line(html);
    // A label for every bin would not fit; these leave room for eight figures.
    let every = bins.len().div_ceil(10).max(1);
    for at in (0..=bins.len()).step_by(every) {
        let edge = bins
            .get(at)
            .map_or_else(|| bins.last().map_or(0.0, |bin| bin.to), |bin| bin.from);
        label(html, LEFT + step * at as f64, TOP + HEIGHT + 14.0, &short(edge));
    }
    html.raw("</svg>\n");
}

fn column(html: &mut Html, x: f64, step: f64, bin: &Bin, largest: u64) {
    if bin.count == 0 {
        return;
    }
    let height = (HEIGHT * bin.count as f64 / largest as f64).max(1.0);
    html.tag("rect")
        .with("x", &number(x + 1.0))
        .with("y", &number(TOP + HEIGHT - height))
        .with("width", &number((step - 2.0).max(1.0)))
        .with("height", &number(height))
        .with("rx", "1.5")
        .open();
    html.raw("<title>");
    html.text(&format!(
        "{} to {}: {}",
        short(bin.from),
        short(bin.to),
        bin.count
    ));
    html.raw("</title></rect>");
    if bin.count == largest {
        label(
            html,
            x + step / 2.0,
            TOP + HEIGHT - height - 4.0,
            &bin.count.to_string(),
        );
    }
}

fn line(html: &mut Html) {
    html.tag("line")
        .with("x1", &number(LEFT))
        .with("x2", &number(WIDTH - LEFT))
        .with("y1", &number(TOP + HEIGHT + 0.5))
        .with("y2", &number(TOP + HEIGHT + 0.5))
        .open();
    html.raw("</line>");
}

fn label(html: &mut Html, x: f64, y: f64, text: &str) {
    html.tag("text")
        .with("x", &number(x))
        .with("y", &number(y))
        .with("text-anchor", "middle")
        .open();
    html.text(text);
    html.raw("</text>");
}

fn described(name: &str, histogram: &Histogram) -> String {
    match histogram.range() {
        Some([least, mean, most]) => format!(
            "{name}: {} values from {} to {}, mean {}",
            histogram.count(),
            short(least),
            short(most),
            short(mean)
        ),
        None => format!("{name}: no values"),
    }
}

/// A figure as short as its size allows.
pub fn short(value: f64) -> String {
    let shown = match value.abs() {
        size if size >= 1e6 => format!("{:.1}M", value / 1e6),
        size if size >= 1e4 => format!("{:.0}k", value / 1e3),
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    };
    shown.replace('-', "−")
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        for (value, expected) in [
            (0.0, "0"),
            (0.25, "0.25"),
            (-1.5, "−1.50"),
            (8.0, "8"),
            (345.6, "346"),
            (16_384.0, "16k"),
            (2_097_152.0, "2.1M"),
        ] {
            assert_eq!(short(value), expected);
        }
    }
}
