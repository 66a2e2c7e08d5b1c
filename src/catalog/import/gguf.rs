//! The header of a GGUF file: its metadata and the list of its tensors, never their data.

use std::collections::BTreeMap;

use super::ImportError;
use super::gguf_names::{self, Type};
use crate::catalog::{Format, Model};
use crate::units::Bytes;

/// What the header of a GGUF file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Gguf {
    /// The model.
    pub model: Model,
    /// The tensors by the type they are stored in, most bytes first.
    pub groups: Vec<TensorGroup>,
    /// Bytes of all tensors.
    pub weights: Bytes,
}

/// The tensors of one type.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorGroup {
    /// Name of the type, `q4_k`.
    pub name: &'static str,
    /// The same as a format of ours; `None` where we have none (integers, double precision).
    pub format: Option<Format>,
    /// How many tensors.
    pub tensors: usize,
    /// How many values.
    pub values: f64,
    /// Bytes they take.
    pub bytes: Bytes,
}

impl Gguf {
    /// The format of most weight bytes, apart from plain 16- and 32-bit ones where there is another.
    pub fn main_format(&self) -> Option<Format> {
        let plain = [Format::Fp32, Format::Fp16, Format::Bf16];
        let formats = || self.groups.iter().filter_map(|group| group.format);
        formats()
            .find(|format| !plain.contains(format))
            .or_else(|| formats().next())
    }
}

/// A value of the metadata; of arrays only the length and leading integers are kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meta {
    Int(u64),
    Float(f64),
    Bool(bool),
    Text(String),
    Array { length: u64, integers: Vec<u64> },
}

/// One tensor of the list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub name: String,
    pub values: u64,
    pub kind: Type,
}

/// The header as written.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub meta: BTreeMap<String, Meta>,
    pub tensors: Vec<Tensor>,
}

/// The model and the tensors that the header of a GGUF file describes; `bytes` may end after the header.
///
/// The layout is that of `docs/gguf.md` in `ggml-org/ggml`, versions 2 and 3, little endian.
///
/// # Errors
///
/// [`ImportError`] for bytes that are no GGUF header, for architectures the importer does not know, and for metadata that
/// is missing.
pub fn gguf(bytes: &[u8]) -> Result<Gguf, ImportError> {
    let header = header(bytes)?;
    let mut groups: BTreeMap<&'static str, TensorGroup> = BTreeMap::new();
    for tensor in &header.tensors {
        let size = tensor.values as f64 * tensor.kind.bits_per_value() / 8.0;
        let group = groups.entry(tensor.kind.name).or_insert(TensorGroup {
            name: tensor.kind.name,
            format: tensor.kind.format,
            tensors: 0,
            values: 0.0,
            bytes: Bytes::ZERO,
        });
        group.tensors += 1;
        group.values += tensor.values as f64;
        group.bytes = group.bytes + Bytes::new(size);
    }
    let mut groups: Vec<TensorGroup> = groups.into_values().collect();
    groups.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(a.name.cmp(b.name)));
    Ok(Gguf {
        model: gguf_names::model(&header)?,
        weights: groups.iter().map(|group| group.bytes).sum(),
        groups,
    })
}

fn header(bytes: &[u8]) -> Result<Header, ImportError> {
    let mut reader = Reader { bytes, at: 0 };
    if bytes.get(..4) != Some(b"GGUF") {
        return Err(ImportError::NotGguf);
    }
    reader.at = 4;
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(ImportError::GgufVersion(version));
    }
    let tensors = reader.u64()?;
    let entries = reader.u64()?;
    let mut header = Header::default();
    for _ in 0..entries {
        let key = reader.text()?;
        let kind = reader.u32()?;
        header.meta.insert(key, reader.value(kind)?);
    }
    for _ in 0..tensors {
        header.tensors.push(reader.tensor()?);
    }
    Ok(header)
}

