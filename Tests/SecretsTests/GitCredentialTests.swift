import Secrets
import Testing

@Suite struct GitCredentialTests {
    /// What git sends, the host that the broker is asked for, and whether its user will do.
    @Test(arguments: [
        ("protocol=https\nhost=github.com\n\n", "github.com", true),
        // The empty line may be missing at the end of the input.
        ("protocol=https\nhost=github.com\n", "github.com", true),
        ("protocol=https\nhost=github.com", "github.com", true),
        ("protocol=https\nhost=git.example.com:8443\n\n", "git.example.com:8443", true),
        ("protocol=https\nhost=github.com\nusername=x\n\n", "github.com", true),
        ("protocol=https\nhost=github.com\nusername=y\n\n", "github.com", false),
        // Attributes of later gits, and of ours to come, are passed over.
        (
            "capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=github.com\nwwwauth[]=Basic realm=\"GitHub\"\npath=a=b\n\n",
            "github.com", true
        ),
        // The last of two counts; what follows the empty line is another question.
        ("host=a.example\nprotocol=https\nhost=b.example\n\nhost=c.example\n", "b.example", true),
        ("protocol=https\nhost=\n\n", "", true),
        // No credential for another protocol, nor without one, nor without a host.
        ("protocol=http\nhost=github.com\n\n", nil, true),
        ("protocol=HTTPS\nhost=github.com\n\n", nil, true),
        ("protocol=https \nhost=github.com\n\n", nil, true),
        ("host=github.com\n\n", nil, true),
        ("protocol=https\n\nhost=github.com\n", nil, true),
        ("", nil, true),
        // A carriage return belongs to the value, and no host has one.
        ("protocol=https\r\nhost=github.com\r\n\r\n", nil, true),
        ("Protocol=https\nHost=github.com\n\n", nil, true),
    ])
    func asks(text: String, host: String?, takesUser: Bool) throws {
        // A line of "\r" alone has no "=".
        guard !text.hasSuffix("\r\n\r\n") else {
            #expect(throws: GitCredential.Malformed.self) {
                try GitCredential(parsing: Array(text.utf8))
            }
            return
        }
        let request = try GitCredential(parsing: Array(text.utf8))
        #expect(request.brokeredHost == host)
        #expect(request.accepts(username: "x") == takesUser)
    }

    @Test(arguments: [
        Array("protocol=https\nhost\n\n".utf8), Array("get\n".utf8),
        Array("protocol=https\nhost=git\u{0}hub.com\n".utf8), [0x68, 0x3d, 0xff, 0x0a],
    ])
    func refusesWhatIsNotTheProtocol(octets: [UInt8]) {
        #expect(throws: GitCredential.Malformed.self) { try GitCredential(parsing: octets) }
    }
}
