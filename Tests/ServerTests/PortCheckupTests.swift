import Foundation
import Glibc
import Testing

@testable import rollcall

@Suite("Doctor: the port", .serialized)
struct PortCheckupTests {
    /// A listening socket on loopback, with the address it got.
    private func listener() throws -> (descriptor: Int32, address: ListenAddress) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &form) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(descriptor, address, size)
                _ = listen(descriptor, 8)
                _ = getsockname(descriptor, address, &size)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        return (descriptor, try #require(ListenAddress("127.0.0.1:\(port)")))
    }

    /// Takes one connection and answers it with `text`, on a thread that may block.
    private func answer(_ descriptor: Int32, with text: String) {
        Thread.detachNewThread {
            let connection = accept(descriptor, nil, nil)
            var request = [UInt8](repeating: 0, count: 1_024)
            _ = recv(connection, &request, request.count, 0)
            let bytes = Array(text.utf8)
            _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(connection)
        }
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
    func `a port that nobody has is free`(text: String) throws {
        let address = try #require(ListenAddress(text))
        let finding = PortCheckup(address: address).finding()
        #expect(finding == .well("port: \(text) is free"))
    }

    @Test func `a server that answers healthz is well`() throws {
        let (descriptor, address) = try listener()
        defer { close(descriptor) }
        answer(descriptor, with: "HTTP/1.1 200 OK\r\n\r\n")
        let finding = PortCheckup(address: address).finding()
        #expect(finding == .well("port: \(address) is taken by a server that answers /healthz"))
    }

    @Test func `anybody else at the port is to be stopped`() throws {
        let (descriptor, address) = try listener()
        defer { close(descriptor) }
        answer(descriptor, with: "HTTP/1.1 404 Not Found\r\n\r\n")
        let finding = PortCheckup(address: address).finding()
        #expect(!finding.isWell)
        #expect(finding.text.contains("Address already in use"))
    }

    @Test func `an address of another machine is named`() throws {
        // TEST-NET-1 (RFC 5737): nobody's.
        let address = try #require(ListenAddress("192.0.2.1:4000"))
        let finding = PortCheckup(address: address).finding()
        #expect(!finding.isWell)
        #expect(finding.text.contains("choose an address of this machine"))
    }
}
