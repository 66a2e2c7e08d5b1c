//! A weighted ridge regression in linfa's traits; linfa-linear has no weights.

use linfa::Float as _;
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, Array2};

use crate::stats::symmetric::{add_ridge, add_scaled, add_square, solve};

/// Why there is no fit.
#[derive(Debug, thiserror::Error)]
pub enum RidgeError {
    /// A number is not finite, or the penalty is not above zero.
    #[error("the equations have no solution")]
    Unsolvable,
    /// From linfa.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

/// `min Σ w (y − x · c)² + λ |c|²`, every coefficient shrunk to zero, the constant too: in a group, no correction is the
/// default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedRidge {
    /// Penalty `λ`, above zero.
    pub penalty: f64,
}

/// The coefficients of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedRidge {
    /// One for each column.
    pub coefficients: Vec<f64>,
}

impl Fit<Array2<f64>, Array1<f64>, RidgeError> for WeightedRidge {
    type Object = FittedRidge;

    fn fit(
        &self,
        dataset: &DatasetBase<Array2<f64>, Array1<f64>>,
    ) -> Result<FittedRidge, RidgeError> {
        let columns = dataset.records.ncols();
        let mut matrix = vec![vec![0.0; columns]; columns];
        let mut right = vec![0.0; columns];
        for (row, record) in dataset.records.outer_iter().enumerate() {
            let (record, weight) = (record.to_vec(), f64::cast(dataset.weight_for(row)));
            add_square(&mut matrix, &record, weight);
            add_scaled(&mut right, &record, weight * dataset.targets[row]);
        }
        add_ridge(&mut matrix, self.penalty);
        let coefficients = solve(&mut matrix, &right).ok_or(RidgeError::Unsolvable)?;
        Ok(FittedRidge { coefficients })
    }
}

impl PredictInplace<Array2<f64>, Array1<f64>> for FittedRidge {
    fn predict_inplace(&self, records: &Array2<f64>, targets: &mut Array1<f64>) {
        for (record, target) in records.outer_iter().zip(targets.iter_mut()) {
            let terms = record.iter().zip(&self.coefficients);
            *target = terms.map(|(x, c)| x * c).sum();
        }
    }

    fn default_target(&self, records: &Array2<f64>) -> Array1<f64> {
        Array1::zeros(records.nrows())
    }
}

#[cfg(test)]
mod tests {
    use linfa::traits::Predict;
    use ndarray::array;

    use super::*;

    fn fit(records: Array2<f64>, targets: Array1<f64>, penalty: f64) -> FittedRidge {
        let dataset = DatasetBase::new(records, targets);
        WeightedRidge { penalty }
            .fit(&dataset)
            .expect("a ridge has a solution")
    }

    #[test]
    fn a_line_is_found_and_predicted() {
        let records = array![[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]];
        let fitted = fit(records.clone(), array![1.0, 3.0, 5.0], 1e-9);
        assert!((fitted.coefficients[0] - 1.0).abs() < 1e-6);
        assert!((fitted.coefficients[1] - 2.0).abs() < 1e-6);
        let predicted: Array1<f64> = fitted.predict(&records);
        assert!((predicted[2] - 5.0).abs() < 1e-6);
    }

    #[test]
    fn one_row_and_equal_columns_do_not_blow_up() {
        let fitted = fit(array![[1.0, 2.0, 2.0]], array![3.0], 1.0);
        assert!(fitted.coefficients.iter().all(|c| c.abs() < 1.0));
        assert!((fitted.coefficients[1] - fitted.coefficients[2]).abs() < 1e-12);
    }

    #[test]
    fn weights_decide_between_contradictions() {
        let dataset = DatasetBase::new(array![[1.0], [1.0]], array![0.0, 1.0])
            .with_weights(Array1::from(vec![1.0_f32, 3.0]));
        let fitted = WeightedRidge { penalty: 1e-9 }
            .fit(&dataset)
            .expect("a fit");
        assert!((fitted.coefficients[0] - 0.75).abs() < 1e-6);
    }

    #[test]
    fn numbers_that_are_not_finite_are_an_error() {
        let dataset = DatasetBase::new(array![[f64::NAN]], array![1.0]);
        assert!(WeightedRidge { penalty: 1.0 }.fit(&dataset).is_err());
    }
}
