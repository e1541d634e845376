/*
 * The least a fan-out can cost: accept WebSockets, and for every message of one connection
 * call send() once for each of the others.
 *
 * No topics, no people, no limits, no time-outs; a slow reader is dropped. It is what the server
 * is measured against (LoadTests/README.md), never something to run for people.
 *
 *     bare PORT [separate]
 *
 * What arrives in one read goes out in one send() to each connection. With `separate` every
 * message has a send() of its own.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    /* Descriptors a process has at most on the machines we measure on, and some more. */
    MAXIMUM_CONNECTIONS = 65536,
    INPUT_BYTES = 65536,
    /* A frame out is at most as long as its frame in, whose header also holds the mask. */
    OUTPUT_BYTES = INPUT_BYTES,
    EVENTS_PER_TURN = 512,
};

enum state { CLOSED, UPGRADING, OPEN };

static uint8_t states[MAXIMUM_CONNECTIONS];
static int open_connections[MAXIMUM_CONNECTIONS];
static int places[MAXIMUM_CONNECTIONS];
static int open_count;
static uint8_t input[INPUT_BYTES];
static uint8_t output[OUTPUT_BYTES];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void drop(int fd) {
    if (states[fd] == OPEN) {
        int last = open_connections[--open_count];
        open_connections[places[fd]] = last;
        places[last] = places[fd];
    }
    states[fd] = CLOSED;
    close(fd);
}

/* The answer to the opening handshake (RFC 6455 §4.2.2), when the request came in one piece. */
static bool upgrade(int fd, const char *request, size_t length) {
    static const char header[] = "Sec-WebSocket-Key: ";
    const char *found = memmem(request, length, header, sizeof header - 1);
    if (!found || memmem(request, length, "\r\n\r\n", 4) == NULL) return false;
    char text[64];
    const char *key = found + sizeof header - 1;
    if (key + 24 > request + length) return false;
    memcpy(text, key, 24);
    memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA1((const uint8_t *)text, 60, digest);
    char accept[32];
    EVP_EncodeBlock((uint8_t *)accept, digest, sizeof digest);
    char answer[256];
    int count = snprintf(answer, sizeof answer,
                         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    if (send(fd, answer, (size_t)count, MSG_DONTWAIT | MSG_NOSIGNAL) != count) return false;
    states[fd] = OPEN;
    places[fd] = open_count;
    open_connections[open_count++] = fd;
    return true;
}

/* Sends to everybody but the one who spoke. */
static void send_to_others(int sender, const uint8_t *bytes, size_t length) {
    for (int i = open_count - 1; i >= 0; i--) {
        int fd = open_connections[i];
        if (fd == sender) continue;
        ssize_t sent = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent != (ssize_t)length) drop(fd);
    }
}

static void unmask(uint8_t *to, const uint8_t *from, size_t length, const uint8_t mask[4]) {
    for (size_t i = 0; i < length; i++) to[i] = from[i] ^ mask[i & 3];
}

/* Relays the text frames of one read. False for what a relay need not understand: anything but
   whole masked frames of less than 64 KiB. */
static bool relay(int fd, const uint8_t *in, size_t length, bool separate) {
    size_t at = 0, out = 0;
    while (at < length) {
        if (length - at < 6) return false;
        int opcode = in[at] & 15;
        size_t payload = in[at + 1] & 127, header = 2;
        if (payload == 127 || !(in[at + 1] & 128)) return false;
        if (payload == 126) {
            payload = (size_t)in[at + 2] << 8 | in[at + 3];
            header = 4;
        }
        const uint8_t *mask = in + at + header;
        if (length - at < header + 4 + payload) return false;
        if (opcode == 8) return false;
        if (opcode == 1) {
            memcpy(output + out, in + at, header);
            output[out + 1] &= 127;
            unmask(output + out + header, mask + 4, payload, mask);
            out += header + payload;
            if (separate) {
                send_to_others(fd, output, out);
                out = 0;
            }
        }
        at += header + 4 + payload;
    }
    if (out > 0) send_to_others(fd, output, out);
    return true;
}

static void receive(int fd, bool separate) {
    ssize_t count = recv(fd, input, sizeof input, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    bool fine = count > 0;
    if (fine && states[fd] == UPGRADING) fine = upgrade(fd, (char *)input, (size_t)count);
    else if (fine) fine = relay(fd, input, (size_t)count, separate);
    if (!fine) drop(fd);
}

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
    if (listen(fd, 4096) < 0) fail("listen");
    return fd;
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void raise_open_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("setrlimit");
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: bare PORT [separate]\n");
        return 64;
    }
    bool separate = argc > 2 && strcmp(argv[2], "separate") == 0;
    signal(SIGPIPE, SIG_IGN);
    raise_open_files();
    int listener = listen_on(atoi(argv[1])), epoll = epoll_create1(0);
    watch(epoll, listener);
    printf("bare: listening on 127.0.0.1:%s\n", argv[1]);
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS_PER_TURN];
        int count = epoll_wait(epoll, events, EVENTS_PER_TURN, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd != listener) {
                /* Dropped by an earlier event of this turn. */
                if (states[fd] != CLOSED) receive(fd, separate);
                continue;
            }
            int accepted;
            while ((accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                if (accepted >= MAXIMUM_CONNECTIONS) {
                    close(accepted);
                    continue;
                }
                states[accepted] = UPGRADING;
                watch(epoll, accepted);
            }
        }
    }
}
