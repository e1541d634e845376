import Testing

@testable import HTTP

@Suite("RFC 3986 §2.1, WHATWG URL §5.1")
struct QueryStringTests {
    private func pairs(_ query: String) -> [[String]]? {
        QueryString(query)?.pairs.map { [$0.name, $0.value] }
    }

    @Test func `names and values are decoded, in order, repeated`() {
        #expect(pairs("a=1&b=2&a=3") == [["a", "1"], ["b", "2"], ["a", "3"]])
        #expect(pairs("a+b=c%2Bd%26+e") == [["a b", "c+d& e"]])
        #expect(pairs("k=%F0%9F%98%80") == [["k", "😀"]])
    }

    @Test func `what lacks a value has an empty one, what is empty is left out`() {
        #expect(pairs("") == [])
        #expect(pairs("a&&b=&=c&") == [["a", ""], ["b", ""], ["", "c"]])
        #expect(pairs("a=b=c") == [["a", "b=c"]])
    }

    @Test(arguments: ["%", "%4", "a=%zz", "a=%4g", "%ff", "a=%C3", "a=%ED%A0%80"])
    func `a malformed escape or wrong UTF-8 is refused`(query: String) {
        #expect(pairs(query) == nil)
    }

    @Test func `the first value of a name is found`() {
        let query = QueryString("vsn=2.0.0&vsn=1&apikey=k")
        #expect(query?["vsn"] == "2.0.0")
        #expect(query?["VSN"] == nil)
    }

    @Test func `path segments are decoded one by one, plus stays plus`() {
        func segments(_ path: String) -> [String]? {
            Exchange("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n").requests.first?.pathSegments
        }
        #expect(segments("/v1/course%3A42%2Fx/a+b") == ["v1", "course:42/x", "a+b"])
        #expect(segments("/") == [""])
        #expect(segments("/a//b/") == ["a", "", "b", ""])
        #expect(segments("/%ff") == nil)
    }
}
