//! How names are compared.

/// The form in which ids and aliases are compared: lower case, `-` for `_`.
///
/// ```
/// assert_eq!(phantom::catalog::normal_name(" Qwen_2.5 "), "qwen-2.5");
/// ```
pub fn normal(name: &str) -> String {
    name.trim().to_lowercase().replace('_', "-")
}
