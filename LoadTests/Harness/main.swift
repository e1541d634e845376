import Basics
import EventLoop
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
exit(CommandLineTool.run(words))
