import Policy
import Testing

@testable import Egress

struct NetlinkCursorTests {
    /// Two messages of type 17, the second with an attribute of type 3 and one of type 4.
    static let datagram: [UInt8] =
        [20, 0, 0, 0, 17, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        + [36, 0, 0, 0, 17, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        + [7, 0, 3, 0, 0x61, 0x62, 0, 0, 8, 0, 4, 0x80, 0, 0, 1, 44]

    @Test func messagesAndAttributesAreRead() throws {
        let datagram = Self.datagram
        var messages = NetlinkMessages(datagram.span)
        let first = try messages.next()
        #expect(first?.type == 17)
        #expect(first?.flags == 2)
        #expect(first?.sequence == 7)
        let second = try messages.next()
        #expect(second?.sequence == 8)
        let attributes = try second?.attributes()
        let text = try attributes?.first(3)?.text
        let number: UInt32? = try attributes?.first(4)?.number()
        #expect(text == "ab")
        #expect(number == 300)
        #expect(try attributes?.first(5)?.text == nil)
        if (try messages.next()) != nil { Issue.record("a third message") }
    }

    @Test func numberOfAnotherSizeIsRefused() throws {
        let octets: [UInt8] = [6, 0, 1, 0, 1, 2]
        let cursor = NetlinkAttributes(octets.span)
        #expect(throws: NetlinkFormatError.wrongLength) {
            let cursor = NetlinkAttributes(octets.span)
            let _: UInt32? = try cursor.first(1)?.number()
        }
        let number: UInt16? = try cursor.first(1)?.number()
        #expect(number == 0x0102)
    }

    @Test(
        arguments: [
            [15, 0, 0, 0], [15, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [17, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [255, 255, 255, 255, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func wrongMessageLengthIsRefused(_ octets: [UInt8]) {
        #expect(throws: NetlinkFormatError.truncated) {
            var messages = NetlinkMessages(octets.span)
            _ = try messages.next()
        }
    }

    @Test(
        arguments: [[4, 0, 1], [3, 0, 1, 0], [0, 0, 0, 0], [9, 0, 1, 0, 1, 2, 3, 4]] as [[UInt8]])
    func wrongAttributeLengthIsRefused(_ octets: [UInt8]) {
        #expect(throws: NetlinkFormatError.truncated) {
            var attributes = NetlinkAttributes(octets.span)
            _ = try attributes.next()
        }
    }

    /// A message as the kernel sends it for a refused packet, cut and changed everywhere.
    @Test func damagedLogMessagesNeverTrap() {
        let payload = PacketHeaderTests.v4
        let attributes: [UInt8] =
            [8, 0, 1, 0, 8, 0, 3, 0] + [12, 0, 10, 0] + Array("refused\0".utf8)
            + [8, 0, 11, 0, 0, 0, 3, 0xE8] + [8, 0, 12, 0, 0, 0, 0, 5]
            + [UInt8(payload.count + 4), 0, 9, 0] + payload
        let body = [2, 0, 0, 53] + attributes
        let header: [UInt8] =
            [UInt8(body.count + 16), 0, 0, 0, 0, 4, 0, 0] + [UInt8](repeating: 0, count: 8)
        let message = header + body
        let packet = LoggedPacket(
            protocolNumber: 6, destination: Address("9.9.9.9"), port: 443, user: 1000, sequence: 5,
            mark: .refused)
        #expect(packets(message) == [packet])
        #expect(packets(message + message) == [packet, packet])
        for length in message.indices {
            #expect(packets(Array(message[..<length])).isEmpty)
        }
        for place in message.indices {
            for value in UInt8.min...UInt8.max {
                var damaged = message
                damaged[place] = value
                _ = packets(damaged + message)
            }
        }
    }

    private func written(_ text: String) -> [UInt8] {
        let comment = UserData.Comment(text)
        return comment.bytes.indices.map { comment.bytes[$0] }
    }

    @Test func commentsSurviveAndDamageDoesNotTrap() {
        #expect(comment(written("api.example")) == "api.example")
        let long = String(repeating: "a", count: 300)
        #expect(comment(written(long)) == String(long.prefix(127)))
        #expect(written(long).count == 130)
        // nft writes other types before the comment.
        let after = [1, 2, 9, 9] + written("x")
        #expect(comment(after) == "x")
        for octets in [[], [0], [0, 5, 97], [1, 255, 0], [0, 0]] as [[UInt8]] {
            #expect(comment(octets) == "")
        }
    }

    private func packets(_ datagram: [UInt8]) -> [LoggedPacket] {
        LoggedPacket.packets(in: datagram.span)
    }

    private func comment(_ octets: [UInt8]) -> String { UserData.comment(in: octets.span) }
}
