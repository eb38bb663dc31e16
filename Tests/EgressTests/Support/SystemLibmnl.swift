import CMnl
import Glibc

/// The functions of one libmnl: ours, or the system's.
@safe
struct Libmnl {
    typealias Header = UnsafeMutablePointer<nlmsghdr>
    typealias Attribute = UnsafePointer<nlattr>
    typealias AttributeVisitor = @convention(c) (Attribute?, UnsafeMutableRawPointer?) -> CInt
    typealias MessageVisitor =
        @convention(c) (UnsafePointer<nlmsghdr>?, UnsafeMutableRawPointer?) -> CInt

    let putHeader: @convention(c) (UnsafeMutableRawPointer?) -> Header?
    let putExtraHeader: @convention(c) (Header?, Int) -> UnsafeMutableRawPointer?
    let put: @convention(c) (Header?, UInt16, Int, UnsafeRawPointer?) -> Void
    let put8: @convention(c) (Header?, UInt16, UInt8) -> Void
    let put16: @convention(c) (Header?, UInt16, UInt16) -> Void
    let put32: @convention(c) (Header?, UInt16, UInt32) -> Void
    let put64: @convention(c) (Header?, UInt16, UInt64) -> Void
    let putText: @convention(c) (Header?, UInt16, UnsafePointer<CChar>?) -> Void
    let putTextWithNul: @convention(c) (Header?, UInt16, UnsafePointer<CChar>?) -> Void
    let nestStart: @convention(c) (Header?, UInt16) -> UnsafeMutablePointer<nlattr>?
    let nestEnd: @convention(c) (Header?, UnsafeMutablePointer<nlattr>?) -> Void
    let isOK: @convention(c) (Attribute?, CInt) -> Bool
    let next: @convention(c) (Attribute?) -> UnsafeMutablePointer<nlattr>?
    let type: @convention(c) (Attribute?) -> UInt16
    let payloadLength: @convention(c) (Attribute?) -> UInt16
    let get8: @convention(c) (Attribute?) -> UInt8
    let get16: @convention(c) (Attribute?) -> UInt16
    let get32: @convention(c) (Attribute?) -> UInt32
    let get64: @convention(c) (Attribute?) -> UInt64
    let typeIsValid: @convention(c) (Attribute?, UInt16) -> CInt
    let validate: @convention(c) (Attribute?, mnl_attr_data_type) -> CInt
    let parse:
        @convention(c) (
            UnsafePointer<nlmsghdr>?, CUnsignedInt, AttributeVisitor?, UnsafeMutableRawPointer?
        ) -> CInt
    let parseNested:
        @convention(c) (Attribute?, AttributeVisitor?, UnsafeMutableRawPointer?) -> CInt
    let run:
        @convention(c) (
            UnsafeRawPointer?, Int, CUnsignedInt, CUnsignedInt, MessageVisitor?,
            UnsafeMutableRawPointer?
        ) -> CInt

    /// The definitions of Sources/CMnl.
    static let ours = unsafe Libmnl(
        putHeader: mnl_nlmsg_put_header, putExtraHeader: mnl_nlmsg_put_extra_header,
        put: mnl_attr_put, put8: mnl_attr_put_u8, put16: mnl_attr_put_u16, put32: mnl_attr_put_u32,
        put64: mnl_attr_put_u64, putText: mnl_attr_put_str, putTextWithNul: mnl_attr_put_strz,
        nestStart: mnl_attr_nest_start, nestEnd: mnl_attr_nest_end, isOK: mnl_attr_ok,
        next: mnl_attr_next, type: mnl_attr_get_type, payloadLength: mnl_attr_get_payload_len,
        get8: mnl_attr_get_u8, get16: mnl_attr_get_u16, get32: mnl_attr_get_u32,
        get64: mnl_attr_get_u64, typeIsValid: mnl_attr_type_valid, validate: mnl_attr_validate,
        parse: mnl_attr_parse, parseNested: mnl_attr_parse_nested, run: mnl_cb_run)

    /// The definitions of libmnl.so.0, which this machine must have: without it the test is void.
    static let systems: Libmnl = {
        let library = unsafe dlopen("libmnl.so.0", RTLD_NOW | RTLD_LOCAL)
        func symbol<Function>(_ name: String, _: Function.Type = Function.self) -> Function {
            let address = unsafe dlsym(library, name)!
            return unsafe unsafeBitCast(address, to: Function.self)
        }
        return unsafe Libmnl(
            putHeader: symbol("mnl_nlmsg_put_header"),
            putExtraHeader: symbol("mnl_nlmsg_put_extra_header"),
            put: symbol("mnl_attr_put"), put8: symbol("mnl_attr_put_u8"),
            put16: symbol("mnl_attr_put_u16"), put32: symbol("mnl_attr_put_u32"),
            put64: symbol("mnl_attr_put_u64"), putText: symbol("mnl_attr_put_str"),
            putTextWithNul: symbol("mnl_attr_put_strz"), nestStart: symbol("mnl_attr_nest_start"),
            nestEnd: symbol("mnl_attr_nest_end"), isOK: symbol("mnl_attr_ok"),
            next: symbol("mnl_attr_next"), type: symbol("mnl_attr_get_type"),
            payloadLength: symbol("mnl_attr_get_payload_len"), get8: symbol("mnl_attr_get_u8"),
            get16: symbol("mnl_attr_get_u16"), get32: symbol("mnl_attr_get_u32"),
            get64: symbol("mnl_attr_get_u64"), typeIsValid: symbol("mnl_attr_type_valid"),
            validate: symbol("mnl_attr_validate"), parse: symbol("mnl_attr_parse"),
            parseNested: symbol("mnl_attr_parse_nested"), run: symbol("mnl_cb_run"))
    }()

    var address: Int { unsafe unsafeBitCast(put, to: Int.self) }
}
