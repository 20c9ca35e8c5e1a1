//! From bytes to text: encoding, separator, and spellings that look alike.

use unicode_normalization::UnicodeNormalization;

/// A text, and what is odd about its encoding: a line and what was found there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) odd: Option<(u64, String, String)>,
}

/// Text in UTF-8, or UTF-16; bytes that are neither are taken for Windows-1252, as older spreadsheets write it, and the
/// first of them is told.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    let bom = encoding_rs::Encoding::for_bom(bytes);
    let utf_16 = match bom {
        Some((encoding, mark)) if encoding != encoding_rs::UTF_8 => Some((encoding, mark)),
        // Without a mark, every other byte of plain text is nothing.
        None if bytes.len() >= 4 && bytes[1] == 0 && bytes[3] == 0 && bytes[0] != 0 => Some((encoding_rs::UTF_16LE, 0)),
        None if bytes.len() >= 4 && bytes[0] == 0 && bytes[2] == 0 && bytes[1] != 0 => Some((encoding_rs::UTF_16BE, 0)),
        _ => None,
    };
    if let Some((encoding, mark)) = utf_16 {
        let (text, damaged) = encoding.decode_without_bom_handling(&bytes[mark..]);
        let line = |text: &str| 1 + text.split('\u{fffd}').next().unwrap_or_default().matches('\n').count() as u64;
        let odd = damaged.then(|| (line(&text), "\u{fffd}".to_owned(), format!("{}, undamaged", encoding.name())));
        return Decoded { text: text.into_owned(), odd };
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut text, mut odd) = (String::with_capacity(bytes.len()), None);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let Some(first) = chunk.invalid().first() else { continue };
        odd.get_or_insert((text.len(), *first));
        text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    let odd = odd.map(|(at, byte): (usize, u8)| {
        let before = &text[..at];
        let line = 1 + before.replace("\r\n", "\n").matches(['\n', '\r']).count() as u64;
        let column = 1 + before.rsplit(['\n', '\r']).next().unwrap_or_default().chars().count();
        let value = format!("byte {byte:02X} at character {column}");
        (line, value, "UTF-8; such bytes are read as Windows-1252".to_owned())
    });
    Decoded { text, odd }
}

/// What stands between the cells: of comma, semicolon, tab and bar the one that the header has most.
pub(crate) fn separator(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0u32), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && counts.iter().any(|(_, n)| *n > 0) => break,
            _ if quoted => {}
            byte => counts.iter_mut().filter(|(separator, _)| *separator == byte).for_each(|(_, n)| *n += 1),
        }
    }
    let most = counts.iter().rev().max_by_key(|(_, n)| *n);
    most.map_or(b',', |(separator, _)| *separator)
}

/// A separator that a first line `sep=;` tells, as spreadsheets write it, and where the line ends.
pub(crate) fn told_separator(text: &str) -> Option<(u8, usize)> {
    let line = text.split(['\n', '\r']).next()?;
    let told = line.trim_matches('"').strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
    match told.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b'"' => Some((*byte, line.len())),
        _ => None,
    }
}

/// A text without what nobody sees: one way to write an accent, single spaces, nothing of no width.
pub(crate) fn plain(text: &str) -> String {
    let unseen = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}') || c.is_control();
    let seen: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !unseen(*c)).nfc().collect();
    seen.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What texts that look alike have in common.
pub(crate) fn alike(text: &str) -> String {
    plain(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(decode("\u{feff}Ynys Môn".as_bytes()), Decoded { text: "Ynys Môn".to_owned(), odd: None });
        let latin = decode(b"a\r\nYnys M\xf4n \x80");
        assert_eq!(latin.text, "a\r\nYnys Môn €");
        assert_eq!(latin.odd.map(|(line, value, _)| (line, value)), Some((2, "byte F4 at character 7".to_owned())));
        // One bad byte leaves the others as they are.
        assert_eq!(decode(b"Ynys M\xc3\xb4n \x80").text, "Ynys Môn €");
        let utf_16: Vec<u8> = [0xfeff_u16].into_iter().chain("Môn".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf_16).text, "Môn");
        assert_eq!(decode(&utf_16[2..].repeat(2)).text, "MônMôn");
    }

    #[test]
    fn separators() {
        assert_eq!(separator("a,b;c,d\n1;2;3;4"), b',');
        assert_eq!(separator("\"a,b,c\";d\n"), b';');
        assert_eq!(separator("\n\na\tb\n"), b'\t');
        assert_eq!(separator("one\ntwo"), b',');
        assert_eq!(told_separator("sep=;\r\na;b"), Some((b';', 5)));
        assert_eq!(told_separator("sep=one,two\n"), None);
    }

    #[test]
    fn spellings_that_look_alike() {
        for text in ["Ynys  Môn", "Ynys\u{a0}Mo\u{302}n", " YNYS\u{200b} MÔN"] {
            assert_eq!(alike(text), "ynys môn", "{text:?}");
        }
    }
}
