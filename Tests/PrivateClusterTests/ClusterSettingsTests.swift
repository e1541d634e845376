import Testing

@testable import PrivateCluster

@Suite("Cluster settings")
struct ClusterSettingsTests {
    @Test func `a quote in a path is doubled for PostgreSQL and escaped for libpq`() {
        let text = ClusterSettings.text(socketDirectory: "/it's")
        let address = ClusterSettings.connectionString(socketDirectory: "/it's", port: 5432)
        #expect(text.contains("unix_socket_directories = '/it''s'\n"))
        #expect(address.hasPrefix("host='/it\\'s' port=5432 "))
    }

    @Test func `nothing listens on the network`() {
        let text = ClusterSettings.text(socketDirectory: "/run")
        #expect(text.contains("listen_addresses = ''\n"))
    }
}
