use super::*;

/// Numbers that look random.
fn noise(len: usize) -> Vec<f32> {
    (0..len)
        .map(|index| ((index * 7919 + 13) % 1000) as f32 / 250.0 - 2.0)
        .collect()
}

fn check_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn quantised_rows_are_within_half_a_step() {
    for columns in [1, 3, 16, 64, 70, 200] {
        let values = noise(3 * columns);
        let (mut bytes, mut scales) = (vec![0; 3 * columns], vec![0.0; 3]);
        quantize_rows(&values, columns, &mut bytes, &mut scales);
        for (index, (value, byte)) in values.iter().zip(&bytes).enumerate() {
            let scale = scales[index / columns];
            let found = (f32::from(*byte) - f32::from(ZERO_POINT)) * scale;
            assert!(
                (found - value).abs() <= scale * 0.501,
                "{columns}: {found} {value}"
            );
        }
    }
}

#[test]
fn a_row_of_zeros_stays_zero() {
    let (mut bytes, mut scales) = (vec![0; 5], vec![1.0]);
    quantize_rows(&[0.0; 5], 5, &mut bytes, &mut scales);
    assert_eq!((bytes, scales), (vec![ZERO_POINT; 5], vec![0.0]));
}

#[test]
fn sums_are_scaled_by_row_and_column() {
    for columns in [1, 7, 16, 35] {
        let sums: Vec<i32> = (0..2 * columns as i32).collect();
        let scales: Vec<f32> = (0..columns).map(|column| 0.5 + column as f32).collect();
        let bias = vec![1.0; columns];
        let mut output = vec![0.0; 2 * columns];
        Dequantize {
            sums: &sums,
            row_scales: &[2.0, -0.25],
            column_scales: &scales,
            bias: &bias,
            output: &mut output,
        }
        .run(Some(Activation::Relu));
        let expected: Vec<f32> = (0..2 * columns)
            .map(|index| {
                let row = if index < columns { 2.0 } else { -0.25 };
                (index as f32 * row * scales[index % columns] + 1.0).max(0.0)
            })
            .collect();
        check_close(&output, &expected);
    }
}

#[test]
fn activations_equal_their_formulas() {
    let values = noise(37);
    let apply = |activation: Activation| {
        let mut values = values.clone();
        activation.apply(&mut values);
        values
    };
    let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
    check_close(
        &apply(Activation::Silu),
        &values.iter().map(|&x| x * sigmoid(x)).collect::<Vec<_>>(),
    );
    check_close(
        &apply(Activation::Relu),
        &values.iter().map(|&x| x.max(0.0)).collect::<Vec<_>>(),
    );
    // erf(1 / sqrt(2)) = 0.682_689_5
    let mut one = [1.0, -1.0];
    Activation::Gelu.apply(&mut one);
    check_close(&one, &[0.841_344_7, -0.158_655_3]);
}

#[test]
fn normalised_rows_have_the_given_mean_and_deviation() {
    for width in [4, 16, 33] {
        let norm = LayerNorm {
            weight: vec![3.0; width],
            bias: vec![0.5; width],
            epsilon: 1e-12,
            before: false,
        };
        let (mut rows, other) = (noise(2 * width), noise(2 * width));
        norm.add_and_apply(&mut rows, &other);
        for row in rows.chunks_exact(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / width as f32;
            check_close(&[mean, variance.sqrt()], &[0.5, 3.0]);
        }
        let mut doubled: Vec<f32> = other.iter().map(|value| 2.0 * value).collect();
        norm.apply(&mut doubled);
        check_close(&doubled, &rows);
    }
}

#[test]
fn the_sum_of_exponentials_does_not_overflow() {
    check_close(&[log_sum_exp(&[0.0; 20])], &[20f32.ln()]);
    assert_eq!(log_sum_exp(&[1000.0, 0.0, -1000.0]), 1000.0);
}

#[test]
fn argmax_takes_the_first_of_equals() {
    let check = |values: &[f32], expected| assert_eq!(argmax(values), expected, "{values:?}");
    check(&[], 0);
    check(&[1.0, 3.0, 3.0], 1);
    check(&noise(40), 25);
    check(&[f32::NEG_INFINITY; 3], 0);
    check(&[f32::NAN; 3], 0);
}
