import CMnl

/// Writes attributes behind a message in a `MessageBuffer`, which has made room for them.
@safe
struct MessageWriter: ~Copyable {
    /// For libnftnl, which writes behind the message by itself.
    let raw: UnsafeMutablePointer<nlmsghdr>

    init(_ raw: UnsafeMutablePointer<nlmsghdr>) { unsafe self.raw = raw }

    func put(_ type: UInt32, text: String) {
        unsafe mnl_attr_put_strz(raw, UInt16(type), text)
    }

    /// Numbers go in network order.
    func put(_ type: UInt32, number: some FixedWidthInteger & BitwiseCopyable) {
        unsafe withUnsafeBytes(of: number.bigEndian) { bytes in
            unsafe mnl_attr_put(raw, UInt16(type), bytes.count, bytes.baseAddress)
        }
    }

    func put(_ type: UInt32, _ bytes: [UInt8]) {
        unsafe mnl_attr_put(raw, UInt16(type), bytes.count, bytes)
    }

    /// An attribute that holds the attributes which `content` writes.
    func nest(_ type: UInt32, _ content: () -> Void) {
        let start = unsafe mnl_attr_nest_start(raw, UInt16(type))
        content()
        unsafe mnl_attr_nest_end(raw, start)
    }
}
