//! The file: its letters, its cells and its rows.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use csv::{ByteRecord, Position};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// No row is longer; a quotation mark that is never closed would make the rest of the file one.
const LONGEST_ROW: usize = 8 << 20;

/// What is looked at to find out what stands between two cells.
const SAMPLE: u64 = 64 << 10;

/// How letters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Encoding {
    /// As everybody does today
    #[value(name = "utf-8")]
    Utf8,
    /// As Excel's plain "CSV" on Windows in western Europe and the Americas; Latin-1 is part of it
    #[value(name = "windows-1252", alias = "latin-1")]
    Windows1252,
}

/// The characters of Windows-1252 where Latin-1 has none.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl Encoding {
    /// Reads a cell; nothing where it is not written so.
    pub(super) fn read(self, cell: &[u8]) -> Option<Cow<'_, str>> {
        match (self, std::str::from_utf8(cell)) {
            (Self::Utf8, text) => text.ok().map(Cow::Borrowed),
            (Self::Windows1252, Ok(text)) if text.is_ascii() => Some(text.into()),
            (Self::Windows1252, _) => {
                let letter = |byte: &u8| match byte {
                    0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
                    byte => char::from(*byte),
                };
                Some(cell.iter().map(letter).collect::<String>().into())
            }
        }
    }
}

/// Reads what stands between two cells.
pub(super) fn delimiter(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        (_, [byte]) if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(*byte),
        _ => Err("write one character, such as ; or |, or the word tab".to_owned()),
    }
}

/// A place between two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) byte: u64,
    pub(super) line: u64,
    pub(super) record: u64,
}

/// A row, and the line of the file it begins on.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: ByteRecord,
}

/// A file of rows below a heading.
pub(super) struct Sheet {
    path: PathBuf,
    reader: csv::Reader<Bounded>,
    delimiter: u8,
    encoding: Encoding,
    raw_heading: ByteRecord,
    heading: Vec<String>,
    bytes: u64,
    digest: String,
}

impl Sheet {
    /// Opens a file and reads its heading.
    pub(super) fn open(
        path: &Path,
        delimiter: Option<u8>,
        encoding: Encoding,
    ) -> anyhow::Result<Self> {
        let cannot = || format!("cannot read {}", path.display());
        let mut file = File::open(path).with_context(cannot)?;
        let sample = sample(&mut file).with_context(cannot)?;
        refuse_utf_16(&sample)?;
        let delimiter = delimiter.unwrap_or_else(|| find_delimiter(&sample));
        let (bytes, digest) = digest(&mut file).with_context(cannot)?;
        file.rewind().with_context(cannot)?;
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(64 << 10)
            .from_reader(Bounded { file, left: 0 });
        let mut sheet = Self {
            path: path.to_owned(),
            reader,
            delimiter,
            encoding,
            raw_heading: ByteRecord::new(),
            heading: Vec::new(),
            bytes,
            digest,
        };
        sheet.read_heading()?;
        Ok(sheet)
    }

    fn read_heading(&mut self) -> anyhow::Result<()> {
        let Some(row) = self.read()? else {
            bail!(
                "{} is empty; its first row names the columns",
                self.path.display()
            );
        };
        let bom = |cell: &[u8]| cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell).to_vec();
        self.raw_heading = row.cells.iter().map(bom).collect();
        for cell in &self.raw_heading {
            let name = self.encoding.read(cell).context(NOT_UTF_8)?;
            self.heading.push(name.trim().to_owned());
        }
        Ok(())
    }

    /// Returns the names of the columns.
    pub(super) fn heading(&self) -> &[String] {
        &self.heading
    }

    /// Returns the heading as it stands in the file.
    pub(super) fn raw_heading(&self) -> &ByteRecord {
        &self.raw_heading
    }

    /// Returns what stands between two cells.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Returns how the letters are written.
    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns how long the file is.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns what only this very file has: a hash of all of it.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the next row, or nothing at the end.
    pub(super) fn read(&mut self) -> anyhow::Result<Option<Row>> {
        let line = self.reader.position().line();
        self.reader.get_mut().left = LONGEST_ROW;
        let mut cells = ByteRecord::new();
        let is_there = self.reader.read_byte_record(&mut cells);
        let is_there = is_there.with_context(|| {
            let path = self.path.display();
            format!("cannot read the row of {path} that begins at line {line}")
        })?;
        let line = cells.position().map_or(line, Position::line);
        Ok(is_there.then_some(Row { line, cells }))
    }

    /// Returns the place before the next row.
    pub(super) fn place(&self) -> Place {
        let position = self.reader.position();
        Place {
            byte: position.byte(),
            line: position.line(),
            record: position.record(),
        }
    }

    /// Goes on from a place.
    pub(super) fn go_to(&mut self, place: Place) -> anyhow::Result<()> {
        let mut position = Position::new();
        position
            .set_byte(place.byte)
            .set_line(place.line)
            .set_record(place.record);
        Ok(self.reader.seek(position)?)
    }
}

