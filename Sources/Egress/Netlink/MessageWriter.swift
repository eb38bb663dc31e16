import CMnl

/// Writes attributes behind a message in a `MessageBuffer`, which has made room for them.
@safe
struct MessageWriter: ~Copyable {
    /// For libnftnl, which writes behind the message by itself.
    let raw: UnsafeMutablePointer<nlmsghdr>

    init(_ raw: UnsafeMutablePointer<nlmsghdr>) { unsafe self.raw = raw }

    /// Text goes without a NUL behind it, of which the kernel needs none (`nla_strcmp`, `nla_strdup`):
    /// a string has one only where it is copied first.
    func put(_ type: UInt32, text: String) {
        var text = text
        text.withUTF8 { octets in
            unsafe mnl_attr_put(raw, UInt16(type), octets.count, octets.baseAddress)
        }
    }

    /// Numbers go in network order.
    func put(_ type: UInt32, number: some FixedWidthInteger & BitwiseCopyable) {
        unsafe withUnsafeBytes(of: number.bigEndian) { bytes in
            unsafe mnl_attr_put(raw, UInt16(type), bytes.count, bytes.baseAddress)
        }
    }

    func put(_ type: UInt32, _ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe mnl_attr_put(raw, UInt16(type), bytes.count, bytes.baseAddress)
        }
    }

    func put(_ type: UInt32, _ bytes: [UInt8]) { put(type, bytes.span) }

    /// An attribute that holds the attributes which `content` writes.
    func nest(_ type: UInt32, _ content: () -> Void) {
        let start = unsafe mnl_attr_nest_start(raw, UInt16(type))
        content()
        unsafe mnl_attr_nest_end(raw, start)
    }
}
