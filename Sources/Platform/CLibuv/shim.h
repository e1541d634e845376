#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

/* What Swift cannot import: variadic functions, and GNU functions that glibc hides. */

extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);

/* Makes uv_metrics_idle_time() count, from which the length of a turn is known. */
static inline int loop_measure_idle_time(uv_loop_t *loop) {
    return uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
}

/* One TCP socket of a SocketTable. In C, because libuv hands back a pointer to `poll` and
   only C promises that the first member stands at the struct's own address. */
struct socket_record {
    uv_poll_t poll;
    int descriptor;
    uint32_t slot;
    uint32_t generation;
    int32_t end_code;
    uint8_t state;
    uint8_t end_reason;
    uint8_t wants_read;
    uint8_t wants_write;
};