/// What is said of a cell that cannot be read.
pub(super) const NOT_UTF_8: &str = "is not UTF-8; save the file as \"CSV UTF-8\", or say \
     --encoding windows-1252 if Excel on Windows wrote it";

fn sample(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut sample = Vec::new();
    file.take(SAMPLE).read_to_end(&mut sample)?;
    file.rewind()?;
    Ok(sample)
}

fn refuse_utf_16(sample: &[u8]) -> anyhow::Result<()> {
    let has_mark = sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff");
    if has_mark || sample.contains(&0) {
        bail!("the file is UTF-16, or no text at all; save it as \"CSV UTF-8\"");
    }
    Ok(())
}

/// Returns what stands most often in the heading, outside quotation marks.
fn find_delimiter(sample: &[u8]) -> u8 {
    let candidates = *b",;\t|";
    let mut counts = [0_usize; 4];
    let mut is_quoted = false;
    for byte in sample {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted && counts.iter().any(|it| *it > 0) => break,
            byte if !is_quoted => {
                if let Some(index) = candidates.iter().position(|it| it == byte) {
                    counts[index] += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let first = counts.iter().position(|it| *it == most).unwrap_or(0);
    candidates[first]
}

fn digest(file: &mut File) -> std::io::Result<(u64, String)> {
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut part = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        hash.update(&part[..read]);
        bytes += read as u64;
    }
    let digest = hash.finalize();
    Ok((bytes, digest.iter().map(|it| format!("{it:02x}")).collect()))
}

/// A file of which so much may be read for a row.
struct Bounded {
    file: File,
    left: usize,
}

impl Read for Bounded {
    fn read(&mut self, part: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            let said = "it is longer than 8 MiB; is a quotation mark not closed?";
            return Err(std::io::Error::other(said));
        }
        let read = self.file.read(part)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl Seek for Bounded {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, delimiter, find_delimiter};

    #[test]
    fn what_stands_between_cells_is_found_out() {
        for (heading, expected) in [
            ("phone,name\n1;2;3;4", b','),
            ("phone;name;city\r\n", b';'),
            ("phone\tname", b'\t'),
            ("\"a,b,c\";phone\n", b';'),
            ("phone\n+27821112233\n", b','),
            ("phone|name|note\n", b'|'),
        ] {
            assert_eq!(find_delimiter(heading.as_bytes()), expected, "{heading}");
        }
        assert_eq!(delimiter("tab"), Ok(b'\t'));
        assert_eq!(delimiter(";"), Ok(b';'));
        for bad in ["", ";;", "\"", "ü"] {
            assert!(delimiter(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn letters_of_old_windows_are_read() {
        let read = |encoding: Encoding, bytes| encoding.read(bytes).map(String::from);
        let old = Encoding::Windows1252;
        assert_eq!(read(old, b"Jos\xe9 \x80").as_deref(), Some("José €"));
        assert_eq!(read(old, b"Ana").as_deref(), Some("Ana"));
        assert_eq!(read(Encoding::Utf8, b"Jos\xe9"), None);
        assert_eq!(
            read(Encoding::Utf8, "José".as_bytes()).as_deref(),
            Some("José")
        );
    }
}
