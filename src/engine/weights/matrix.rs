//! 2-D weights in floating point and in int8.

/// The largest absolute value of a quantised weight.
pub(in crate::engine) const QUANT_MAX: f32 = 127.0;

/// A 2-D weight, in the precision it is stored in.
#[derive(Clone, Debug)]
pub(in crate::engine) enum Matrix {
    /// Floating point, row by row.
    Float {
        /// The shape: rows, columns.
        shape: [usize; 2],
        /// The values.
        values: Vec<f32>,
    },
    /// Quantised, row by row.
    Int8 {
        /// The shape: rows, columns.
        shape: [usize; 2],
        /// The values.
        values: Vec<i8>,
        /// What each row is multiplied by.
        scales: Vec<f32>,
    },
}

impl Matrix {
    /// The shape: rows, columns.
    pub(in crate::engine) fn shape(&self) -> [usize; 2] {
        match self {
            Self::Float { shape, .. } | Self::Int8 { shape, .. } => *shape,
        }
    }

    /// The values in floating point.
    pub(in crate::engine) fn into_floats(self) -> Vec<f32> {
        match self {
            Self::Float { values, .. } => values,
            Self::Int8 {
                shape,
                values,
                scales,
            } => {
                let rows = values.chunks_exact(shape[1].max(1)).zip(&scales);
                rows.flat_map(|(row, &scale)| row.iter().map(move |&value| f32::from(value) * scale))
                    .collect()
            }
        }
    }

    /// The values quantised to int8 and the scale of each row.
    pub(in crate::engine) fn into_int8(self) -> (Vec<i8>, Vec<f32>) {
        match self {
            Self::Int8 { values, scales, .. } => (values, scales),
            Self::Float { shape, values } => quantize_rows(&values, shape[1], QUANT_MAX),
        }
    }

    /// The listed rows.
    pub(in crate::engine) fn select(&self, rows: &[u32]) -> Self {
        let columns = self.shape()[1];
        let bounds = rows
            .iter()
            .map(|&row| row as usize * columns..(row as usize + 1) * columns);
        let shape = [rows.len(), columns];
        match self {
            Self::Float { values, .. } => Self::Float {
                shape,
                values: bounds.flat_map(|row| &values[row]).copied().collect(),
            },
            Self::Int8 { values, scales, .. } => {
                let mut selected = Vec::with_capacity(rows.len() * columns);
                bounds.for_each(|row| selected.extend_from_slice(&values[row]));
                Self::Int8 {
                    shape,
                    values: selected,
                    scales: rows.iter().map(|&row| scales[row as usize]).collect(),
                }
            }
        }
    }

    /// This matrix and, below it, others of the same width; quantised if all of them are.
    pub(in crate::engine) fn stack(parts: Vec<Self>) -> Self {
        let columns = parts.first().map_or(0, |part| part.shape()[1]);
        let rows = parts.iter().map(|part| part.shape()[0]).sum();
        let shape = [rows, columns];
        if parts.iter().all(|part| matches!(part, Self::Int8 { .. })) {
            let (values, scales): (Vec<_>, Vec<_>) = parts.into_iter().map(Self::into_int8).unzip();
            Self::Int8 {
                shape,
                values: values.concat(),
                scales: scales.concat(),
            }
        } else {
            let values = parts.into_iter().flat_map(Self::into_floats).collect();
            Self::Float { shape, values }
        }
    }
}

/// Quantises each row to `-max..=max`, symmetrically, and gives the scales that undo it.
pub(in crate::engine) fn quantize_rows(values: &[f32], columns: usize, max: f32) -> (Vec<i8>, Vec<f32>) {
    let mut quantized = Vec::with_capacity(values.len());
    let mut scales = Vec::with_capacity(values.len() / columns.max(1));
    for row in values.chunks_exact(columns.max(1)) {
        let largest = row.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        let scale = if largest > 0.0 { largest / max } else { 1.0 };
        scales.push(scale);
        quantized.extend(row.iter().map(|value| (value / scale).round_ties_even() as i8));
    }
    (quantized, scales)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantised_rows_use_the_whole_range() {
        let (values, scales) = quantize_rows(&[1.0, -0.5, 0.0, 0.0, 4.0, -4.0], 2, QUANT_MAX);
        assert_eq!(values, [127, -64, 0, 0, 127, -127]);
        assert_eq!(scales, [1.0 / 127.0, 1.0, 4.0 / 127.0]);
    }

    #[test]
    fn stacked_matrices_stay_quantised_only_if_all_are() {
        let float = Matrix::Float {
            shape: [1, 2],
            values: vec![1.0, 2.0],
        };
        let int8 = Matrix::Int8 {
            shape: [1, 2],
            values: vec![3, 4],
            scales: vec![2.0],
        };
        let both = Matrix::stack(vec![int8.clone(), int8.clone()]);
        assert!(
            matches!(&both, Matrix::Int8 { shape: [2, 2], values, scales } if values == &[3, 4, 3, 4] && scales == &[2.0; 2])
        );
        assert_eq!(
            Matrix::stack(vec![int8, float]).into_floats(),
            [6.0, 8.0, 1.0, 2.0]
        );
    }
}
