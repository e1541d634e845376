import Testing

@testable import Gateway

@Suite struct `The page's files` {
    @Test func `every file of the folder is served under its own name`() throws {
        let folder = try Registry.files(in: "Sources/Shell/Gateway/Page")
        #expect(PageFiles.all.map(\.name).sorted() == folder)
        for name in folder {
            let text = try Registry.text("Sources/Shell/Gateway/Page/\(name)")
            #expect(PageAsset.find("/\(name)")?.bytes == Array(text.utf8), "\(name)")
        }
    }

    @Test func `the root is the index`() {
        let root = PageAsset.find("/")?.bytes
        let index = PageAsset.find("/index.html")?.bytes
        #expect(root != nil && root == index)
    }

    @Test func `every file has a type that browsers take`() {
        for (name, _) in PageFiles.all {
            #expect(PageAsset.find("/\(name)")?.type != "application/octet-stream", "\(name)")
        }
    }
}
