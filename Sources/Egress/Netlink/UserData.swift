/// What the kernel keeps for user space beside a rule or an element, as nft(8) writes and reads it:
/// an octet of type, an octet of length, the value (libnftnl, udata.h).
enum UserData {
    /// NFTNL_UDATA_RULE_COMMENT, NFTNL_UDATA_SET_ELEM_COMMENT: text that ends with a NUL.
    private static let commentType: UInt8 = 0
    /// Longest comment that nft(8) takes, without its NUL (NFTNL_UDATA_COMMENT_MAXLEN is 128).
    private static let longestComment = 127
    /// Header, text and NUL.
    static let longest = longestComment + 3

    /// A comment: header, text, cut where it is too long, and NUL.
    struct Comment {
        /// `longest` of them.
        private var octets = InlineArray<130, UInt8>(repeating: 0)
        private let count: Int

        init(_ text: String) {
            let length = min(text.utf8.count, longestComment)
            count = 2 + length + 1
            octets[0] = commentType
            octets[1] = UInt8(length + 1)
            var text = text
            text.withUTF8 { source in
                for place in 0..<length { octets[2 + place] = unsafe source[place] }
            }
        }

        var bytes: Span<UInt8> {
            @_lifetime(borrow self)
            get { octets.span.extracting(first: count) }
        }
    }

    /// The comment in `bytes`; empty when there is none.
    static func comment(in bytes: Span<UInt8>) -> String {
        var position = 0
        // Every turn passes a header of two octets.
        while position + 2 <= bytes.count {
            let end = position + 2 + Int(bytes[position + 1])
            guard end <= bytes.count else { return "" }
            if bytes[position] == commentType {
                let text = (position + 2..<end).map { bytes[$0] }.prefix { $0 != 0 }
                return String(decoding: text, as: UTF8.self)
            }
            position = end
        }
        return ""
    }
}
