//! Symmetric positive definite systems, in a fixed order of sums.

/// The sum of products of two rows, in four interleaved sums that are added in order.
pub fn dot(one: &[f64], other: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (mut left, mut right) = (one.chunks_exact(4), other.chunks_exact(4));
    for (a, b) in left.by_ref().zip(right.by_ref()) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest = left.remainder().iter().zip(right.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Adds `weight · row · rowᵀ` to the lower triangle of a matrix.
pub fn add_square(matrix: &mut [Vec<f64>], row: &[f64], weight: f64) {
    for (place, (line, feature)) in matrix.iter_mut().zip(row).enumerate() {
        let scaled = weight * feature;
        for (entry, other) in line[..=place].iter_mut().zip(row) {
            *entry += scaled * other;
        }
    }
}

/// Adds `factor · row` to a vector.
pub fn add_scaled(vector: &mut [f64], row: &[f64], factor: f64) {
    for (entry, feature) in vector.iter_mut().zip(row) {
        *entry += factor * feature;
    }
}

/// Adds a penalty to the diagonal.
pub fn add_ridge(matrix: &mut [Vec<f64>], penalty: f64) {
    for (place, line) in matrix.iter_mut().enumerate() {
        line[place] += penalty;
    }
}

/// Adds a penalty of its own to each entry of the diagonal.
pub fn add_penalties(matrix: &mut [Vec<f64>], penalties: &[f64]) {
    for (place, (line, penalty)) in matrix.iter_mut().zip(penalties).enumerate() {
        line[place] += penalty;
    }
}

/// Solves `A x = b` by Cholesky's factorisation; `matrix` holds the rows of `A`, of which the lower triangle is read and
/// overwritten. `None` when `A` is not positive definite, as for numbers that are not finite.
pub fn solve(matrix: &mut [Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    for row in 0..n {
        let (above, rest) = matrix.split_at_mut(row);
        let current = &mut rest[0];
        for (column, earlier) in above.iter().enumerate() {
            let sum = dot(&current[..column], &earlier[..column]);
            current[column] = (current[column] - sum) / earlier[column];
        }
        let diagonal = current[row] - dot(&current[..row], &current[..row]);
        if diagonal.is_nan() || diagonal <= 0.0 || diagonal.is_infinite() {
            return None;
        }
        current[row] = diagonal.sqrt();
    }
    let mut solution = Vec::with_capacity(n);
    for (line, value) in matrix.iter().zip(right) {
        let place = solution.len();
        let sum = dot(&line[..place], &solution);
        solution.push((value - sum) / line[place]);
    }
    for (row, line) in matrix.iter().enumerate().rev() {
        solution[row] /= line[row];
        let known = solution[row];
        for (earlier, factor) in solution[..row].iter_mut().zip(line) {
            *earlier -= factor * known;
        }
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved() {
        let mut matrix = vec![
            vec![4.0, 0.0, 0.0],
            vec![2.0, 5.0, 0.0],
            vec![0.0, 1.0, 3.0],
        ];
        let found = solve(&mut matrix, &[8.0, 15.0, 11.0]).expect("positive definite");
        let expected = [1.0, 2.0, 3.0];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn a_singular_or_broken_system_has_no_solution() {
        assert_eq!(solve(&mut [vec![0.0]], &[1.0]), None);
        assert_eq!(solve(&mut [vec![f64::NAN]], &[1.0]), None);
    }
}