/// Reads little-endian values one after another.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ImportError> {
        let chunk = self
            .bytes
            .get(self.at..)
            .and_then(|rest| rest.first_chunk::<N>())
            .ok_or(ImportError::Truncated(self.at))?;
        self.at += N;
        Ok(*chunk)
    }

    fn u32(&mut self) -> Result<u32, ImportError> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    fn u64(&mut self) -> Result<u64, ImportError> {
        Ok(u64::from_le_bytes(self.take()?))
    }

    fn text(&mut self) -> Result<String, ImportError> {
        let start = self.at;
        let length = usize::try_from(self.u64()?).map_err(|_| ImportError::Truncated(start))?;
        let end = self.at.checked_add(length);
        let bytes = end
            .and_then(|end| self.bytes.get(self.at..end))
            .ok_or(ImportError::Truncated(start))?;
        self.at += length;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    fn value(&mut self, kind: u32) -> Result<Meta, ImportError> {
        Ok(match kind {
            0 => Meta::Int(u64::from(u8::from_le_bytes(self.take()?))),
            1 => signed(i64::from(i8::from_le_bytes(self.take()?))),
            2 => Meta::Int(u64::from(u16::from_le_bytes(self.take()?))),
            3 => signed(i64::from(i16::from_le_bytes(self.take()?))),
            4 => Meta::Int(u64::from(self.u32()?)),
            5 => signed(i64::from(i32::from_le_bytes(self.take()?))),
            6 => Meta::Float(f64::from(f32::from_le_bytes(self.take()?))),
            7 => Meta::Bool(u8::from_le_bytes(self.take()?) != 0),
            8 => Meta::Text(self.text()?),
            9 => self.array()?,
            10 => Meta::Int(self.u64()?),
            11 => signed(i64::from_le_bytes(self.take()?)),
            12 => Meta::Float(f64::from_le_bytes(self.take()?)),
            _ => return Err(ImportError::Truncated(self.at)),
        })
    }

    /// Tokenizers hold hundreds of thousands of texts: they are walked over, not kept.
    fn array(&mut self) -> Result<Meta, ImportError> {
        const KEPT: usize = 4096;
        let kind = self.u32()?;
        let length = self.u64()?;
        if kind == 9 {
            return Err(ImportError::Truncated(self.at));
        }
        let mut integers = Vec::new();
        for _ in 0..length {
            if let Meta::Int(value) = self.value(kind)?
                && integers.len() < KEPT
            {
                integers.push(value);
            }
        }
        Ok(Meta::Array { length, integers })
    }

    fn tensor(&mut self) -> Result<Tensor, ImportError> {
        let name = self.text()?;
        let start = self.at;
        let dimensions = self.u32()?;
        let mut values: u64 = 1;
        for _ in 0..dimensions {
            values = values
                .checked_mul(self.u64()?)
                .ok_or(ImportError::Truncated(start))?;
        }
        let number = self.u32()?;
        let kind = Type::of(number).ok_or(ImportError::GgufType(number))?;
        self.u64()?;
        Ok(Tensor { name, values, kind })
    }
}

