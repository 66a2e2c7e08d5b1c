//! Symmetric positive definite systems, in a fixed order of sums.

/// The sum of products of two rows, in four interleaved sums that are added in order.
pub fn dot(one: &[f64], other: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (mut left, mut right) = (one.chunks_exact(4), other.chunks_exact(4));
    for (a, b) in left.by_ref().zip(right.by_ref()) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest = left.remainder().iter().zip(right.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Solves `A x = b` by Cholesky's factorisation; `matrix` holds the rows of `A`, of which the lower triangle is read and
/// overwritten. `None` when `A` is not positive definite, as for numbers that are not finite.
pub fn solve(matrix: &mut [Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    for row in 0..n {
        let (above, rest) = matrix.split_at_mut(row);
        let current = &mut rest[0];
        for column in 0..row {
            let earlier = &above[column];
            let sum = dot(&current[..column], &earlier[..column]);
            current[column] = (current[column] - sum) / earlier[column];
        }
        let diagonal = current[row] - dot(&current[..row], &current[..row]);
        if diagonal.is_nan() || diagonal <= 0.0 || diagonal.is_infinite() {
            return None;
        }
        current[row] = diagonal.sqrt();
    }
    let mut solution = vec![0.0; n];
    for row in 0..n {
        let sum = dot(&matrix[row][..row], &solution[..row]);
        solution[row] = (right[row] - sum) / matrix[row][row];
    }
    for row in (0..n).rev() {
        solution[row] /= matrix[row][row];
        let known = solution[row];
        for column in 0..row {
            solution[column] -= matrix[row][column] * known;
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
