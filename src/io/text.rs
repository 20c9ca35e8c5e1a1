//! From bytes to text: encoding, separator.

/// Text in UTF-8, or UTF-16 with a byte order mark; what is neither is taken for Windows-1252, as older spreadsheets
/// write it.
pub(crate) fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(decode("\u{feff}Ynys Môn".as_bytes()), "Ynys Môn");
        assert_eq!(decode(b"Ynys M\xf4n \x80"), "Ynys Môn €");
        let utf_16: Vec<u8> = [0xfeff_u16].into_iter().chain("Môn".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf_16), "Môn");
    }

    #[test]
    fn separators() {
        assert_eq!(separator("a,b;c,d\n1;2;3;4"), b',');
        assert_eq!(separator("\"a,b,c\";d\n"), b';');
        assert_eq!(separator("\n\na\tb\n"), b'\t');
        assert_eq!(separator("one\ntwo"), b',');
    }
}
