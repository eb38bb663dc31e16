/// What the kernel keeps for user space beside a rule or an element, as nft(8) writes and reads it:
/// an octet of type, an octet of length, the value (libnftnl, udata.h).
enum UserData {
    /// NFTNL_UDATA_RULE_COMMENT, NFTNL_UDATA_SET_ELEM_COMMENT: text that ends with a NUL.
    private static let commentType: UInt8 = 0
    /// Longest comment that nft(8) takes, without its NUL (NFTNL_UDATA_COMMENT_MAXLEN is 128).
    private static let longestComment = 127
    /// Header, text and NUL.
    static let longest = longestComment + 3

    static func comment(_ text: String) -> [UInt8] {
        let count = min(text.utf8.count, longestComment)
        var data: [UInt8] = []
        data.reserveCapacity(count + 3)
        data.append(commentType)
        data.append(UInt8(count + 1))
        for octet in text.utf8 where data.count < 2 + count { data.append(octet) }
        data.append(0)
        return data
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
