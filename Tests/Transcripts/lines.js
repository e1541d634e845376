// Lines of the browser's own WebSocket, by number. Each lives in a frame of its own: a page cannot cut
// a WebSocket, but one whose frame is taken away ends as in a tab that is closed.
(() => {
  const lines = new Map();

  function tell(line, news) {
    line.news.push(news);
    line.listener?.();
  }

  function read(data) {
    return typeof data === "string" ? { text: data } : { bytes: [...new Uint8Array(data)] };
  }

  window.lines = {
    open(number, url) {
      const frame = document.createElement("iframe");
      document.documentElement.append(frame);
      const socket = new frame.contentWindow.WebSocket(url);
      socket.binaryType = "arraybuffer";
      const line = { frame, socket, news: [], listener: null };
      lines.set(number, line);
      socket.onmessage = (event) => tell(line, read(event.data));
      socket.onclose = (event) => tell(line, { code: event.code });
      return new Promise((resolve, reject) => {
        socket.onopen = () => resolve();
        socket.onerror = () => reject(new Error("no connection"));
      });
    },

    say: (number, text) => lines.get(number).socket.send(text),

    sayBytes: (number, bytes) => lines.get(number).socket.send(new Uint8Array(bytes)),

    // What came next: {text}, {bytes}, or {code} for the end.
    async hear(number) {
      const line = lines.get(number);
      while (line.news.length === 0) {
        await new Promise((resolve) => (line.listener = resolve));
      }
      return line.news.shift();
    },

    drop(number) {
      const line = lines.get(number);
      line.frame.remove();
      tell(line, { code: 1006 });
    },

    close: (number, code) => lines.get(number).socket.close(code),
  };
})();
