/// Why octets are not the DNS message they claim to be, or do not fit where they are written.
public enum WireError: Error, Equatable {
    /// The message ends inside a field, or a count promises more than there is.
    case truncated
    /// Octets follow the last record.
    case trailingOctets
    /// A label's first two bits are 01 or 10 (RFC 1035 §4.1.4: reserved).
    case labelReserved
    /// A pointer does not land before the run of labels that it leaves.
    case pointerForward
    /// A pointer lands in the twelve octets of the header.
    case pointerIntoHeader
    /// More than 255 octets of name (RFC 1035 §2.3.4).
    case nameTooLong
    /// More than 63 octets of label, or none, in a name written as text.
    case labelLength
    /// NUL or a dot inside a label: legal on the wire, never in a name that is shown or compared.
    case octetForbidden
    /// The length of a record's data is not what its type needs.
    case dataLength
    /// A second OPT record (RFC 6891 §6.1.1), or one whose owner is not the root.
    case optMisplaced
    /// A framed message is longer than the reader accepts, or shorter than a header.
    case messageLength
    /// The output has no room for the field.
    case noRoom
}
