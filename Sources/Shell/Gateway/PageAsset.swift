/// A file of the page at `/`, inside the binary.
struct PageAsset {
    let type: String
    let bytes: [UInt8]

    /// The file at a path of the server; nil where there is none.
    static func find(_ path: String) -> PageAsset? {
        assets[path]
    }

    /// The page loads nothing from elsewhere, and nobody frames it.
    var headers: [(name: String, value: String)] {
        [
            ("Content-Type", type), ("Cache-Control", "no-cache"),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            (
                "Content-Security-Policy",
                "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
                    + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
            ),
        ]
    }

    private static let assets: [String: PageAsset] = {
        var assets: [String: PageAsset] = [:]
        for (name, bytes) in PageFiles.all {
            let type =
                switch name.split(separator: ".").last {
                case "html": "text/html; charset=utf-8"
                case "css": "text/css; charset=utf-8"
                case "js": "text/javascript; charset=utf-8"
                case "svg": "image/svg+xml"
                default: "application/octet-stream"
                }
            assets["/\(name)"] = PageAsset(type: type, bytes: bytes)
        }
        assets["/"] = assets["/index.html"]
        return assets
    }()
}
