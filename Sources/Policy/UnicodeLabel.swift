/// U-labels, as IDNA calls labels beyond ASCII, and their way to A-labels (RFC 5891 §4).
///
/// Letters are mapped to lower case first, as every browser does (RFC 5895 §2); `ß` and `ς` are
/// letters of their own. What RFC 5892 makes depend on context (joiners, middle dots) and what
/// would need Unicode normalisation first (letters written as a base and a combining accent) is
/// refused rather than guessed at: such a label can always be written as its A-label. Indic marks
/// are taken as they are written. The rule for right-to-left labels (RFC 5893) is about display
/// and is not checked.
enum UnicodeLabel {
    /// Appends the A-label of the U-label in `range`, or the label itself if it turns out to be
    /// ASCII once it is in lower case.
    static func append(
        of text: Span<UInt8>, in range: Range<Int>, quoting quoted: Range<Int>,
        to wire: inout [UInt8]
    ) throws(Fault) {
        func fault(_ reason: String, at offset: Int) -> Fault {
            Fault(.domainName, quoting: quoted, at: offset, reason)
        }
        var bytes: [UInt8] = []
        for position in range { bytes.append(text[position]) }
        guard let label = String(validating: bytes, as: UTF8.self) else {
            throw fault("it is not valid UTF-8", at: range.lowerBound)
        }

        var scalars: [Unicode.Scalar] = []
        var offset = range.lowerBound
        for written in label.unicodeScalars {
            for scalar in written.properties.lowercaseMapping.unicodeScalars {
                if let reason = refusal(of: scalar) { throw fault(reason, at: offset) }
                scalars.append(scalar)
            }
            offset += UTF8.width(written)
        }
        // An A-label is longer than what it encodes, so a longer one need not be encoded at all.
        guard scalars.count <= DomainName.longestLabel else {
            throw fault("a label has \(scalars.count) characters, 63 at most", at: range.lowerBound)
        }
        if let first = scalars.first, isMark(first) {
            throw fault("a label cannot begin with a combining mark", at: range.lowerBound)
        }
        if scalars.count >= 4, scalars[2] == "-", scalars[3] == "-" {
            throw fault(
                "hyphens as third and fourth character mark a label already encoded",
                at: range.lowerBound)
        }
        for edge in [scalars.first, scalars.last] where edge == "-" {
            throw fault("a label cannot begin or end with a hyphen", at: range.lowerBound)
        }
        if scalars.allSatisfy(\.isASCII) {
            wire += scalars.map { UInt8(truncatingIfNeeded: $0.value) }
        } else {
            wire += "xn--".utf8
            Punycode.append(scalars, to: &wire)
        }
    }

    /// Why a scalar, already in lower case, is not allowed; `nil` when it is (RFC 5892 §2).
    private static func refusal(of scalar: Unicode.Scalar) -> String? {
        if scalar.isASCII {
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            let isAllowed = NameGrammar.isLabelByte(byte) && byte != ASCII.underscore
            return isAllowed ? nil : NameGrammar.refusal(of: scalar)
        }
        if isException(scalar) { return nil }
        if isComposing(scalar) {
            return "a combining accent is not allowed: write the letter as one character, "
                + "or the label as xn--…"
        }
        guard isLetterMarkOrDigit(scalar), !isForbidden(scalar),
            !scalar.properties.changesWhenNFKCCaseFolded,
            !scalar.properties.isDefaultIgnorableCodePoint
        else { return "\"\(PrintableText.escape(scalar))\" is not allowed in a name" }
        return nil
    }

    /// RFC 5892 §2.1, "LetterDigits".
    private static func isLetterMarkOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark,
            .decimalNumber:
            true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    /// RFC 5892 §2.6, "Exceptions": allowed although a property speaks against it.
    private static func isException(_ scalar: Unicode.Scalar) -> Bool {
        [0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007].contains(scalar.value)
    }

    /// RFC 5892 §2.6 and §2.9: letters by category, but never in a name. Old Hangul jamo are here
    /// because modern Hangul is one scalar a syllable.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0640, 0x07FA, 0x302E...0x302F, 0x3031...0x3035, 0x303B: true
        case 0x1100...0x11FF, 0xA960...0xA97F, 0xD7B0...0xD7FF: true
        default: false
        }
    }

    /// Accents that merge with the letter before them when text is normalised (UAX 15).
    private static func isComposing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0300...0x036F, 0x3099...0x309A: true
        default: false
        }
    }
}