/// Negative numbers mean "not set" in the metadata we read; they become a float, which no count accepts.
fn signed(value: i64) -> Meta {
    u64::try_from(value).map_or(Meta::Float(value as f64), Meta::Int)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{AttentionKind, ModelKind, QkNorm};

    /// A header made by hand.
    struct Made {
        entries: Vec<u8>,
        count: u64,
        tensors: Vec<u8>,
        tensor_count: u64,
    }

    impl Made {
        fn new(architecture: &str) -> Self {
            let made = Self {
                entries: Vec::new(),
                count: 0,
                tensors: Vec::new(),
                tensor_count: 0,
            };
            made.entry("general.architecture", 8, &text(architecture))
        }

        fn entry(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
            self.entries.extend(text(key));
            self.entries.extend(kind.to_le_bytes());
            self.entries.extend(value);
            self.count += 1;
            self
        }

        fn int(self, key: &str, value: u32) -> Self {
            self.entry(key, 4, &value.to_le_bytes())
        }

        fn tensor(mut self, name: &str, shape: &[u64], kind: u32) -> Self {
            self.tensors.extend(text(name));
            self.tensors.extend((shape.len() as u32).to_le_bytes());
            for size in shape {
                self.tensors.extend(size.to_le_bytes());
            }
            self.tensors.extend(kind.to_le_bytes());
            self.tensors.extend(0_u64.to_le_bytes());
            self.tensor_count += 1;
            self
        }

        fn bytes(self) -> Vec<u8> {
            let mut bytes = b"GGUF".to_vec();
            bytes.extend(3_u32.to_le_bytes());
            bytes.extend(self.tensor_count.to_le_bytes());
            bytes.extend(self.count.to_le_bytes());
            bytes.extend(self.entries);
            bytes.extend(self.tensors);
            bytes
        }
    }

    fn text(value: &str) -> Vec<u8> {
        let mut bytes = (value.len() as u64).to_le_bytes().to_vec();
        bytes.extend(value.as_bytes());
        bytes
    }

    fn small_qwen() -> Made {
        let mut tokens = 8_u32.to_le_bytes().to_vec();
        tokens.extend(2_u64.to_le_bytes());
        tokens.extend(text("a"));
        tokens.extend(text("b"));
        Made::new("qwen3")
            .int("qwen3.block_count", 2)
            .int("qwen3.embedding_length", 256)
            .int("qwen3.feed_forward_length", 1024)
            .int("qwen3.attention.head_count", 4)
            .int("qwen3.attention.head_count_kv", 2)
            .int("qwen3.attention.key_length", 64)
            .int("qwen3.context_length", 4096)
            .entry(
                "qwen3.attention.layer_norm_rms_epsilon",
                6,
                &1e-6_f32.to_le_bytes(),
            )
            .entry("tokenizer.ggml.tokens", 9, &tokens)
            .tensor("token_embd.weight", &[256, 2], 8)
            .tensor("blk.0.attn_q.weight", &[256, 256], 12)
            .tensor("blk.0.attn_q_norm.weight", &[64], 0)
            .tensor("blk.0.ffn_gate.weight", &[256, 1024], 12)
    }

    #[test]
    fn dimensions_come_from_metadata_and_forms_from_tensors() {
        let read = gguf(&small_qwen().bytes()).expect("a small model");
        let ModelKind::Transformer(transformer) = &read.model.kind else {
            panic!("a language model");
        };
        assert_eq!((transformer.layers, transformer.vocab), (2, 2));
        assert_eq!(transformer.attention.qk_norm, QkNorm::Head);
        assert_eq!(transformer.attention.kind, AttentionKind::Full);
        assert!(transformer.mlp.gated && transformer.tied_embeddings);
        assert!(!transformer.biases.q);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "whole blocks have whole sizes")]
    fn tensors_are_summed_by_type() {
        let read = gguf(&small_qwen().bytes()).expect("a small model");
        let names: Vec<&str> = read.groups.iter().map(|group| group.name).collect();
        assert_eq!(names, ["q4_k", "q8_0", "f32"]);
        let q4k = (256.0 * 256.0 + 256.0 * 1024.0) * 4.5 / 8.0;
        assert_eq!(read.weights.get(), q4k + 512.0 * 8.5 / 8.0 + 64.0 * 4.0);
        assert_eq!(read.main_format(), Some(Format::Q4K));
    }

    #[test]
    fn a_cut_header_and_an_unknown_architecture_are_errors() {
        let bytes = small_qwen().bytes();
        for end in 0..bytes.len() {
            assert!(gguf(&bytes[..end]).is_err(), "{end} bytes");
        }
        let error = gguf(&Made::new("rwkv7").bytes()).expect_err("not known");
        assert!(error.to_string().contains("`rwkv7`"), "{error}");
        let error = gguf(&Made::new("llama").int("llama.block_count", 2).bytes())
            .expect_err("most of it is missing");
        assert_eq!(
            error.to_string(),
            "missing: llama.embedding_length, llama.attention.head_count, llama.vocab_size, \
             llama.feed_forward_length"
        );
    }
}
